"""What an engine's process tells its parent: one JSON object a line, checked when it is read.

Solving     the problem is loaded and the engine has begun
Found       something better lies in the directory's files
Done        the engine's outcome; its arrays lie in the directory's files
Refused     the engine raised an error that is the caller's to mend
OutOfMemory the memory limit was reached
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, fields
from types import NoneType

from models.outcome import BoundSource, StopReason

LONGEST_LINE = 64 * 1024
LONGEST_TEXT = 4_000
# A process may send this many bytes at once, and a quarter of it a second: some 2,500 improvements.
ALLOWED_BYTES = 1_000_000

_TYPES: dict[str, tuple[type, ...]] = {
    "bool": (bool,),
    "int": (int,),
    "str": (str,),
    "float | None": (float, NoneType),
}


class EngineFault(Exception):
    """An engine's process died or sent what cannot be true.

    Attributes
    ----------
    advice : what people may do about it, or ""
    retry : whether another attempt may end differently
    output : the last lines that the process printed
    """

    def __init__(self, text: str, advice: str = "", *, retry: bool = True) -> None:
        super().__init__(text)
        self.advice = advice
        self.retry = retry
        self.output = ""


@dataclass(frozen=True)
class _Checked:
    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if type(value) not in _TYPES[str(field.type)] or value != value:
                raise ValueError(f"{field.name} is {value!r:.80}; it must be a {field.type}")


@dataclass(frozen=True)
class Solving(_Checked):
    """The engine has begun; `engine` is its name."""

    engine: str


@dataclass(frozen=True)
class Found(_Checked):
    """Whether a new assignment, new prices and multipliers lie ready, a solver's bound, a word."""

    chosen: bool
    prices: bool
    bound: float | None
    text: str
    multipliers: bool = False


@dataclass(frozen=True)
class Done(_Checked):
    """The outcome, less its arrays."""

    reason: str
    detail: str
    chosen: bool
    prices: bool
    bound: float | None
    bound_source: str
    iterations: int
    multipliers: bool = False
    conflict: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        StopReason(self.reason)
        BoundSource(self.bound_source)
        if self.iterations < 0:
            raise ValueError(f"iterations is {self.iterations}; it must be at least 0")


@dataclass(frozen=True)
class Refused(_Checked):
    """The name of a FairleadError and its text."""

    error: str
    text: str


@dataclass(frozen=True)
class OutOfMemory(_Checked):
    """The engine asked for more memory than it may have."""


Message = Solving | Found | Done | Refused | OutOfMemory
_KINDS = {kind.__name__: kind for kind in (Solving, Found, Done, Refused, OutOfMemory)}


def encode(message: Message) -> bytes:
    """Return a message as a line."""
    content = {
        name: value[:LONGEST_TEXT] if isinstance(value, str) else value
        for name, value in asdict(message).items()
    }
    return json.dumps({"kind": type(message).__name__} | content).encode() + b"\n"


def decode(line: bytes) -> Message:
    """Return the message of a line.

    Raises
    ------
    EngineFault : the line is no message
    """
    try:
        content = json.loads(line)
        kind: type[Message] = _KINDS[content.pop("kind")]
        return kind(**content)
    # Deep nesting ends in a RecursionError, a foreign kind or field in the others.
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        shown = line[:80].decode(errors="backslashreplace")
        raise EngineFault(f"the engine's process sent no message but {shown!r}") from error


class LineReader:
    """Cuts the bytes of a process into messages and notices a flood."""

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._received = 0
        self._rest = b""

    def feed(self, data: bytes) -> list[Message]:
        """Return the messages that end in `data`.

        Raises
        ------
        EngineFault : a line is no message, is too long, or there are too many of them
        """
        self._received += len(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        if max(map(len, (self._rest, *lines))) > LONGEST_LINE:
            raise EngineFault(f"the engine's process sent a line of more than {LONGEST_LINE} bytes")
        if self._received > ALLOWED_BYTES * (1 + (time.monotonic() - self._begun) / 4):
            raise EngineFault(
                f"the engine's process flooded its parent with {self._received} bytes of messages"
            )
        return [decode(line) for line in lines]


def newest(messages: list[Message]) -> list[Message]:
    """Return the messages with all `Found` joined: their files hold the newest arrays only."""
    found = [message for message in messages if isinstance(message, Found)]
    if len(found) < 2:
        return messages
    bounds = [message.bound for message in found if message.bound is not None]
    texts = [message.text for message in found if message.text]
    joined = Found(
        chosen=any(message.chosen for message in found),
        prices=any(message.prices for message in found),
        bound=min(bounds, default=None),
        text=texts[-1] if texts else "",
        multipliers=any(message.multipliers for message in found),
    )
    first = messages.index(found[0])
    others = [message for message in messages if not isinstance(message, Found)]
    return [*others[:first], joined, *others[first:]]

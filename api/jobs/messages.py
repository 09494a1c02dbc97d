"""What a run's process tells its worker: one JSON object a line, checked when it is read.

Told        how far it is
Answered    the answer lies in its directory
Refused     there is none, which is the user's to mend
OutOfMemory the memory limit was reached
"""

from __future__ import annotations

import time
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

LONGEST_TEXT = 100_000
LONGEST_LINE = 4 * LONGEST_TEXT
ALLOWED_BYTES, BYTES_A_SECOND = 1_000_000, 10_000
"""A process may send so many bytes at once, and so many a second: it tells some 300 a second."""


class ChildFault(Exception):
    """A run's process died or sent what cannot be true; another attempt may end otherwise."""


class Message(BaseModel):
    """Base of all messages."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Told(Message):
    """How far a run is, and whether its problem is built."""

    kind: Literal["told"] = "told"
    is_built: bool
    progress: dict[str, Any]


class Answered(Message):
    """The answer, and the plan if there is one, lie in the process's directory."""

    kind: Literal["answered"] = "answered"


class Refused(Message):
    """The name of a FairleadError and its text."""

    kind: Literal["refused"] = "refused"
    error: str
    text: str


class OutOfMemory(Message):
    """The process asked for more memory than it may have."""

    kind: Literal["out_of_memory"] = "out_of_memory"


_MESSAGES: TypeAdapter[Told | Answered | Refused | OutOfMemory] = TypeAdapter(
    Annotated[Told | Answered | Refused | OutOfMemory, Field(discriminator="kind")]
)


def encode(message: Message) -> bytes:
    """Return a message as a line."""
    return message.model_dump_json().encode() + b"\n"


class LineReader:
    """Cuts the bytes of a process into messages and notices a flood."""

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._received = 0
        self._rest = b""

    def feed(self, data: bytes) -> list[Told | Answered | Refused | OutOfMemory]:
        """Return the messages that end in `data`; of progress, only the newest.

        Raises
        ------
        ChildFault : a line is no message, is too long, or there are too many of them
        """
        self._received += len(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        if max(map(len, (self._rest, *lines))) > LONGEST_LINE:
            raise ChildFault(f"the run's process sent a line of more than {LONGEST_LINE} bytes")
        seconds = time.monotonic() - self._begun
        if self._received > ALLOWED_BYTES + BYTES_A_SECOND * seconds:
            raise ChildFault(
                f"the run's process flooded its worker with {self._received} bytes of messages"
            )
        messages = [_decoded(line) for line in lines]
        # Of what was told meanwhile, the newest counts: each telling is a transaction.
        told = [message for message in messages if isinstance(message, Told)]
        newest = told[-1] if told else None
        return [
            message for message in messages if message is newest or not isinstance(message, Told)
        ]


def _decoded(line: bytes) -> Told | Answered | Refused | OutOfMemory:
    try:
        return _MESSAGES.validate_json(line)
    except ValidationError:
        shown = line[:80].decode(errors="backslashreplace")
        raise ChildFault(f"the run's process sent no message but {shown!r}") from None

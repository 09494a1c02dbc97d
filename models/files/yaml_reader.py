"""Reads YAML as YAML 1.2 reads it, with the line of every key, so that faults can name theirs.

YAML 1.1, which PyYAML speaks by default, turns the country code NO into false, 2017-12-31 into a
date and 12:30 into 750. Here only true, false, null and plain decimal numbers are anything but
text; numbers with leading zeros (postal codes) or more than 18 digits (ids) stay text, too.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from models.errors import PolicyError
from models.issues import shown

if TYPE_CHECKING:
    from pathlib import Path

Location = tuple[str | int, ...]
MAX_BYTES = 500_000
MAX_DEPTH = 40
MAX_FAULTS = 1_000


@dataclass(frozen=True)
class YamlDocument:
    """A YAML file as plain Python, and the line of each part.

    Attributes
    ----------
    source : name of the file, for messages
    text : the file as it was read
    data : dicts, lists, strings, numbers, booleans, None
    lines : 1-based line by location, as ("capacity", 0, "measure")
    is_data : whether it came as data, so that its author knows no lines
    """

    source: str
    text: str
    data: Any
    lines: dict[Location, int] = field(repr=False)
    is_data: bool = False

    def line(self, location: Location) -> int:
        """Return the line of a location, or of the nearest part around it."""
        while location and location not in self.lines:
            location = location[:-1]
        return self.lines.get(location, 1)

    def place(self, location: Location) -> str:
        """Return where a location is: its line, or of data the entry of a list, as `entry 1 of
        changes`; empty outside of lists.
        """
        if not self.is_data:
            return f"line {self.line(location)}"
        while location and not isinstance(location[-1], int):
            location = location[:-1]
        if not location:
            return ""
        number = int(location[-1]) + 1
        return f"entry {number} of {'.'.join(str(part) for part in location[:-1])}"


class Loader(yaml.SafeLoader):
    """Resolves scalars by the core schema of YAML 1.2, but for numbers that look like ids."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Return the next part; aliases and tags are refused where they stand."""
        event = self.peek_event()  # type: ignore[no-untyped-call]
        problem = ""
        if isinstance(event, yaml.AliasEvent):
            problem = "aliases (*name) are not allowed; repeat the part"
        elif event.tag is not None:
            problem = "tags (!name) are not allowed; write the plain value"
        if problem:
            raise yaml.composer.ComposerError(None, None, problem, event.start_mark)
        return super().compose_node(parent, index)


_TAG = "tag:yaml.org,2002:"
for _name, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", "~nN"),
    ("int", r"[-+]?(0|[1-9][0-9]{0,17})", "-+0123456789"),
    (
        "float",
        r"[-+]?((0|[1-9][0-9]*)(\.[0-9]*([eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+)"
        r"|\.[0-9]+([eE][-+]?[0-9]+)?)",
        "-+.0123456789",
    ),
):
    _firsts = [*_first, ""] if _name == "null" else list(_first)
    Loader.add_implicit_resolver(_TAG + _name, re.compile(rf"^(?:{_pattern})$"), _firsts)


def read_yaml(path: Path) -> YamlDocument:
    """Return the document of a YAML file.

    Raises
    ------
    PolicyError : the file is missing, too large, not UTF-8 or not YAML; the text names the line
    """
    try:
        if not path.is_file():
            reason = "it is not a file" if path.exists() else "there is no such file"
            raise PolicyError(str(path), [f"the file cannot be read: {reason}"])
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise PolicyError(str(path), [f"the file cannot be read: {error.strerror}"]) from None
    if len(data) > MAX_BYTES:
        raise PolicyError(path.name, [f"the file is over {MAX_BYTES:,} bytes"])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = 1 + data.count(b"\n", 0, error.start)
        fault = f"line {line}: the text is not UTF-8; save the file as UTF-8"
        raise PolicyError(path.name, [fault]) from None
    return parse_yaml(text, path.name)


def parse_yaml(text: str, source: str = "policy") -> YamlDocument:
    """Return the document of YAML text.

    Raises
    ------
    PolicyError : not YAML, a key used twice, an alias (they can hide an endless document), a tag
    """
    loader = None
    try:
        loader = Loader(text)
        node = loader.get_single_node()
    except yaml.reader.ReaderError as error:
        line = 1 + text.count("\n", 0, error.position)
        sign = f"U+{ord(text[error.position]):04X}"
        fault = f"line {line}: not YAML: the character {sign} is not allowed"
        raise PolicyError(source, [fault]) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        reason = ", ".join(part for part in (error.context, error.problem) if part)
        raise PolicyError(source, [f"line {line}: not YAML: {reason}"]) from None
    except RecursionError:
        raise PolicyError(source, ["the file is nested too deeply"]) from None
    except (ValueError, OverflowError):
        # What the library does not look at: a sign beyond Unicode, a version of many digits.
        line = 1 if loader is None else loader.get_mark().line + 1
        fault = f"line {line}: not YAML: it names a sign or a number that there is not"
        raise PolicyError(source, [fault]) from None
    builder = _Builder()
    data = builder.build(node, ()) if node is not None else None
    if builder.faults:
        raise PolicyError(source, builder.faults)
    return YamlDocument(source, text, data, builder.lines)


class _Builder:
    """Makes plain Python of composed nodes, and notes their lines and faults."""

    def __init__(self) -> None:
        self.lines: dict[Location, int] = {}
        self.faults: list[str] = []

    def build(self, node: yaml.Node, location: Location) -> Any:
        """Return the data of a node; None where it has a fault."""
        self.lines.setdefault(location, node.start_mark.line + 1)
        if len(location) > MAX_DEPTH:
            return self._fault(node, f"nested more than {MAX_DEPTH} deep")
        if isinstance(node, yaml.SequenceNode):
            return [self.build(part, (*location, at)) for at, part in enumerate(node.value)]
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, location)
        return self._scalar(node)

    def _fault(self, node: yaml.Node, text: str) -> None:
        if len(self.faults) < MAX_FAULTS:
            self.faults.append(f"line {node.start_mark.line + 1}: {text}")

    def _mapping(self, node: yaml.MappingNode, location: Location) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._fault(key_node, "a key must be a word")
                continue
            key = self._text(key_node)
            if key in mapping:
                self._fault(key_node, f"{shown(key)} stands twice; remove one of them")
                continue
            self.lines[(*location, key)] = key_node.start_mark.line + 1
            mapping[key] = self.build(value_node, (*location, key))
        return mapping

    def _text(self, node: yaml.Node) -> str:
        """Return a text; two escapes that are one character together, as in JSON, become it."""
        try:
            whole: str = node.value.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
        except UnicodeDecodeError:
            self._fault(node, f"{shown(node.value)} has half a character; write whole ones")
            return ""
        return whole

    def _scalar(self, node: yaml.Node) -> Any:
        kind, text = node.tag.removeprefix(_TAG), node.value
        if kind == "str":
            return self._text(node)
        if kind == "null":
            return None
        if kind == "bool":
            return text.lower() == "true"
        number = int(text) if kind == "int" else float(text)
        return number if math.isfinite(number) else self._fault(node, "the number is too large")

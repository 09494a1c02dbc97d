"""Reads YAML as YAML 1.2 reads it, with the line of every key, so that faults can name theirs.

YAML 1.1, which PyYAML speaks by default, turns the country code NO into false, 2017-12-31 into a
date and 12:30 into 750. Here only true, false, null and plain numbers are anything but text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from models.errors import PolicyError

if TYPE_CHECKING:
    from pathlib import Path

Location = tuple[str | int, ...]
MAX_BYTES = 4_000_000
MAX_DEPTH = 40


@dataclass(frozen=True)
class YamlDocument:
    """A YAML file as plain Python, and the line of each part.

    Attributes
    ----------
    source : name of the file, for messages
    text : the file as it was read
    data : dicts, lists, strings, numbers, booleans, None
    lines : 1-based line by location, as ("capacity", 0, "measure")
    """

    source: str
    text: str
    data: Any
    lines: dict[Location, int] = field(repr=False)

    def line(self, location: Location) -> int:
        """Return the line of a location, or of the nearest part around it."""
        while location and location not in self.lines:
            location = location[:-1]
        return self.lines.get(location, 1)


class _Loader(yaml.SafeLoader):
    """Resolves scalars by the core schema of YAML 1.2."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012


_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(true|false)$"), list("tf"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(~|null|)$"), ["~", "n", ""])
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"^[-+]?(0|[1-9][0-9]*)$"), list("-+0123456789")
)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?((0|[1-9][0-9]*)\.[0-9]*|\.[0-9]+|[1-9][0-9]*(?=[eE]))([eE][-+]?[0-9]+)?$"),
    list("-+0123456789."),
)


def read_yaml(path: Path) -> YamlDocument:
    """Return the document of a YAML file.

    Raises
    ------
    PolicyError : the file is missing, too large, not UTF-8 or not YAML; the text names the line
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise PolicyError(path.name, [f"the file is over {MAX_BYTES:,} bytes"])
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise PolicyError(path.name, ["the file is not UTF-8; save it as UTF-8"]) from None
    except OSError as error:
        raise PolicyError(str(path), [f"the file cannot be read: {error.strerror}"]) from None
    return parse_yaml(text, path.name)


def parse_yaml(text: str, source: str = "policy") -> YamlDocument:
    """Return the document of YAML text.

    Raises
    ------
    PolicyError : not YAML, a key used twice, an alias (they can hide an endless document)
    """
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise PolicyError(source, [f"line {line}: not YAML: {error.problem}"]) from None
    except yaml.YAMLError as error:
        raise PolicyError(source, [f"not YAML: {str(error).splitlines()[0]}"]) from None
    except RecursionError:
        raise PolicyError(source, ["the file is nested too deeply"]) from None
    builder = _Builder(loader, source)
    data = builder.build(node, ()) if node is not None else None
    if builder.faults:
        raise PolicyError(source, builder.faults)
    return YamlDocument(source, text, data, builder.lines)


class _Builder:
    def __init__(self, loader: _Loader, source: str) -> None:
        self.loader, self.source = loader, source
        self.lines: dict[Location, int] = {}
        self.faults: list[str] = []
        self._seen: set[int] = set()

    def build(self, node: yaml.Node, location: Location) -> Any:
        line = node.start_mark.line + 1
        self.lines.setdefault(location, line)
        if id(node) in self._seen:
            self.faults.append(f"line {line}: aliases (*name) are not allowed; repeat the part")
            return None
        if len(location) > MAX_DEPTH:
            self.faults.append(f"line {line}: nested more than {MAX_DEPTH} deep")
            return None
        self._seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            return [self.build(part, (*location, at)) for at, part in enumerate(node.value)]
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, location)
        return self._scalar(node)

    def _mapping(self, node: yaml.MappingNode, location: Location) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self.faults.append(f"line {line}: a key must be a word")
                continue
            key = key_node.value
            if key in mapping:
                self.faults.append(f"line {line}: {key!r} stands twice; remove one of them")
                continue
            self.lines[(*location, key)] = line
            mapping[key] = self.build(value_node, (*location, key))
        return mapping

    def _scalar(self, node: yaml.Node) -> Any:
        try:
            return self.loader.construct_object(node)
        except (yaml.YAMLError, ValueError) as error:
            line = node.start_mark.line + 1
            self.faults.append(f"line {line}: {str(error).splitlines()[0]}")
            return None

"""Reads parts of a YAML document as records; every fault is collected, with its line."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar, get_args

from pydantic import BaseModel, RootModel, ValidationError

from models.errors import PolicyError
from models.issues import shown
from models.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pydantic_core import ErrorDetails

    from models.files.yaml_reader import Location, YamlDocument

Record = TypeVar("Record", bound=BaseModel)
PAIRS = "must be `name: value` pairs"
ALLOWED = {
    "string_type": "must be text",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "tuple_type": "must be a list",
    "dict_type": PAIRS,
    "model_type": PAIRS,
    "too_short": "must not be empty",
    "too_few": "must have at least {min_length}",
    "string_too_short": "must not be empty",
    "greater_than": "must be above {gt:g}",
    "greater_than_equal": "must be at least {ge:g}",
    "less_than_equal": "must be at most {le:g}",
    "enum": "must be {expected}",
    "literal_error": "must be {expected}",
    "value_error": "{error}",
}
"""What pydantic finds, in the words of an author of such files."""


@contextmanager
def faults_as(kind: type[PolicyError]) -> Iterator[None]:
    """Raise what is wrong with a YAML file as an error of the kind of file that it should be."""
    try:
        yield
    except PolicyError as error:
        raise kind(error.source, error.faults) from None


class RecordReader:
    """Reads one document.

    Parameters
    ----------
    document : the file
    root : what the whole is called

    Attributes
    ----------
    faults : what is wrong with it: sentences with line, what was got, what is allowed
    """

    def __init__(self, document: YamlDocument, root: str) -> None:
        self.document, self._root = document, root
        self.faults: list[str] = []

    def list_of(self, entries: Any, location: Location) -> list[Any]:
        """Return the entries of a list; none where there is no list."""
        if entries is None:
            return []
        if not isinstance(entries, list):
            self.fault(location, entries, "must be a list, each entry after a dash")
            return []
        return entries

    def record(self, kind: type[Record], data: Any, location: Location) -> Record | None:
        """Return data as a record of a kind; None where it has faults, which are noted."""
        try:
            return kind.model_validate({} if data is None else data)
        except ValidationError as error:
            for found in error.errors(include_url=False):
                self._explain(kind, found, location)
            return None

    def _explain(self, kind: type[BaseModel], found: ErrorDetails, location: Location) -> None:
        """Report what pydantic found."""
        # Tags of unions, and the number of what stands alone, are in its path, but not in the file.
        here = location
        for part in found["loc"]:
            if (*here, part) in self.document.lines:
                here = (*here, part)
        if found["type"] == "extra_forbidden":
            keys = _keys(_record_at(kind, found["loc"][:-1]))
            key = str(found["loc"][-1])
            self.add(here, unknown(f"{self.named(here[:-1])}: unknown key {key!r}", key, keys))
        elif found["type"] == "missing":
            self.add(here, f"{self.named(here)}: the key {str(found['loc'][-1])!r} is missing")
        else:
            context = found.get("ctx", {})
            needs_several = found["type"] == "too_short" and context["min_length"] > 1
            allowed = ALLOWED.get("too_few" if needs_several else found["type"])
            allowed = allowed.format(**context) if allowed else found["msg"]
            self.fault(here, found["input"], allowed)

    def fault(self, location: Location, got: Any, allowed: str) -> None:
        """Note what was got in place of what is allowed."""
        self.add(location, f"{self.named(location)}: got {shown(got)}; {allowed}")

    def add(self, location: Location, text: str) -> None:
        """Note a fault, with its place."""
        place = self.document.place(location)
        self.faults.append(f"{place}: {text}" if place else text)

    def named(self, location: Location) -> str:
        """Return the name of a part in words; its place tells which entry of a list is meant."""
        return ".".join(part for part in location if isinstance(part, str)) or self._root


def unknown(fault: str, name: str, known: Iterable[str]) -> str:
    """Return a fault with the nearest of the known names, and all of them."""
    near = nearest(name, known)
    return f"{fault}; {f'the nearest is {near!r}; ' if near else ''}known are {', '.join(known)}"


def _keys(kind: type[BaseModel]) -> list[str]:
    return [f.alias or name for name, f in kind.model_fields.items() if not f.exclude]


def _record_at(kind: type[BaseModel], path: tuple[int | str, ...]) -> type[BaseModel]:
    """Return the record at a path inside a record."""
    for part in path:
        if part in kind.model_fields:
            kind = _record_in(kind.model_fields[str(part)].annotation) or kind
    return kind


def _record_in(annotation: Any) -> type[BaseModel] | None:
    """Return the record that a type is, or is made of."""
    if isinstance(annotation, type) and issubclass(annotation, RootModel):
        return _record_in(annotation.model_fields["root"].annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_record_in, get_args(annotation))), None)

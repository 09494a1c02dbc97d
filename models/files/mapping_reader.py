"""Reads mapping files; every fault is reported with its line and the nearest valid name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel, RootModel, ValidationError

from models.errors import InputError, PolicyError
from models.files.importing.checks import mapping_faults
from models.files.mapping import Mapping
from models.files.yaml_reader import Location, YamlDocument, parse_yaml, read_yaml
from models.issues import IssueLog, shown
from models.nearest import nearest_advice

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic_core import ErrorDetails


def read_mapping(path: Path) -> Mapping:
    """Return the mapping of a file.

    Raises
    ------
    InputError : with every fault, each as an issue `bad_mapping` that names its line
    """
    try:
        return parse_mapping(read_yaml(path))
    except PolicyError as error:
        raise _not_yaml(error) from None


def mapping_from_text(text: str, source: str = "mapping") -> Mapping:
    """Return the mapping of YAML text; raises InputError as `read_mapping` does."""
    try:
        return parse_mapping(parse_yaml(text, source))
    except PolicyError as error:
        raise _not_yaml(error) from None


def parse_mapping(document: YamlDocument) -> Mapping:
    """Return the mapping of a YAML document; raises InputError as `read_mapping` does."""
    faults = _Faults(document)
    try:
        mapping = Mapping.model_validate(document.data)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            faults.explain(detail)
        raise _unusable(document.source, faults.issues) from None
    for fault in mapping_faults(mapping):
        faults.add(fault.location, fault.got, fault.allowed, fault.fix)
    if faults.issues.issues:
        raise _unusable(document.source, faults.issues)
    return mapping


class _Faults:
    """Collects faults as issues, at their place in the file."""

    def __init__(self, document: YamlDocument) -> None:
        self.document, self.issues = document, IssueLog()

    def add(self, location: Location, got: str, allowed: str, fix: str = "") -> None:
        """Report a fault at the innermost part of its location that the file has.

        The number of a part that stands alone is in a location, but not in the file.
        """
        written: Location = ()
        for part in location:
            if (*written, part) in self.document.lines:
                written = (*written, part)
        self.issues.add(
            "bad_mapping",
            self.document.source,
            line=self.document.line(written),
            column=".".join(map(str, written)),
            got=got,
            allowed=allowed,
            fix=fix,
        )

    def explain(self, detail: ErrorDetails) -> None:
        """Report what pydantic found."""
        location = detail["loc"]
        if detail["type"] == "extra_forbidden":
            key = str(location[-1])
            known = _known_keys(location[:-1])
            allowed = ", ".join(known)
            self.add(location, f"the unknown key {key!r}", allowed, nearest_advice(key, known))
        elif detail["type"] == "missing":
            self.add(location, "nothing", f"the key {str(location[-1])!r}")
        else:
            message = detail["msg"].removeprefix("Value error, ")
            self.add(location, shown(detail["input"]), message)


def _known_keys(location: Location) -> list[str]:
    """Return the keys that the record at a location knows."""
    model: type[BaseModel] = Mapping
    for part in location:
        if part in model.model_fields:
            model = _record_in(model.model_fields[str(part)].annotation) or model
    return [field.alias or name for name, field in model.model_fields.items()]


def _record_in(annotation: Any) -> type[BaseModel] | None:
    """Return the record that a type is, or is a collection of."""
    if isinstance(annotation, type) and issubclass(annotation, RootModel):
        return _record_in(annotation.model_fields["root"].annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_record_in(part) for part in get_args(annotation))
    return next((record for record in found if record), None)


def _not_yaml(error: PolicyError) -> InputError:
    issues = IssueLog()
    for fault in error.faults:
        issues.add("bad_mapping", error.source, got=fault)
    return _unusable(error.source, issues)


def _unusable(source: str, issues: IssueLog) -> InputError:
    noun = "fault" if len(issues) == 1 else "faults"
    return InputError(f"{source} cannot be used as a mapping: {len(issues)} {noun}", issues)

"""Reads a company directory: snapshot.yaml and its tables."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from models.columns import TABLES
from models.errors import InputError, PolicyError
from models.files.table_reader import SUFFIXES, find_table, read_table
from models.files.yaml_reader import YamlDocument, read_yaml
from models.issues import IssueLog, shown
from models.nearest import nearest, nearest_advice
from models.snapshot import LAST_YEAR, Snapshot, SnapshotHeader
from models.validation.validate import validate

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from models.raw_table import RawTable

HEADER_FILE = "snapshot.yaml"
AT_LINE = re.compile(r"line (\d+): (.*)", re.DOTALL)
HEADER_ADVICE = {
    "schema": "Write `schema: 1`.",
    "as_of": "Write the moment of the export with its offset, as `as_of: 2026-11-21T00:00:00Z`.",
    "timezone": "Write an IANA name, as `timezone: Europe/Berlin`.",
    "currency": "Write three capitals (ISO 4217), as `currency: USD`.",
    "keep": "Write a list of columns per table, as `keep: {leads: [segment, tier]}`.",
}
TABLE_LIKE = (*SUFFIXES, ".tsv", ".txt", ".json", ".xls", ".xlsx", ".gz", ".zip")
NEED_HEADER = (
    *("date_after_as_of", "stale_table", "expired_pin", "currency_mixed", "unclear_time"),
    "unused_column",
)
"""What cannot be judged without a header; everything else can."""


def read_snapshot(
    directory: Path, *, keep: Mapping[str, Collection[str]] | None = None
) -> Snapshot:
    """Return the snapshot of a company directory.

    Parameters
    ----------
    keep : further columns to keep, per table: those a policy names

    Raises
    ------
    InputError : with every fault found, if an error blocks the snapshot
    """
    issues = IssueLog()
    snapshot = validate_directory(directory, issues, keep=keep)
    if snapshot is None:
        count = len(issues.errors())
        noun = "error" if count == 1 else "errors"
        raise InputError(f"{directory} cannot be planned: {count} {noun}", issues)
    return snapshot


def validate_directory(
    directory: Path,
    issues: IssueLog,
    *,
    keep: Mapping[str, Collection[str]] | None = None,
) -> Snapshot | None:
    """Return the snapshot of a company directory, or None; `issues` gets every fault."""
    try:
        if not directory.is_dir():
            issues.add("file_missing", str(directory), got="no such directory")
            return None
        _report_similar_files(directory, issues)
        header = read_header(directory, issues)
        raw_tables = _read_tables(directory, issues)
    except OSError as error:
        issues.add("unreadable_file", str(directory), got=error.strerror or str(error))
        return None
    if header is not None:
        return validate(raw_tables, header, issues, keep=keep)
    _validate_without_header(raw_tables, issues)
    return None


def read_header(directory: Path, issues: IssueLog) -> SnapshotHeader | None:
    """Return what snapshot.yaml says; None if it cannot be used."""
    path = directory / HEADER_FILE
    if not path.exists():
        other = directory / "snapshot.yml"
        advice = "Write it with schema, as_of, timezone and currency."
        advice = f"Rename {other.name}." if other.exists() else advice
        issues.add("file_missing", HEADER_FILE, fix=advice)
        return None
    try:
        document = read_yaml(path)
    except PolicyError as error:
        for fault in error.faults:
            match = AT_LINE.fullmatch(fault)
            line, got = (int(match[1]), match[2]) if match else (None, fault)
            issues.add("bad_snapshot_file", HEADER_FILE, line=line, got=got)
        return None
    try:
        return SnapshotHeader.model_validate(document.data)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            _report_header_fault(dict(detail), document, issues)
        return None


def _report_header_fault(fault: dict[str, Any], document: YamlDocument, issues: IssueLog) -> None:
    location = tuple(fault["loc"])
    name = str(location[0]) if location else ""
    got, allowed, advice = shown(fault["input"]), fault["msg"], HEADER_ADVICE.get(name, "")
    if fault["type"] == "missing":
        got, allowed = "nothing", "a value"
    elif fault["type"] == "extra_forbidden" and len(location) == 1:
        got, allowed = f"the unknown key {shown(name)}", ", ".join(HEADER_ADVICE)
        advice = nearest_advice(name, HEADER_ADVICE) or "Remove it."
    issues.add(
        "bad_snapshot_file",
        HEADER_FILE,
        line=document.line(location),
        column=".".join(map(str, location)),
        got=got,
        allowed=allowed.removeprefix("Value error, "),
        fix=advice,
    )


def _read_tables(directory: Path, issues: IssueLog) -> dict[str, RawTable]:
    paths = {name: find_table(directory, name, issues) for name in TABLES}
    found = {name: read_table(path, name, issues) for name, path in paths.items() if path}
    return {name: table for name, table in found.items() if table is not None}


def _report_similar_files(directory: Path, issues: IssueLog) -> None:
    """Warn of files that look like tables but are not read: they may hold absences, or pins."""
    read = {f"{name}{suffix}" for name in TABLES for suffix in SUFFIXES}
    for path in sorted(directory.iterdir()):
        if path.name not in read and path.suffix.lower() in TABLE_LIKE:
            near = nearest(path.stem, TABLES, cutoff=0.8)
            if near:
                issues.add("similar_file", near, got=shown(path.name))


def _validate_without_header(raw_tables: Mapping[str, RawTable], issues: IssueLog) -> None:
    """Report the faults of tables that do not depend on the header."""
    stand_in = SnapshotHeader(as_of=datetime(LAST_YEAR, 12, 31, tzinfo=UTC), currency="XXX")
    found = IssueLog()
    validate(raw_tables, stand_in, found)
    issues.extend(IssueLog([issue for issue in found if issue.code not in NEED_HEADER]))

"""Applies a mapping to the files of a CRM's export: the import."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING

from models.columns import REQUIRED_TABLES, TABLES
from models.errors import InputError, UsageError
from models.files.csv_writer import write_csv
from models.files.directories import replaced_directory
from models.files.importing.similar_values import report_similar_values
from models.files.importing.sources import read_sources
from models.files.importing.tables import TableMaker
from models.files.snapshot_files import HEADER_FILE
from models.files.table_reader import SUFFIXES
from models.issues import IssueLog
from models.snapshot import FIRST_YEAR, LAST_YEAR, SnapshotHeader
from models.validation.validate import validate

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from models.files.mapping import Mapping
    from models.raw_table import RawTable
    from models.snapshot import Snapshot

ISSUES_FILE = "issues.csv"
OWN_FILES = frozenset(
    {HEADER_FILE, ISSUES_FILE, *(f"{name}{suffix}" for name in TABLES for suffix in SUFFIXES)}
)
"""What an import writes or replaces in a company directory."""


@dataclass(frozen=True, eq=False)
class ImportResult:
    """What an import made of the sources.

    Attributes
    ----------
    tables : by name, all cells text, each record with the source's file and line
    header : what snapshot.yaml will say
    issues : what the import and the validation of its tables found
    complete : whether the import itself went without an error, so that no record is missing
    snapshot : the validated tables, or None where an error blocks planning
    files : the sources that were read
    """

    tables: dict[str, RawTable]
    header: SnapshotHeader
    issues: IssueLog = field(repr=False)
    complete: bool
    snapshot: Snapshot | None
    files: tuple[Path, ...]


def import_tables(
    mapping: Mapping, sources: Sequence[Path], *, as_of: datetime | None = None
) -> ImportResult:
    """Return the tables that a mapping makes of a CRM's export; faults of the files are issues.

    Parameters
    ----------
    sources : files, or folders of files; the mapping names those it uses
    as_of : when the sources were true; the mapping's own as_of without it

    Raises
    ------
    UsageError : there is no as-of time, or it is no moment a snapshot can have
    """
    header = _header(mapping, as_of)
    issues = IssueLog()
    files = read_sources(mapping, sources, issues)
    tables = TableMaker(mapping, files, issues).tables()
    report_similar_values(tables, mapping.confirmed_values(), issues)
    complete = not issues.errors()
    readable = set(REQUIRED_TABLES) <= set(tables)
    snapshot = validate(tables, header, issues) if readable else None
    return ImportResult(tables, header, issues, complete, snapshot, tuple(files.paths.values()))


def write_tables(result: ImportResult, directory: Path) -> None:
    """Write a company directory: snapshot.yaml, the tables as CSV, and issues.csv.

    The directory is replaced as a whole; what it holds besides, such as a policy, stays. Tables
    that validation objects to are written too, since they say what the sources say: issues.csv
    tells why they cannot be planned.

    Raises
    ------
    InputError : the import is not complete; nothing is written
    UsageError : the directory holds something else, or one of the sources
    OSError : the disk is full, or the place is not writable; the directory is as it was
    """
    if not result.complete:
        count = len(result.issues.errors())
        noun = "error" if count == 1 else "errors"
        raise InputError(f"nothing was imported: {count} {noun}", result.issues)
    _check_place(directory, result.files)
    with replaced_directory(directory, keeps=lambda name: name not in OWN_FILES) as new:
        (new / HEADER_FILE).write_text(_header_text(result.header), encoding="utf-8", newline="\n")
        for name, table in result.tables.items():
            write_csv(table.frame, new / f"{name}.csv")
        write_csv(result.issues.to_frame(), new / ISSUES_FILE, defuse=True)


def _header(mapping: Mapping, as_of: datetime | None) -> SnapshotHeader:
    rules = mapping.snapshot
    moment = as_of or rules.as_of
    if moment is None:
        raise UsageError("there is no as-of time; give --as-of, or `as_of` in the mapping")
    if moment.tzinfo is None or not FIRST_YEAR < moment.year < LAST_YEAR:
        raise UsageError(
            f"as_of is {moment}; write it with its time zone, as 2026-11-21T18:00:00Z, in the "
            f"years {FIRST_YEAR} to {LAST_YEAR}"
        )
    keep = {
        name: tuple(dict.fromkeys(column for part in parts for column in part.keep))
        for name in TABLES
        if (parts := getattr(mapping.tables, name)) and any(part.keep for part in parts)
    }
    return SnapshotHeader(
        schema=1, as_of=moment, timezone=rules.timezone, currency=rules.currency, keep=keep
    )


def _header_text(header: SnapshotHeader) -> str:
    """Return snapshot.yaml; quoted text is the same in YAML as in JSON."""
    as_of = header.as_of.astimezone(UTC).isoformat().replace("+00:00", "Z")
    lines = [
        f"schema: {header.schema_version}",
        f"as_of: {as_of}",
        f"timezone: {header.timezone}",
        f"currency: {header.currency}",
    ]
    if header.keep:
        lines.append("keep:")
        lines += [f"  {name}: {json.dumps(columns)}" for name, columns in header.keep.items()]
    return "\n".join(lines) + "\n"


def _check_place(directory: Path, files: Sequence[Path]) -> None:
    """Raise UsageError unless a company directory may be written there."""
    if directory.exists() and not directory.is_dir():
        raise UsageError(f"{directory} is a file; name a directory")
    if not directory.exists():
        return
    entries = {entry.name for entry in directory.iterdir()}
    if entries and HEADER_FILE not in entries:
        raise UsageError(
            f"{directory} is not empty and holds no {HEADER_FILE}; name a new directory, or one "
            "that an import has made"
        )
    for file in files:
        if file.resolve().parent == directory.resolve() and file.name in OWN_FILES:
            raise UsageError(f"{directory} holds the source {file.name}; name another directory")

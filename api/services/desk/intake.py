"""Reads tables that were sent, and writes them as they are kept: names and contacts apart."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from api.services.desk.people import write_people
from api.services.desk.tokens import tokenised
from api.store.files import PEOPLE_FILE
from models.columns import TABLES
from models.errors import InputError
from models.files.importer import import_tables, write_tables
from models.files.kept_tables import keep_tables, read_kept_tables
from models.files.mapping_reader import read_mapping
from models.files.snapshot_files import validate_directory
from models.issues import IssueLog
from models.validation.validate import snapshot_from_frames

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from models.snapshot import Snapshot


@dataclass(frozen=True)
class Taken:
    """What tables hold, and the files that keep them.

    Attributes
    ----------
    content_hash : of what is kept, with tokens: two companies that differ in names only have one
    rows : per table; issues : how many of each code
    """

    as_of: datetime
    timezone: str
    currency: str
    content_hash: str
    rows: dict[str, int]
    issues: dict[str, int]
    files: tuple[Path, ...]


def take_tables(sent: Path, kept: Path) -> Taken:
    """Read a company directory and write what is kept of it.

    Parameters
    ----------
    sent : snapshot.yaml and tables, CSV or Parquet
    kept : an empty directory

    Raises
    ------
    InputError : with every fault
    """
    issues = IssueLog()
    snapshot = validate_directory(sent, issues)
    if snapshot is None:
        raise InputError(f"the tables cannot be used: {_errors(issues)}", issues)
    return _keep(snapshot, kept)


def take_export(sent: Path, mapping: Path, made: Path, kept: Path, as_of: datetime | None) -> Taken:
    """Import a CRM's export and write what is kept of it.

    Parameters
    ----------
    sent : the folder of the export's files
    made : a directory that is not there yet, for the imported tables
    kept : an empty directory

    Raises
    ------
    InputError : with every fault, of the mapping or the files
    UsageError : there is no as-of time
    """
    result = import_tables(read_mapping(mapping), [sent], as_of=as_of)
    if not result.complete or result.snapshot is None:
        raise InputError(f"the export cannot be used: {_errors(result.issues)}", result.issues)
    write_tables(result, made)
    issues = IssueLog()
    snapshot = validate_directory(made, issues)
    if snapshot is None:
        raise InputError(f"the export cannot be used: {_errors(issues)}", issues)
    return _keep(snapshot, kept)


def _keep(snapshot: Snapshot, kept: Path) -> Taken:
    header = snapshot.header
    masked = replace(snapshot, tables=tokenised(snapshot.tables))
    made = snapshot_from_frames(masked.as_given(), header)
    # Of the tables as they were sent: these tell the lines that people know.
    keep_tables(replace(made, issues=snapshot.issues), kept)
    write_people(snapshot.tables, kept / PEOPLE_FILE)
    if read_kept_tables(kept).content_hash != made.content_hash:
        raise RuntimeError("the tables that were kept are others when they are read again")
    return Taken(
        as_of=header.as_of,
        timezone=header.timezone,
        currency=header.currency,
        content_hash=made.content_hash,
        rows={name: len(snapshot.tables[name]) for name in TABLES},
        issues=dict(Counter(issue.code for issue in snapshot.issues)),
        files=tuple(sorted(kept.iterdir())),
    )


def _errors(issues: IssueLog) -> str:
    count = len(issues.errors())
    return f"{count} error{'' if count == 1 else 's'}"


def issue_records(issues: IssueLog, most: int) -> list[dict[str, Any]]:
    """Return the first issues as records."""
    return [
        {
            name: getattr(issue, name)
            for name in (
                *("code", "severity", "table", "line", "column", "got", "allowed", "fix"),
                *("record", "count", "source"),
            )
        }
        for issue in issues.issues[:most]
    ]

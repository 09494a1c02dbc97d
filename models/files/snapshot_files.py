"""Reads a company directory: snapshot.yaml and its tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from models.columns import REQUIRED_TABLES, TABLES
from models.errors import InputError, PolicyError
from models.files.table_reader import find_table, read_table
from models.files.yaml_reader import read_yaml
from models.issues import IssueLog
from models.snapshot import Snapshot, SnapshotHeader
from models.validation.validate import validate

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

HEADER_FILE = "snapshot.yaml"


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
    if not directory.is_dir():
        issues.add("file_missing", str(directory), got="no such directory")
        return None
    header = read_header(directory, issues)
    raw_tables = {}
    for name in TABLES:
        path = find_table(directory, name, issues)
        if path is not None:
            raw = read_table(path, name, issues)
            if raw is not None:
                raw_tables[name] = raw
        elif name in REQUIRED_TABLES and not _was_reported(issues, name):
            issues.add("file_missing", name, got=f"neither {name}.csv nor {name}.parquet")
    if header is None:
        return None
    return validate(raw_tables, header, issues, keep=keep)


def read_header(directory: Path, issues: IssueLog) -> SnapshotHeader | None:
    """Return what snapshot.yaml says; None if it cannot be used."""
    path = directory / HEADER_FILE
    if not path.exists():
        issues.add("file_missing", HEADER_FILE, fix="Write schema, as_of, timezone and currency.")
        return None
    try:
        document = read_yaml(path)
        return SnapshotHeader.model_validate(document.data)
    except PolicyError as error:
        for fault in error.faults:
            issues.add("bad_snapshot_file", HEADER_FILE, got=fault)
    except ValidationError as error:
        for fault in error.errors(include_url=False):
            where = ".".join(str(part) for part in fault["loc"])
            line = document.line(tuple(fault["loc"]))
            issues.add(
                "bad_snapshot_file",
                HEADER_FILE,
                line=line,
                column=where,
                got=repr(fault["input"])[:80],
                allowed=fault["msg"],
            )
    return None


def _was_reported(issues: IssueLog, table: str) -> bool:
    return any(issue.table == table for issue in issues)

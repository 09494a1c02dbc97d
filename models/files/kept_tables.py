"""Keeps a validated snapshot in files, and reads it again as it was, without a second validation.

The directory is a company's, too; beside the tables stands what only validation finds out.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from models.columns import TABLES
from models.errors import InputError
from models.files.own_parquet import read_frame
from models.files.snapshot_files import HEADER_FILE
from models.issues import COLUMNS, Issue, IssueLog
from models.snapshot import Snapshot, SnapshotHeader, empty_column

if TYPE_CHECKING:
    from pathlib import Path

DUPLICATES, ISSUES = "duplicates", "issues"
ISSUES_FILE = f"{ISSUES}.parquet"
OF_ISSUES = [name for name in COLUMNS if name != "severity"]


def keep_tables(snapshot: Snapshot, directory: Path) -> None:
    """Write a snapshot into a directory that is there and empty."""
    header = snapshot.header.model_dump_json(by_alias=True)
    (directory / HEADER_FILE).write_text(header, encoding="utf-8")
    frames = snapshot.as_given()
    frames[DUPLICATES] = pd.DataFrame({DUPLICATES: snapshot.duplicates})
    frames[ISSUES] = snapshot.issues.to_frame()
    for name, frame in frames.items():
        frame.to_parquet(directory / f"{name}.parquet", index=False)


def read_kept_tables(directory: Path) -> Snapshot:
    """Return a snapshot that `keep_tables` wrote.

    Raises
    ------
    InputError : a file is missing or damaged
    """
    try:
        text = (directory / HEADER_FILE).read_text(encoding="utf-8")
        header = SnapshotHeader.model_validate_json(text)
        there = [name for name in TABLES if (directory / f"{name}.parquet").exists()]
        read = {name: read_frame(directory / f"{name}.parquet") for name in (*there, DUPLICATES)}
        issues = _issues(pq.read_table(directory / ISSUES_FILE))
    except (OSError, ValueError, pa.ArrowException) as error:
        faults = IssueLog()
        faults.add("unreadable_file", directory.name, got=str(error))
        raise InputError(f"{directory} is damaged: {error}", faults) from None
    return Snapshot(
        header,
        {name: _whole(name, read.get(name)) for name in TABLES},
        issues,
        read[DUPLICATES][DUPLICATES].to_numpy(),
        {name: frozenset(read[name].columns) for name in there},
    )


def _whole(name: str, frame: pd.DataFrame | None) -> pd.DataFrame:
    """Return a table with every known column, these first."""
    if frame is None:
        return _empty(name)
    missing = [column for column in TABLES[name] if column.name not in frame]
    empty = {kind: empty_column(kind, len(frame)) for kind in {one.kind for one in missing}}
    columns = {column.name: empty.get(column.kind) for column in TABLES[name]}
    columns |= {str(column): cells for column, cells in frame.items()}
    return pd.DataFrame(columns)


@cache
def _empty(name: str) -> pd.DataFrame:
    return pd.DataFrame({column.name: empty_column(column.kind, 0) for column in TABLES[name]})


def _issues(table: pa.Table) -> IssueLog:
    return IssueLog([Issue(**row) for row in table.select(OF_ISSUES).to_pylist()])

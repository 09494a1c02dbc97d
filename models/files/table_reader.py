"""Finds and reads one table of a directory, whatever its format."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from models.files.csv_reader import MAX_COLUMNS, read_csv
from models.issues import IssueLog, shown
from models.raw_table import RawTable

if TYPE_CHECKING:
    from pathlib import Path

SUFFIXES = (".csv", ".parquet")


def find_table(directory: Path, name: str, issues: IssueLog) -> Path | None:
    """Return the file of a table in a directory; None if there is none, or more than one."""
    found = [path for suffix in SUFFIXES if (path := directory / f"{name}{suffix}").exists()]
    if len(found) > 1:
        issues.add("two_sources", name, got=" and ".join(path.name for path in found))
        return None
    return found[0] if found else None


def read_table(path: Path, name: str, issues: IssueLog) -> RawTable | None:
    """Return the table of a CSV or Parquet file; None if it cannot be used (see `issues`)."""
    if path.is_dir():
        issues.add("not_a_file", name, got=shown(path.name))
        return None
    if not path.exists():
        issues.add("file_missing", name, got=shown(path.name))
        return None
    try:
        if path.suffix == ".parquet":
            return _read_parquet(path, name, issues)
        return read_csv(path, name, issues)
    except OSError as error:
        issues.add("unreadable_file", name, got=error.strerror or str(error))
        return None


def _read_parquet(path: Path, name: str, issues: IssueLog) -> RawTable | None:
    try:
        table = pq.read_table(path)
    except pa.ArrowException as error:
        issues.add("unreadable_file", name, got=str(error).splitlines()[0], allowed="a Parquet file")
        return None
    if table.num_columns > MAX_COLUMNS:
        issues.add("too_many_columns", name, got=f"{table.num_columns:,} columns")
        return None
    if len(set(table.column_names)) < table.num_columns:
        issues.add("duplicate_column", name, got=shown(sorted(table.column_names)))
        return None
    return RawTable(name, path.name, table.to_pandas())

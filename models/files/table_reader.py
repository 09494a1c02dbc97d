"""Finds and reads one table of a directory, whatever its format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.columns import REQUIRED_TABLES
from models.files.csv_reader import read_csv
from models.files.parquet_reader import read_parquet
from models.issues import IssueLog, shown

if TYPE_CHECKING:
    from pathlib import Path

    from models.raw_table import RawTable

SUFFIXES = (".csv", ".parquet")


def find_table(directory: Path, name: str, issues: IssueLog) -> Path | None:
    """Return the file of a table; None if there is none, or more than one (see `issues`)."""
    paths = [directory / f"{name}{suffix}" for suffix in SUFFIXES]
    # A link to nothing counts: whoever made it meant the table to be there.
    found = [path for path in paths if path.is_symlink() or path.exists()]
    if len(found) > 1:
        issues.add("two_sources", name, got=" and ".join(path.name for path in found))
        return None
    if not found and name in REQUIRED_TABLES:
        issues.add("file_missing", name, got=f"neither {paths[0].name} nor {paths[1].name}")
    return found[0] if found else None


def read_table(path: Path, name: str, issues: IssueLog, *, delimiter: str = ",") -> RawTable | None:
    """Return the table of a CSV or Parquet file; None if it cannot be used (see `issues`)."""
    try:
        if not path.exists():
            what = "a link to nothing" if path.is_symlink() else "no file"
            issues.add("file_missing", name, got=f"{what} at {shown(path.name)}")
        elif not path.is_file():
            # Opening a pipe would wait for ever, and a device has no end.
            what = "a directory" if path.is_dir() else "a pipe or device"
            issues.add("not_a_file", name, got=f"{what} at {shown(path.name)}")
        elif path.suffix == ".parquet":
            return read_parquet(path, name, issues)
        else:
            return read_csv(path, name, issues, delimiter=delimiter)
    except OSError as error:
        issues.add("unreadable_file", name, got=error.strerror or str(error))
    return None

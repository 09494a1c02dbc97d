"""What must hold of every directory, however broken: it is read whole, or refused with reasons."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from models.errors import SHOWN_AT_MOST, InputError
from models.files.snapshot_files import read_snapshot

if TYPE_CHECKING:
    from pathlib import Path

    from models.issues import IssueLog
    from models.snapshot import Snapshot


def issues_of_reading(directory: Path) -> IssueLog:
    """Return the issues of a directory, after checking that they say what became of it.

    Raises
    ------
    AssertionError : a record is missing, or an issue cannot be read
    Exception : anything but InputError is a fault of the reader
    """
    snapshot, issues, text = read(directory)
    assert bool(issues.errors()) == (snapshot is None)
    assert len(text.splitlines()) <= 1 + SHOWN_AT_MOST + 1
    for issue in issues:
        assert issue.table
        assert issue.text().isprintable()
        assert len(issue.text()) < 1_000
    if snapshot is not None:
        for name in ("leads", "reps", "history", "absences"):
            path = directory / f"{name}.csv"
            assert not path.exists() or len(snapshot.tables[name]) == num_records(path)
    return issues


def read(directory: Path) -> tuple[Snapshot | None, IssueLog, str]:
    """Return the snapshot of a directory, its issues, and the text of its refusal."""
    try:
        snapshot = read_snapshot(directory)
    except InputError as error:
        return None, error.issues, str(error)
    return snapshot, snapshot.issues, ""


def num_records(path: Path) -> int:
    """Return how many records a CSV file has, as Python's own reader sees it."""
    text = path.read_bytes().decode("utf-8-sig")
    return sum(1 for row in csv.reader(io.StringIO(text, newline="")) if row) - 1

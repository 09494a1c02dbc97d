"""Validates raw tables as a whole: a snapshot if nothing blocks, and every issue in any case."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from models.columns import REQUIRED_TABLES, TABLES
from models.errors import InputError
from models.issues import IssueLog
from models.raw_table import RawTable
from models.snapshot import Snapshot, SnapshotHeader, empty_column
from models.validation.customers import find_duplicates
from models.validation.references import check_references
from models.validation.tables import ReadTable, read_table_cells

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

SORTED_BY = {
    "leads": ["lead_id"],
    "reps": ["rep_id"],
    "history": ["closed_on", "lead_id", "rep_id"],
    "absences": ["rep_id", "starts"],
    "pins": ["lead_id", "rep_id"],
}


def validate(
    raw_tables: Mapping[str, RawTable],
    header: SnapshotHeader,
    issues: IssueLog,
    *,
    keep: Mapping[str, Collection[str]] | None = None,
) -> Snapshot | None:
    """Return the snapshot of raw tables, or None where an error blocks it; `issues` gets all faults.

    Parameters
    ----------
    raw_tables : by name; leads and reps are required
    keep : further columns to keep, per table, besides those of the header
    """
    tables: dict[str, ReadTable] = {}
    for name in TABLES:
        if name in raw_tables:
            wanted = {*header.keep.get(name, ()), *(keep or {}).get(name, ())}
            if read := read_table_cells(raw_tables[name], header, wanted, issues):
                tables[name] = read
    if not set(REQUIRED_TABLES) <= set(tables):
        return None
    check_references(tables, header)
    duplicates = find_duplicates(tables["leads"])
    if issues.errors():
        return None
    return _snapshot(tables, header, issues, duplicates)


def snapshot_from_frames(
    frames: Mapping[str, pd.DataFrame],
    header: SnapshotHeader,
    *,
    keep: Mapping[str, Collection[str]] | None = None,
) -> Snapshot:
    """Return the snapshot of data frames by table name.

    Raises
    ------
    InputError : with every fault, if an error blocks the snapshot
    """
    issues = IssueLog()
    for name in sorted(set(REQUIRED_TABLES) - set(frames)):
        issues.add("file_missing", name)
    raw = {name: RawTable.from_frame(name, frame) for name, frame in frames.items()}
    snapshot = validate(raw, header, issues, keep=keep)
    if snapshot is None:
        raise InputError("the data frames cannot be planned", issues)
    return snapshot


def _snapshot(
    tables: Mapping[str, ReadTable],
    header: SnapshotHeader,
    issues: IssueLog,
    duplicates: np.ndarray,
) -> Snapshot:
    frames: dict[str, pd.DataFrame] = {}
    for name, columns in TABLES.items():
        if name in tables:
            frame = tables[name].frame
        else:
            frame = pd.DataFrame({c.name: empty_column(c.kind, 0) for c in columns})
        if name == "pins":
            frame = frame[~(frame["expires"] <= pd.Timestamp(header.as_of))]
        order = frame.sort_values(SORTED_BY[name], kind="stable").index.to_numpy()
        frames[name] = frame.loc[order].reset_index(drop=True)
        if name == "leads":
            duplicates = np.unique(duplicates[order], return_inverse=True)[1]
    present = {name: frozenset(read.reporter.raw.frame.columns) for name, read in tables.items()}
    return Snapshot(header, frames, issues, duplicates.astype(np.int64), present)

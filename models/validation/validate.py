"""Validates raw tables as a whole: a snapshot if nothing blocks, and every issue in any case."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from models.columns import REQUIRED_TABLES, TABLES
from models.errors import InputError
from models.issues import IssueLog
from models.nearest import nearest_advice
from models.raw_table import RawTable
from models.snapshot import Snapshot, SnapshotHeader, empty_column
from models.validation.customers import find_duplicates
from models.validation.pins import has_expired
from models.validation.references import check_references
from models.validation.tables import ReadTable, read_table_cells

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import numpy as np
    from numpy.typing import NDArray

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
    """Return the snapshot of raw tables, or None if an error blocks it; `issues` gets all faults.

    Parameters
    ----------
    raw_tables : by name; leads and reps are required
    keep : further columns to keep, per table, besides those of the header
    """
    tables: dict[str, ReadTable] = {}
    for name in sorted(set(raw_tables) - set(TABLES)):
        issues.add("unknown_table", name, fix=nearest_advice(name, TABLES))
    for name in TABLES:
        if name in raw_tables:
            also = (keep or {}).get(name, ())
            if read := read_table_cells(raw_tables[name], header, also, issues):
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
        issues.add("file_missing", name, allowed="a data frame", fix=f"Give the frame {name!r}.")
    raw = {name: RawTable.from_frame(name, frame) for name, frame in frames.items()}
    snapshot = validate(raw, header, issues, keep=keep)
    if snapshot is None:
        raise InputError("the data frames cannot be planned", issues)
    return snapshot


def _snapshot(
    tables: Mapping[str, ReadTable],
    header: SnapshotHeader,
    issues: IssueLog,
    duplicates: NDArray[np.int64],
) -> Snapshot:
    frames: dict[str, pd.DataFrame] = {}
    for name, columns in TABLES.items():
        if name in tables:
            frame = tables[name].frame
        else:
            frame = pd.DataFrame({c.name: empty_column(c.kind, 0) for c in columns})
        if name == "pins":
            frame = frame[~has_expired(frame["expires"], header.as_of)]
        order = _order(frame, SORTED_BY[name])
        frames[name] = frame.loc[order].reset_index(drop=True)
        if name == "leads":
            duplicates = pd.factorize(duplicates[order])[0]
    present = {name: frozenset(read.reporter.raw.frame.columns) for name, read in tables.items()}
    return Snapshot(header, frames, issues, duplicates, present)


def _order(frame: pd.DataFrame, keys: list[str]) -> NDArray[np.int64]:
    """Return the labels of records in an order that does not depend on the one they came in."""
    if frame.duplicated(keys).any():
        keys = [*keys, *(column for column in sorted(frame.columns) if column not in keys)]
    return frame.sort_values(keys).index.to_numpy()

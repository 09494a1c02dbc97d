"""Checks one table on its own: columns, cells, ids."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from models.columns import REQUIRED_TABLES, TABLES, Column, Kind, column_names
from models.issues import IssueLog, shown
from models.snapshot import SnapshotHeader, empty_column
from models.validation.cells import CellReader
from models.validation.reporter import Reporter

if TYPE_CHECKING:
    from collections.abc import Collection

    from models.raw_table import RawTable

UNIQUE_IDS = {"leads": "lead_id", "reps": "rep_id"}


@dataclass(frozen=True, eq=False)
class ReadTable:
    """A table whose cells are typed, in the order of its source, with its reporter."""

    frame: pd.DataFrame
    reporter: Reporter


def read_table_cells(
    raw: RawTable, header: SnapshotHeader, keep: Collection[str], issues: IssueLog
) -> ReadTable | None:
    """Return the typed table with all known columns and those to keep; None if columns are missing."""
    columns = TABLES[raw.name]
    missing = [c for c in columns if c.required and c.name not in raw.frame.columns]
    _report_missing(raw, missing, issues)
    kept = tuple(name for name in raw.frame.columns if name in set(keep))
    _report_unknown(raw, kept, issues)
    if missing:
        return None
    if len(raw) == 0 and raw.name in REQUIRED_TABLES:
        issues.add("no_records", raw.name)
    id_column = UNIQUE_IDS.get(raw.name)
    ids = raw.frame[id_column] if id_column else None
    reporter = Reporter(issues, raw, ids)
    reader = CellReader(reporter, header.as_of, header.timezone)
    known = set(column_names(raw.name))
    extra = tuple(Column(name, Kind.TEXT, "kept as it is") for name in kept if name not in known)
    frame = pd.DataFrame(
        {
            column.name: reader.read(column, raw.frame[column.name])
            if column.name in raw.frame.columns
            else empty_column(column.kind, len(raw))
            for column in (*columns, *extra)
        }
    )
    if id_column:
        _report_duplicate_ids(frame[id_column], id_column, reporter)
    return ReadTable(frame, reporter)


def _report_missing(raw: RawTable, missing: list[Column], issues: IssueLog) -> None:
    for column in missing:
        near = get_close_matches(column.name, list(raw.frame.columns), 1)
        got = f"the columns {', '.join(map(str, raw.frame.columns))}"
        if len(raw.frame.columns) == 1 and ";" in raw.frame.columns[0]:
            fix = "The file seems to be divided by semicolons: save it with commas."
        else:
            fix = f"Rename {near[0]!r} if it is meant." if near else ""
        issues.add("missing_column", raw.name, column=column.name, got=shown(got), fix=fix)


def _report_unknown(raw: RawTable, kept: Collection[str], issues: IssueLog) -> None:
    known = column_names(raw.name)
    absent = [name for name in known if name not in raw.frame.columns]
    for name in raw.frame.columns:
        if name in known or name in kept:
            continue
        near = get_close_matches(name.lower().replace(" ", "_"), absent, 1, cutoff=0.8)
        if near:
            issues.add("similar_column", raw.name, column=name, got=shown(name), allowed=near[0])
        else:
            issues.add("unused_column", raw.name, column=name)


def _report_duplicate_ids(ids: pd.Series, column: str, reporter: Reporter) -> None:
    again = (ids.duplicated() & ids.notna()).to_numpy()
    if not again.any():
        return
    first = {value: position for position, value in reversed(list(enumerate(ids)))}
    for position in np.flatnonzero(again):
        line = reporter.raw.line(first[ids.iat[int(position)]])
        reporter.cell(
            "duplicate_id",
            column,
            int(position),
            got=shown(ids.iat[int(position)]),
            allowed=f"an id of its own; line {line} has it already",
        )

"""Checks one table on its own: columns, cells, ids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from models.columns import REQUIRED_TABLES, TABLES, Column, Kind, column_names
from models.issues import LISTED_ONE_BY_ONE, IssueLog, label, shown
from models.nearest import nearest
from models.snapshot import SnapshotHeader, empty_column
from models.validation.cells import CellReader
from models.validation.matching import matches, to_mask, to_text
from models.validation.reporter import PERSONAL_LOOK, Reporter

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from models.raw_table import RawTable

LONGEST_ID = 255
"""Characters: no column of the service's database takes more."""
NOT_IN_AN_ADDRESS = {"lead_id": r"^\.{1,2}$|/why-not/", "rep_id": r"^\.{1,2}$|/why-not/|/leads/"}
"""What an address loses on its way, and what stands between two ids in one."""
UNIQUE_IDS = {"leads": "lead_id", "reps": "rep_id"}


@dataclass(frozen=True, eq=False)
class ReadTable:
    """A table whose cells are typed, in the order of its source, with its reporter."""

    frame: pd.DataFrame
    reporter: Reporter


def read_table_cells(
    raw: RawTable, header: SnapshotHeader, keep: Collection[str], issues: IssueLog
) -> ReadTable | None:
    """Return the typed table; None if its columns cannot be told apart or one is missing.

    Parameters
    ----------
    keep : further columns to keep, where the table has them, besides those of the header
    """
    if not _names_are_distinct(raw, issues):
        return None
    wanted = {*keep, *header.keep.get(raw.name, ())}
    columns = _columns(raw, wanted)
    _report_unknown(raw, {column.name for column in columns}, issues)
    if _report_missing(raw, header, issues):
        return None
    if len(raw) == 0 and raw.name in REQUIRED_TABLES:
        issues.add("no_records", raw.name)
    id_column = UNIQUE_IDS.get(raw.name)
    reporter = Reporter(issues, raw, raw.frame[id_column] if id_column else None)
    reader = CellReader(reporter, header.as_of, header.timezone)
    cells = raw.frame.reset_index(drop=True)
    frame = pd.DataFrame(
        {
            column.name: reader.read(column, cells[column.name])
            if column.name in cells.columns
            else empty_column(column.kind, len(cells))
            for column in columns
        }
    )
    if id_column:
        _report_bad_ids(frame[id_column], id_column, reporter)
        _report_duplicate_ids(frame[id_column], id_column, reporter)
    return ReadTable(frame, reporter)


def _columns(raw: RawTable, wanted: Collection[str]) -> list[Column]:
    """Return the table's known columns, then those to keep that it has."""
    known = column_names(raw.name)
    kept = [name for name in raw.frame.columns if name in wanted and name not in known]
    return [*TABLES[raw.name], *(Column(name, Kind.TEXT, "kept as it is") for name in kept)]


def _names_are_distinct(raw: RawTable, issues: IssueLog) -> bool:
    names = raw.frame.columns
    for name in names[names.duplicated()].unique():
        issues.add("duplicate_column", raw.name, column=_safe(name))
    return bool(names.is_unique)


def _report_missing(raw: RawTable, header: SnapshotHeader, issues: IssueLog) -> bool:
    """Report required columns, and columns that snapshot.yaml keeps, that the table lacks."""
    have = list(raw.frame.columns)
    got = ", ".join(map(_safe, have[:20])) + (", ..." if len(have) > 20 else "")
    required = [column.name for column in TABLES[raw.name] if column.required]
    kept = [name for name in header.keep.get(raw.name, ()) if name not in column_names(raw.name)]
    missing = [name for name in (*required, *kept) if name not in have]
    for name in missing:
        if not set(have) & set(column_names(raw.name)):
            fix = "The first line must hold the names of the columns."
        elif near := nearest(name, have):
            fix = f"Rename {_safe(near)!r} if it is meant."
        else:
            fix = "" if name in required else "Take it out of `keep:` in snapshot.yaml."
        issues.add("missing_column", raw.name, column=name, got=f"the columns {got}", fix=fix)
    return bool(missing)


def _report_unknown(raw: RawTable, used: Collection[str], issues: IssueLog) -> None:
    absent = [name for name in column_names(raw.name) if name not in raw.frame.columns]
    for name in raw.frame.columns:
        if name in used:
            continue
        if near := similar_column(name, absent):
            issues.add(
                "similar_column", raw.name, column=_safe(name), got=shown(_safe(name)), allowed=near
            )
        else:
            issues.add("unused_column", raw.name, column=_safe(name))


def similar_column(name: str, absent: Iterable[str]) -> str:
    """Return the absent column that a name which is no column's may stand for; "" for none."""
    return nearest(name.casefold().replace(" ", "_"), absent, cutoff=0.8)


def _safe(name: str) -> str:
    """Return a column's name as it may be shown: without a header, it can be an address."""
    return "(hidden)" if PERSONAL_LOOK.search(name) else label(name)


def _report_bad_ids(ids: pd.Series, column: str, reporter: Reporter) -> None:
    text = to_text(ids)
    is_long = to_mask(pc.greater(pc.utf8_length(text), LONGEST_ID))
    reporter.cells("bad_id", column, is_long | matches(text, NOT_IN_AN_ADDRESS[column]), ids)


def _report_duplicate_ids(ids: pd.Series, column: str, reporter: Reporter) -> None:
    again = np.flatnonzero(ids.duplicated() & ids.notna())
    listed = again[:LISTED_ONE_BY_ONE]
    first = ids.drop_duplicates()
    before = pd.Series(first.index, index=first.to_numpy()).reindex(ids.iloc[listed])
    for position, earlier in zip(listed, before, strict=True):
        file = reporter.raw.file(int(earlier))
        place = f"line {reporter.raw.line(int(earlier))}{f' of {file}' if file else ''}"
        reporter.cell(
            "duplicate_id",
            column,
            int(position),
            got=shown(ids.iat[int(position)]),
            allowed=f"an id of its own; {place} has it already",
        )
    if rest := len(again) - len(listed):
        reporter.cell("duplicate_id", column, int(again[len(listed)]), count=rest)

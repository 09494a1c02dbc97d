"""Chooses the source records that a part of a table takes; those left out are counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.issues import IssueLog, shown
from models.nearest import nearest_advice
from models.where import Condition

if TYPE_CHECKING:
    import pandas as pd

    from models.raw_table import RawTable
    from models.where import Where

NAMED_AT_MOST = 5
NO_ZONE = "UTC"  # cells are text here, so that no condition needs one


def chosen_records(where: Where, records: RawTable, issues: IssueLog) -> RawTable:
    """Return the records that satisfy a filter, and report how many do not, and why."""
    chosen = np.ones(len(records), bool)
    reasons = []
    for name, condition in where.root.items():
        cells = records.frame[name]
        cells = cells.mask(cells.str.strip() == "")
        holds = condition.mask(cells, NO_ZONE)
        _report_absent(condition, name, cells, records, issues)
        if not holds.all():
            reasons.append(f"{name}: {_counted(cells[~holds])}")
        chosen &= holds
    left_out = np.flatnonzero(~chosen)
    if len(left_out):
        first = int(left_out[0])
        issues.add(
            "rows_filtered",
            records.name,
            source=records.file(first),
            line=records.line(first),
            got="; ".join(reasons),
            count=len(left_out),
        )
    return records.take(np.flatnonzero(chosen))


def _report_absent(
    condition: Condition, name: str, cells: pd.Series, records: RawTable, issues: IssueLog
) -> None:
    """Report values that the filter names and no record has: they are often misspelt."""
    for value in (*(condition.any_of or ()), *(condition.not_ or ())):
        if not Condition.model_validate(value).mask(cells, NO_ZONE).any():
            issues.add(
                "where_value_absent",
                records.name,
                source=records.source,
                column=name,
                got=shown(value),
                fix=nearest_advice(str(value), cells.dropna().unique()),
            )


def _counted(cells: pd.Series) -> str:
    """Return the commonest values, each with how often it occurs."""
    counts = cells.fillna("").value_counts()
    named = [f"{shown(value)} {count:,}" for value, count in counts[:NAMED_AT_MOST].items()]
    rest = int(counts[NAMED_AT_MOST:].sum())
    return ", ".join([*named, *([f"others {rest:,}"] if rest else [])])

"""Plans side by side."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pandas as pd

from api.schemas.comparisons import (
    ComparedMetric,
    ComparisonGiven,
    MovesBetween,
    Remarks,
    SharedLeads,
)
from api.services.plans.figures import is_seen, is_told
from api.services.plans.tables import visible_leads, visible_reps
from models.files.plan_files import read_plan
from scenarios.compare import (
    METRICS,
    group_table,
    handovers,
    kpi_table,
    moves_between,
    remarks,
    shared_leads,
    shared_table,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from api.services.access.principal import Principal
    from models.plan import Plan

DESCRIPTIONS = {metric.name: metric.description for metric in METRICS}


def compare_plans(
    directories: Mapping[str, Path], by: str | None, most_moves: int, who: Principal
) -> ComparisonGiven:
    """Return plans side by side, as far as somebody sees their leads and reps.

    Parameters
    ----------
    directories : of the plans, by id; deltas are against the first
    by : rep, team, region or grade, whose figures are told besides
    most_moves : how many leads, and how many pairs of reps, are listed between two plans

    Raises
    ------
    UsageError : plans are in different currencies, or none has such groups
    """
    plans = {name: read_plan(directory) for name, directory in directories.items()}
    first = next(iter(plans.values()))
    (name, before), *others = plans.items()
    groups = None
    if by is not None:
        groups = _groups(plans, by, [directories[name] for name in plans], who)
    return ComparisonGiven(
        plans=list(plans),
        currency=first.record.currency,
        metrics=_metrics(kpi_table(plans), list(plans), who),
        shared=SharedLeads(
            leads=len(shared_leads(plans.values())) if who.sees_all else None,
            metrics=_metrics(shared_table(plans), list(plans), who),
        ),
        remarks=[
            # They count leads, and name reps, of the whole company.
            Remarks(
                plan=other, remarks=remarks(before, plan, (name, other)) if who.sees_all else []
            )
            for other, plan in others
        ],
        groups=groups,
        between=[
            _between(plans, pair, [directories[name] for name in pair], most_moves, who)
            for pair in pairwise(plans)
        ],
    )


def _metrics(table: pd.DataFrame, names: Sequence[str], who: Principal) -> list[ComparedMetric]:
    return [
        metric if is_told(who, metric.name) else _without_figures(metric)
        for metric in _every_metric(table, names)
    ]


def _without_figures(metric: ComparedMetric) -> ComparedMetric:
    none, unmarked = [None] * len(metric.values), [""] * len(metric.values)
    return metric.model_copy(update={"values": none, "deltas": none, "marks": unmarked})


def _every_metric(table: pd.DataFrame, names: Sequence[str]) -> list[ComparedMetric]:
    others = names[1:]
    return [
        ComparedMetric(
            name=row["metric"],
            title=row["title"],
            description=DESCRIPTIONS[row["metric"]],
            unit=row["unit"],
            better=row["better"],
            values=[row[name] for name in names],
            deltas=[None, *(row[f"{name} delta"] for name in others)],
            marks=["", *(row[f"{name} mark"] for name in others)],
        )
        for row in _records(table)
    ]


def _groups(
    plans: Mapping[str, Plan], by: str, directories: Sequence[Path], who: Principal
) -> list[dict[str, Any]]:
    rows = _records(group_table(plans, by))
    if who.sees_all:
        return rows
    if by == "rep":
        seen = frozenset().union(*(visible_reps(directory, who) for directory in directories))
        return [row for row in rows if row["group"] in seen]
    return [row for row in rows if is_seen(who, by, row["group"])]


def _between(
    plans: Mapping[str, Plan],
    pair: tuple[str, str],
    directories: Sequence[Path],
    most: int,
    who: Principal,
) -> MovesBetween:
    before, after = pair
    moves = moves_between(plans[before], plans[after])
    if not who.sees_all:
        moved = frozenset(moves["lead_id"])
        seen = (visible_leads(directory, who, moved) for directory in directories)
        moves = moves[moves["lead_id"].isin(frozenset().union(*seen))]
    largest = moves["difference"].abs().sort_values(ascending=False, kind="stable").index
    summed, listed = handovers(moves).head(most), moves.loc[largest[:most]]
    if not who.sees_all:
        reps = [visible_reps(directory, who) for directory in directories]
        summed, listed = (_without_money_of_others(table, *reps) for table in (summed, listed))
    return MovesBetween.model_validate(
        {
            "before": before,
            "after": after,
            "leads": len(moves),
            "handovers": _records(summed),
            "moves": _records(listed),
        }
    )


def _without_money_of_others(
    table: pd.DataFrame, before: frozenset[str], after: frozenset[str]
) -> pd.DataFrame:
    """Return handovers or moves without the money of reps other than some, before and after."""
    table = table.copy()
    for when, seen in (("before", before), ("after", after)):
        rep_id = table[f"rep_id_{when}"]
        is_told = rep_id.isna() | rep_id.isin(seen)
        for name in (f"expected_value_{when}", "difference"):
            table[name] = table[name].where(is_told)
    return table


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows with None for an empty cell."""
    return [
        {str(name): None if pd.isna(cell) else cell for name, cell in row.items()}
        for row in frame.to_dict("records")
    ]

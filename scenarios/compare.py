"""Compares plans: KPIs side by side, and who moves between two of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from models.errors import UsageError
from models.plan import broken_rules

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from models.plan import Plan, PlanRecord


@dataclass(frozen=True)
class Metric:
    """A number told of every plan.

    Attributes
    ----------
    title : for people; unit : money, leads, hours, share or ""
    better : "more", "less" or "" where neither is better
    read : how to take it from a record; None where the plan has none
    """

    name: str
    title: str
    unit: str
    better: str
    read: Callable[[PlanRecord], float | None]


METRICS = (
    Metric("expected_value", "Expected value", "money", "more", lambda r: r.kpis.expected_value),
    Metric("objective", "Objective", "money", "more", lambda r: r.objective),
    Metric("bound", "Best possible (bound)", "money", "", lambda r: r.bound),
    Metric("gap_money", "Gap to the bound", "money", "less", lambda r: r.gap_money),
    Metric("gap", "Gap", "share", "less", lambda r: r.gap),
    Metric("coverage", "Leads with a rep", "share", "more", lambda r: r.kpis.coverage),
    Metric("unassigned", "Leads without a rep", "leads", "less", lambda r: r.kpis.unassigned),
    Metric("moves", "Moves", "leads", "less", lambda r: r.kpis.moves),
    Metric("value_moved", "Value moved", "money", "less", lambda r: r.kpis.value_moved),
    Metric(
        "hours_most", "Fullest book", "hours", "less", lambda r: _load(r, "effort_hours", "most")
    ),
    Metric("hours_gini", "Gini of hours", "", "less", lambda r: _load(r, "effort_hours", "gini")),
    Metric(
        "value_gini",
        "Gini of expected value",
        "",
        "less",
        lambda r: _load(r, "expected_value", "gini"),
    ),
    Metric("breaches", "Rules broken", "", "less", broken_rules),
)


def kpi_table(plans: Mapping[str, Plan]) -> pd.DataFrame:
    """Return one row per metric, one column per plan; deltas are against the first plan.

    Columns: metric, title, unit, better, then per plan its value, and for every plan but the first
    `NAME delta`.

    Raises
    ------
    UsageError : no plan, or plans in different currencies
    """
    if not plans:
        raise UsageError("there is no plan to compare")
    currencies = {plan.record.currency for plan in plans.values()}
    if len(currencies) > 1:
        raise UsageError(f"the plans are in different currencies: {', '.join(sorted(currencies))}")
    first = next(iter(plans))
    rows = []
    for metric in METRICS:
        row: dict[str, Any] = {
            "metric": metric.name,
            "title": metric.title,
            "unit": metric.unit,
            "better": metric.better,
        }
        row |= {name: metric.read(plan.record) for name, plan in plans.items()}
        for name in list(plans)[1:]:
            known = row[name] is not None and row[first] is not None
            row[f"{name} delta"] = row[name] - row[first] if known else None
        rows.append(row)
    return pd.DataFrame(rows)


def moves_between(before: Plan, after: Plan) -> pd.DataFrame:
    """Return the leads of both plans that change hands: lead_id, before, after, expected values."""
    columns = ["lead_id", "rep_id", "expected_value"]
    both = before.assignments[columns].merge(
        after.assignments[columns], on="lead_id", suffixes=("_before", "_after")
    )
    same = both["rep_id_before"].fillna("") == both["rep_id_after"].fillna("")
    return both[~same].reset_index(drop=True)


def only_in_one(before: Plan, after: Plan) -> tuple[int, int]:
    """Return how many leads only the first, and only the second, plan has."""
    first, second = set(before.assignments["lead_id"]), set(after.assignments["lead_id"])
    return len(first - second), len(second - first)


def _load(record: PlanRecord, measure: str, part: str) -> float | None:
    load = record.kpis.loads.get(measure)
    return None if load is None else float(getattr(load, part))

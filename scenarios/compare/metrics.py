"""The numbers that are told of every plan, and which way they are better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.plan import broken_rules

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.plan import PlanRecord


@dataclass(frozen=True)
class Metric:
    """A number told of every plan.

    Attributes
    ----------
    title : for people; unit : money, leads, hours, share or ""
    better : "more", "less" or "" where neither is better
    read : how to take it from a record; None where the plan has none
    gap_counts : whether it is money of which a longer solve may still bring as much as the gap
    """

    name: str
    title: str
    unit: str
    better: str
    read: Callable[[PlanRecord], float | None]
    gap_counts: bool = False


METRICS = (
    Metric(
        "expected_value",
        "Expected value",
        "money",
        "more",
        lambda r: r.kpis.expected_value,
        gap_counts=True,
    ),
    Metric("objective", "Objective", "money", "more", lambda r: r.objective, gap_counts=True),
    Metric("bound", "Best possible (bound)", "money", "", lambda r: r.bound),
    Metric("gap_money", "Gap to the bound", "money", "less", lambda r: r.gap_money),
    Metric("gap", "Gap", "share", "less", lambda r: r.gap),
    Metric("coverage", "Leads with a rep", "share", "more", lambda r: r.kpis.coverage),
    Metric("unassigned", "Leads without a rep", "leads", "less", lambda r: r.kpis.unassigned),
    Metric("moves", "Moves", "leads", "less", lambda r: r.kpis.moves),
    Metric(
        "value_moved", "Value moved", "money", "less", lambda r: r.kpis.value_moved, gap_counts=True
    ),
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


def _load(record: PlanRecord, measure: str, part: str) -> float | None:
    load = record.kpis.loads.get(measure)
    return None if load is None else float(getattr(load, part))

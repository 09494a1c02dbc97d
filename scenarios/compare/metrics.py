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
    title : for people; description : what it is, in a sentence
    unit : money, leads, hours, share or ""
    better : "more", "less" or "" where neither is better
    read : how to take it from a record; None where the plan has none
    gap_counts : whether it is money of which a longer solve may still bring as much as the gap
    """

    name: str
    title: str
    description: str
    unit: str
    better: str
    read: Callable[[PlanRecord], float | None]
    gap_counts: bool = False


METRICS = (
    Metric(
        "expected_value",
        "Expected value",
        "Amount x win probability, over the leads with a rep.",
        "money",
        "more",
        lambda r: r.kpis.expected_value,
        gap_counts=True,
    ),
    Metric(
        "objective",
        "Objective",
        "What the plan is best by: values with bonuses, less costs.",
        "money",
        "more",
        lambda r: r.objective,
        gap_counts=True,
    ),
    Metric(
        "bound",
        "Best possible (bound)",
        "No plan that keeps the rules has a higher objective.",
        "money",
        "",
        lambda r: r.bound,
    ),
    Metric(
        "gap_money",
        "Gap to the bound",
        "What the best plan may still bring beyond this one, at most.",
        "money",
        "less",
        lambda r: r.gap_money,
    ),
    Metric(
        "gap",
        "Gap",
        "The same, as a share of the sum of the scores.",
        "share",
        "less",
        lambda r: r.gap,
    ),
    Metric(
        "coverage",
        "Leads with a rep",
        "Share of the leads that somebody works.",
        "share",
        "more",
        lambda r: r.kpis.coverage,
    ),
    Metric(
        "unassigned",
        "Leads without a rep",
        "Leads that nobody works.",
        "leads",
        "less",
        lambda r: r.kpis.unassigned,
    ),
    Metric(
        "moves",
        "Moves",
        "Owned leads that their owner does not keep.",
        "leads",
        "less",
        lambda r: r.kpis.moves,
    ),
    Metric(
        "value_moved",
        "Value moved",
        "Expected value, with the new rep, of the leads that move.",
        "money",
        "less",
        lambda r: r.kpis.value_moved,
        gap_counts=True,
    ),
    Metric(
        "hours_most",
        "Fullest book",
        "Hours in the period of the rep who has most.",
        "hours",
        "less",
        lambda r: _load(r, "effort_hours", "most"),
    ),
    Metric(
        "hours_gini",
        "Gini of hours",
        "How unevenly hours are shared: 0 all equal, towards 1 all with one.",
        "",
        "less",
        lambda r: _load(r, "effort_hours", "gini"),
    ),
    Metric(
        "value_gini",
        "Gini of expected value",
        "How unevenly expected value is shared: 0 all equal, towards 1 all with one.",
        "",
        "less",
        lambda r: _load(r, "expected_value", "gini"),
    ),
    Metric(
        "breaches",
        "Rules broken",
        "Rules that the plan does not keep; soft ones do not count.",
        "",
        "less",
        broken_rules,
    ),
)


def _load(record: PlanRecord, measure: str, part: str) -> float | None:
    load = record.kpis.loads.get(measure)
    return None if load is None else float(getattr(load, part))

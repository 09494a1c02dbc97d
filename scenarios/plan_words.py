"""What is said of a plan, the same on a terminal, in a report and on a page."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from models.outcome import BoundSource, StopReason
from models.plan import broken_rules

if TYPE_CHECKING:
    from models.plan import Plan, PlanRecord

NAMED_AT_MOST = 5
STOPPED = {
    StopReason.OPTIMAL: "No plan is better",
    StopReason.GAP_REACHED: "Close enough, as asked",
    StopReason.TIME_LIMIT: "Stopped at the time limit",
    StopReason.ITERATION_LIMIT: "Stopped after the steps allowed",
    StopReason.CANCELLED: "Stopped on request",
}
WITHOUT_REP = {
    "no_room": "for which the limits of the reps who may take them leave no room",
    "no_eligible_rep": "that no rep may take under the rules",
    "no_value": "that every rep who may take them would lose by",
    "not_given": "that the assignment gives to nobody",
}
WITH_REP = {
    "best_value": "no other rep brings more",
    "best_under_limits": "a rep who would bring more has no room beside better leads",
    "only_rep": "no other rep passes the rules",
    "pinned": "a pin fixes it",
    "not_allowed": "against the rules",
}
"""Reasons of leads with a rep, by their codes."""


def words(name: str) -> str:
    """Return a code as words."""
    return name.replace("_", " ")


def stopped(record: PlanRecord) -> str:
    """Return why the run stopped."""
    if record.reason is StopReason.ITERATION_LIMIT and record.limits.get("iterations") is None:
        return "The search came to its end"
    return STOPPED[record.reason]


def verdict(plan: Plan) -> str:
    """Return what is proven of a plan, or that it breaks rules; empty where nothing is."""
    record = plan.record
    if not record.feasible:
        count = broken_rules(record)
        return f"Not feasible: it breaks {count} rule{'' if count == 1 else 's'}."
    if record.gap is None:
        return ""
    return (
        f"Proven: no plan scores over {record.gap:.4%} ({record.gap_money:,.0f} "
        f"{record.currency}) more{_by_solver(plan)}. {stopped(record)}, engine {record.engine}. "
        "The independent checker passed."
    )


def _by_solver(plan: Plan) -> str:
    """Return what prices alone prove, where the bound is a solver's word."""
    record = plan.record
    if record.bound_source != BoundSource.SOLVER or record.objective is None:
        return ""
    money = record.price_bound - record.objective
    return f" (so the solver says; the plan's prices prove {money:,.0f} {record.currency})"


def remarks(plan: Plan) -> list[str]:
    """Return what rules cost, which stages ended early, and which books stay over a limit."""
    record, kpis = plan.record, plan.record.kpis
    told = []
    prices = {"fairness": kpis.price_of_fairness, "continuity": kpis.price_of_continuity}
    for name, money in prices.items():
        if money is not None:
            less = "less" if money >= 0 else "more"
            told.append(
                f"With {name} the expected value is {abs(money):,.0f} {record.currency} {less} "
                "than without."
            )
    for stage in record.stages:
        if stage.reason not in (StopReason.OPTIMAL, StopReason.GAP_REACHED):
            told.append(
                f"Stage {stage.name} reached {stage.objective:,.4g} of at most "
                f"{stage.bound:,.4g}: {STOPPED[stage.reason].lower()}."
            )
    over = sorted({name for limits in record.settled.effective_limits.values() for name in limits})
    if over:
        more = ", ..." if len(over) > NAMED_AT_MOST else ""
        told.append(
            f"{len(over):,} books ({', '.join(over[:NAMED_AT_MOST])}{more}) are over a limit today "
            "and stay over it, since few leads may move; they gain nothing."
        )
    return told


def number_told(value: float | None, unit: str) -> str:
    """Return a metric's value for people; "-" where there is none."""
    if value is None or math.isnan(value):
        return "-"
    if unit == "share":
        return f"{value:.4%}" if abs(value) < 0.01 else f"{value:.1%}"
    if unit in ("money", "leads"):
        return f"{value:,.0f}"
    return f"{value:,.3f}" if abs(value) < 10 and value != round(value) else f"{value:,.1f}"

"""Plans of different tables are compared on the leads that all of them have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenarios.compare.kpi_table import side_by_side
from scenarios.compare.metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import pandas as pd

    from models.plan import PlanTables

READ: dict[str, Callable[[pd.DataFrame], float | None]] = {
    "expected_value": lambda leads: float(leads["expected_value"].sum()),
    "coverage": lambda leads: float(leads["rep_id"].notna().mean()) if len(leads) else None,
    "unassigned": lambda leads: int(leads["rep_id"].isna().sum()),
    "moves": lambda leads: int(leads["moved"].sum()),
}
"""Metrics that are sums over leads, by how assignments tell them."""


def shared_table(plans: Mapping[str, PlanTables]) -> pd.DataFrame:
    """Return the table of `kpi_table`, for what can be told of the leads that all plans have.

    Raises
    ------
    UsageError : no plan, or plans in different currencies
    """
    leads = shared_leads(plans.values())
    among = {
        id(plan): plan.assignments[plan.assignments["lead_id"].isin(leads)]
        for plan in plans.values()
    }
    metrics = [metric for metric in METRICS if metric.name in READ]
    return side_by_side(metrics, plans, lambda metric, plan: READ[metric.name](among[id(plan)]))


def shared_leads(plans: Iterable[PlanTables]) -> list[str]:
    """Return the ids of the leads that all plans have, in the order of the first."""
    first, *others = (plan.assignments["lead_id"] for plan in plans)
    for other in others:
        first = first[first.isin(other)]
    return [str(lead_id) for lead_id in first]


def only_in_one(before: PlanTables, after: PlanTables) -> tuple[int, int]:
    """Return how many leads only the first, and only the second, plan has."""
    first, second = set(before.assignments["lead_id"]), set(after.assignments["lead_id"])
    return len(first - second), len(second - first)

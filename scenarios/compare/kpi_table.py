"""KPIs of plans side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from models.errors import UsageError
from scenarios.compare.marks import mark, open_money
from scenarios.compare.metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from models.plan import PlanTables
    from scenarios.compare.metrics import Metric


def kpi_table(plans: Mapping[str, PlanTables]) -> pd.DataFrame:
    """Return one row per metric, one column per plan; deltas are against the first plan.

    Columns: metric, title, unit, better, then per plan its value, and for every plan but the first
    `NAME delta` and `NAME mark` (a `Mark`).

    Raises
    ------
    UsageError : no plan, or plans in different currencies
    """
    return side_by_side(METRICS, plans, lambda metric, plan: metric.read(plan.record))


def side_by_side(
    metrics: Sequence[Metric],
    plans: Mapping[str, PlanTables],
    read: Callable[[Metric, PlanTables], float | None],
) -> pd.DataFrame:
    """Return the table that `kpi_table` describes, of metrics that are read in some way.

    Raises
    ------
    UsageError : no plan, or plans in different currencies
    """
    check_currencies(plans)
    first, *others = plans
    still_open = {name: open_money(plans[first], plans[name]) for name in others}
    rows = []
    for metric in metrics:
        row: dict[str, Any] = {
            "metric": metric.name,
            "title": metric.title,
            "unit": metric.unit,
            "better": metric.better,
        }
        row |= {name: read(metric, plan) for name, plan in plans.items()}
        for name in others:
            known = row[name] is not None and row[first] is not None
            row[f"{name} delta"] = row[name] - row[first] if known else None
            row[f"{name} mark"] = str(mark(metric, row[first], row[name], still_open[name]))
        rows.append(row)
    return pd.DataFrame(rows)


def check_currencies(plans: Mapping[str, PlanTables]) -> None:
    """Refuse what cannot be compared at all.

    Raises
    ------
    UsageError : no plan, or plans in different currencies
    """
    if not plans:
        raise UsageError("there is no plan to compare")
    currencies = {plan.record.currency for plan in plans.values()}
    if len(currencies) > 1:
        raise UsageError(f"the plans are in different currencies: {', '.join(sorted(currencies))}")

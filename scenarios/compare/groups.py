"""What each rep, team, region or grade has in each plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from models.errors import UsageError
from scenarios.compare.kpi_table import check_currencies

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.plan import PlanTables

REP = "rep"
GROUPED_BY = (REP, "team", "region", "grade")
LOADS = ("count", "effort_hours", "expected_value")
LIMITS = ("count limit", "effort_hours limit")
GAINED, LOST = "gained", "lost"
FIGURES = ("leads", "assigned", "coverage", "effort_hours", "expected_value", "moves")


def group_table(plans: Mapping[str, PlanTables], by: str) -> pd.DataFrame:
    """Return one row per group and plan; deltas are against the first plan.

    A group that a plan does not have has nothing in it, so that deltas add up to those of the
    plans.

    Parameters
    ----------
    by : rep, team, region or grade

    Returns
    -------
    DataFrame : group, plan, figures, then `FIGURE delta` of each. Figures of a rep are the loads
        count (leads), effort_hours (in the period) and expected_value (money), base included;
        beside them stand `count limit` and `effort_hours limit` (NaN: none), and gained and lost:
        leads that the rep has in this plan and not in the first, and the other way round. Figures
        of other groups are leads, assigned, coverage, effort_hours, expected_value and moves, as
        in `models.plan.GroupKpi`

    Raises
    ------
    UsageError : no plan, plans in different currencies, no such way to group, or no plan has it
    """
    check_currencies(plans)
    if by not in GROUPED_BY:
        raise UsageError(f"plans are not grouped by {by!r}, but by {', '.join(GROUPED_BY)}")
    first = next(iter(plans.values()))
    tables = [
        _of_reps(first, plan) if by == REP else _of_groups(plan, by) for plan in plans.values()
    ]
    groups = pd.Index(list(dict.fromkeys(name for table in tables for name in table.index)))
    if groups.empty:
        raise UsageError(f"no plan has figures by {by}, since its tables name none")
    figures = list(LOADS if by == REP else FIGURES)
    whole = [table.reindex(groups) for table in tables]
    rows = []
    for name, table in zip(plans, whole, strict=True):
        counted = table.columns.drop(list(LIMITS), errors="ignore")
        table[counted] = table[counted].fillna(0)
        deltas = (table[figures] - whole[0][figures]).add_suffix(" delta")
        rows.append(pd.concat([table, deltas], axis=1).assign(plan=name))
    together: pd.DataFrame = pd.concat(rows).loc[groups]
    together.insert(0, "plan", together.pop("plan"))
    return together.rename_axis("group").reset_index()


def _of_reps(first: PlanTables, plan: PlanTables) -> pd.DataFrame:
    """Return the figures of each rep, by rep_id."""
    reps = plan.reps.set_index("rep_id").reindex(columns=[*LOADS, *LIMITS])
    reps[list(LIMITS)] = reps[list(LIMITS)].replace(np.inf, np.nan)
    # Somebody whom only the other plan has can lose leads to this one.
    everybody = reps.index.union(pd.Index(first.reps["rep_id"]), sort=False)
    reps = reps.reindex(everybody)
    reps[GAINED] = _newly_held(first, plan)
    reps[LOST] = _newly_held(plan, first)
    return reps


def _newly_held(before: PlanTables, after: PlanTables) -> pd.Series:
    """Return how many leads each rep has in the second plan and not in the first, by rep_id."""
    held = before.assignments.set_index("lead_id")["rep_id"]
    now = after.assignments.set_index("lead_id")["rep_id"].dropna()
    return now[now != held.reindex(now.index)].value_counts()


def _of_groups(plan: PlanTables, by: str) -> pd.DataFrame:
    """Return the figures of each group, by its name."""
    groups = [group for group in plan.record.kpis.groups if group.by == by]
    return pd.DataFrame(
        [[getattr(group, figure) for figure in FIGURES] for group in groups],
        index=pd.Index([group.name for group in groups], dtype="str"),
        columns=list(FIGURES),
        dtype=float,
    )

"""Derives what a plan states again from its tables: the price bound, and every figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.errors import PlanFileError
from planner.bound import bound
from planner.compile import compile_problem
from planner.solve import evaluate

if TYPE_CHECKING:
    import pandas as pd

    from models.plan import Plan
    from models.snapshot import Snapshot
    from planner.policy import Policy

TOLERANCE = 0.01
RELATIVE = 1e-9


def stored_price_bound(snapshot: Snapshot, policy: Policy, prices: pd.DataFrame) -> float:
    """Return the bound in money that stored prices prove for a snapshot and a policy.

    Raises
    ------
    PlanFileError : the prices are not those of this policy's resources and groups
    """
    problem = compile_problem(snapshot, policy).problem
    by_resource = []
    for resource in problem.resources:
        own = prices[prices["resource"] == resource.name].sort_values("group")
        if not np.array_equal(own["group"], np.arange(resource.num_groups)):
            raise PlanFileError(
                f"the plan has {len(own)} prices of {resource.name!r}; "
                f"the policy needs {resource.num_groups}"
            )
        by_resource.append(own["price"].to_numpy(np.float64))
    return bound(problem, by_resource)


def false_figures(snapshot: Snapshot, policy: Policy, plan: Plan) -> list[str]:
    """Return what plan.json states, but tables, policy and assignment do not bear out."""
    stated = plan.record
    again = evaluate(snapshot, policy, plan.assignments[["lead_id", "rep_id"]]).record
    faults = []
    for name, told, true in (
        ("objective", stated.objective, again.objective),
        ("expected value", stated.kpis.expected_value, again.kpis.expected_value),
        ("assigned leads", stated.kpis.assigned, again.kpis.assigned),
        ("moves", stated.kpis.moves, again.kpis.moves),
    ):
        if told is None or true is None:
            agree = told is true
        else:
            agree = abs(told - true) <= max(TOLERANCE, RELATIVE * abs(true))
        if not agree:
            faults.append(f"{name} is stated as {_number(told)}, but is {_number(true)}")
    if stated.hashes.get("plan") != again.hashes["plan"]:
        faults.append("the assignment is not the one whose hash is stated")
    if stated.objective is not None and stated.objective > stated.bound + TOLERANCE:
        faults.append(
            f"objective {_number(stated.objective)} is above bound {_number(stated.bound)}"
        )
    return faults


def _number(value: float | None) -> str:
    return "nothing" if value is None else f"{value:,.2f}"

"""Derives what a plan states again from its tables: the bounds, and every figure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models.errors import PlanFileError
from planner.bound import bound, whole_bound
from planner.compile import compile_problem
from planner.knapsack_bound import knapsack_bound, other_prices
from planner.solve import evaluate

if TYPE_CHECKING:
    import pandas as pd

    from models.arrays import Floats
    from models.plan import Plan
    from models.problem import Problem
    from models.snapshot import Snapshot
    from planner.compile import Compiled
    from planner.policy import Policy

TOLERANCE = 0.01
RELATIVE = 1e-9


@dataclass(frozen=True)
class Derived:
    """What a plan's tables prove, in money.

    Attributes
    ----------
    price_bound : what its prices prove
    knapsack_bound : what its multipliers prove; None where it has none
    bound : the best of them, cut to a whole number where every objective is one
    """

    price_bound: float
    knapsack_bound: float | None
    bound: float

    def allows(self, stated: float) -> bool:
        """Return whether a bound is the one that the tables prove, cut or not."""
        proved = self.price_bound if self.knapsack_bound is None else self.knapsack_bound
        return agree(stated, self.bound) or agree(stated, proved)


def agree(stated: float, true: float) -> bool:
    """Return whether a stated amount of money is the true one, up to rounding."""
    return abs(stated - true) <= max(TOLERANCE, RELATIVE * abs(true))


def derive_bounds(snapshot: Snapshot, policy: Policy, plan: Plan) -> Derived:
    """Return the bounds that a plan's prices and multipliers prove for a snapshot and a policy.

    Raises
    ------
    PlanFileError : they are not those of this policy's limits and of these leads
    """
    compiled = compile_problem(snapshot, policy, settled=plan.record.settled)
    problem = compiled.problem
    prices = prices_of(problem, plan.prices)
    by_prices = bound(problem, prices)
    if plan.multipliers is None or plan.record.knapsack is None:
        return Derived(by_prices, None, whole_bound(problem, by_prices, prices))
    names = [resource.name for resource in problem.resources]
    if plan.record.knapsack.resource not in names:
        raise PlanFileError(f"the policy has no limit {plan.record.knapsack.resource!r}")
    resource = names.index(plan.record.knapsack.resource)
    by_row = _multipliers(compiled, plan.multipliers)
    by_knapsacks = knapsack_bound(problem, prices, by_row, resource)
    others = other_prices(problem, prices, resource)
    return Derived(by_prices, by_knapsacks, whole_bound(problem, by_knapsacks, others))


def prices_of(problem: Problem, table: pd.DataFrame) -> list[Floats]:
    """Return per resource (n_groups,) the prices that a plan's table holds.

    Raises
    ------
    PlanFileError : they are not those of this problem's limits
    """
    by_resource = []
    for resource in problem.resources:
        own = table[table["resource"] == resource.name].sort_values("group")
        if not np.array_equal(own["group"], np.arange(resource.num_groups)):
            raise PlanFileError(
                f"the plan has {len(own)} prices of {resource.name!r}; "
                f"the policy needs {resource.num_groups}"
            )
        by_resource.append(own["price"].to_numpy(np.float64))
    return by_resource


def _multipliers(compiled: Compiled, table: pd.DataFrame) -> Floats:
    """Return (n_rows,) money: the multiplier of each row, which its first lead names."""
    wanted = compiled.snapshot.leads["lead_id"].iloc[compiled.first_leads()]
    own = table.set_index("lead_id")["multiplier"]
    if len(own) != len(wanted) or not own.index.is_unique or not wanted.isin(own.index).all():
        raise PlanFileError(
            f"the plan has {len(own)} multipliers; the policy needs one for each of "
            f"{len(wanted)} leads or families"
        )
    return own.loc[wanted].to_numpy(np.float64)


def false_figures(snapshot: Snapshot, policy: Policy, plan: Plan) -> list[str]:
    """Return what plan.json states, but tables, policy and assignment do not bear out."""
    stated = plan.record
    pairs = plan.assignments[["lead_id", "rep_id"]]
    again = evaluate(snapshot, policy, pairs, settled=stated.settled, with_bound=False).record
    faults = []
    for name, told, true in (
        ("objective", stated.objective, again.objective),
        ("expected value", stated.kpis.expected_value, again.kpis.expected_value),
        ("assigned leads", stated.kpis.assigned, again.kpis.assigned),
        ("moves", stated.kpis.moves, again.kpis.moves),
    ):
        is_same = told is true if told is None or true is None else agree(told, true)
        if not is_same:
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

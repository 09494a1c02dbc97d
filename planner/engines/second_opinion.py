"""CP-SAT as the second opinion on feasibility: integers only, so no tolerance to argue about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from ortools.sat.python import cp_model

from models.problem import slack

if TYPE_CHECKING:
    from models.problem import Floats, Problem, Resource

LARGEST_SUM = 2.0**50
SECONDS = 60.0


def has_feasible(problem: Problem, seconds: float = SECONDS) -> bool | None:
    """Return whether any assignment keeps every hard limit; None if the time did not suffice.

    Amounts are rounded in the direction that relaxes each limit, so False is a proof; True is
    checked by the caller's own feasibility test where it matters.
    """
    model = cp_model.CpModel()
    x = [model.new_bool_var("") for _ in range(problem.num_pairs)]
    for first, last in zip(problem.indptr[:-1].tolist(), problem.indptr[1:].tolist(), strict=True):
        model.add_exactly_one(x[first:last])
    for resource in problem.resources:
        _add_limits(model, x, problem, resource)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 1
    status = solver.solve(model)
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return True
    return False if status == cp_model.INFEASIBLE else None


def _add_limits(
    model: cp_model.CpModel, x: list[cp_model.IntVar], problem: Problem, resource: Resource
) -> None:
    group = np.concatenate([problem.pair_group(layer) for layer in resource.layers])
    amount = np.concatenate([problem.pair_amount(layer) for layer in resource.layers])
    pair = np.tile(np.arange(problem.num_pairs), len(resource.layers))
    for g in range(resource.num_groups):
        inside = group == g
        names, a = pair[inside], amount[inside]
        scale = _scale(a, resource.upper[g], resource.lower[g], resource.base[g])
        if np.isinf(resource.over_cost[g]):
            room = resource.upper[g] + float(slack(resource.upper)[g]) - resource.base[g]
            terms = zip(names.tolist(), np.floor(a * scale).tolist(), strict=True)
            model.add(sum(int(c) * x[p] for p, c in terms) <= int(np.floor(room * scale)) + 1)
        if np.isinf(resource.under_cost[g]):
            need = resource.lower[g] - float(slack(resource.lower)[g]) - resource.base[g]
            terms = zip(names.tolist(), np.ceil(a * scale).tolist(), strict=True)
            model.add(sum(int(c) * x[p] for p, c in terms) >= int(np.ceil(need * scale)) - 1)


def _scale(amount: Floats, *limits: float) -> float:
    finite = [abs(limit) for limit in limits if np.isfinite(limit)]
    largest = max(float(np.abs(amount).sum()), *finite, 1e-9)
    return float(10.0 ** np.floor(np.log10(LARGEST_SUM / largest)))

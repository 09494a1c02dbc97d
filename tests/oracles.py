"""Solvers unrelated to the engines: second opinions of what is best, infeasible or bounded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from ortools.sat.python import cp_model
from scipy import optimize, sparse

from models.problem import NOBODY
from models.resource import NOT_COUNTED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.arrays import Floats
    from models.problem import Problem
    from models.resource import Resource

SECONDS = 60.0
LARGEST_SCORE = 1e4


def milp_objective(problem: Problem) -> float | None:
    """Return the best objective that scipy's HiGHS finds; None if it says infeasible."""
    return _scipy_objective(problem, integer=True)


def relaxed_objective(problem: Problem) -> float | None:
    """Return the objective of the linear relaxation, by scipy's HiGHS; None if infeasible."""
    return _scipy_objective(problem, integer=False)


def cp_sat_objective(problem: Problem) -> float | None:
    """Return the best objective of a problem in whole numbers, by CP-SAT; None if infeasible."""
    model = cp_model.CpModel()
    pairs = [model.new_bool_var("") for _ in range(problem.num_pairs)]
    for first, last in zip(problem.indptr[:-1], problem.indptr[1:], strict=True):
        model.add_exactly_one(pairs[first:last])
    total = cp_model.LinearExpr.weighted_sum(pairs, _whole(problem.score))
    for resource, group, use in _groups(problem):
        load = cp_model.LinearExpr.weighted_sum(pairs, _whole(use)) + round(resource.base[group])
        for limit, cost, sign in (
            (resource.upper[group], resource.over_cost[group], 1),
            (resource.lower[group], resource.under_cost[group], -1),
        ):
            if np.isinf(limit) or cost == 0:
                continue
            excess = sign * (load - round(limit))
            if np.isinf(cost):
                model.add(excess <= 0)
            else:
                most = round(np.abs(use).sum() + abs(resource.base[group]) + abs(limit))
                paid = model.new_int_var(0, most, "")
                model.add(paid >= excess)
                total -= round(cost) * paid
    model.maximize(total)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = SECONDS
    solver.parameters.num_workers = 1
    status = solver.solve(model)
    if status == cp_model.INFEASIBLE:
        return None
    assert status == cp_model.OPTIMAL, status
    return float(solver.objective_value)


def _scipy_objective(problem: Problem, *, integer: bool) -> float | None:
    one_each = np.zeros((problem.num_rows, problem.num_pairs))
    one_each[problem.pair_rows(), np.arange(problem.num_pairs)] = 1.0
    rows, lower, upper, costs, sides = (
        [*one_each],
        [1.0] * len(one_each),
        [1.0] * len(one_each),
        [],
        [],
    )
    for resource, group, use in _groups(problem):
        least, most = resource.lower[group], resource.upper[group]
        for limit, cost, sign in (
            (most, resource.over_cost[group], -1.0),
            (least, resource.under_cost[group], 1.0),
        ):
            if np.isfinite(limit) and 0 < cost < np.inf:
                costs.append(cost)
                sides.append((len(rows), sign))
        rows.append(use)
        lower.append((least if resource.under_cost[group] > 0 else -np.inf) - resource.base[group])
        upper.append((most if resource.over_cost[group] > 0 else np.inf) - resource.base[group])
    slacks = np.zeros((len(rows), len(sides)))
    for column, (row, sign) in enumerate(sides):
        slacks[row, column] = sign
    gain = np.append(problem.score, -np.array(costs))
    # HiGHS has been seen to run for ever, whatever its time limit, on scores of 1e13.
    unit = max(1.0, float(np.abs(gain).max()) / LARGEST_SCORE)
    result = optimize.milp(
        -gain / unit,
        integrality=np.append(np.full(problem.num_pairs, integer), np.zeros(len(costs))),
        bounds=optimize.Bounds(
            0, np.append(np.ones(problem.num_pairs), np.full(len(costs), np.inf))
        ),
        constraints=optimize.LinearConstraint(
            sparse.csr_array(np.hstack([np.array(rows), slacks])), lower, upper
        ),
        options={"mip_rel_gap": 0.0, "time_limit": SECONDS},
    )
    if result.status == 2:
        return None
    assert result.status == 0, result.message
    return -float(result.fun) * unit


def _groups(problem: Problem) -> Iterator[tuple[Resource, int, Floats]]:
    """Yield (resource, group, (n_pairs,) what each pair adds to its load)."""
    row = problem.pair_rows()
    for resource in problem.resources:
        use = np.zeros((resource.num_groups, problem.num_pairs))
        for layer in resource.layers:
            group = problem.rep if layer.group is None else layer.group
            per_pair = len(layer.amount) == problem.num_pairs
            for pair in range(problem.num_pairs):
                if group[pair] not in (NOBODY, NOT_COUNTED):
                    use[group[pair], pair] += layer.amount[pair if per_pair else row[pair]]
        for index in range(resource.num_groups):
            yield resource, index, use[index]


def _whole(values: Floats) -> list[int]:
    whole = np.rint(values).astype(np.int64)
    assert (whole == values).all(), "CP-SAT takes whole numbers only"
    return [int(value) for value in whole]

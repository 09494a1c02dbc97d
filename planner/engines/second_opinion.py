"""CP-SAT as the second opinion on feasibility: integers only, so no tolerance to argue about."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from ortools.sat.python import cp_model

from models.resource import slack
from planner.engines.answer import Answer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.arrays import Floats, Ints
    from models.problem import Problem
    from models.resource import Resource

LARGEST_SUM = 2.0**50
SECONDS = 60.0
ANSWERS = {
    cp_model.OPTIMAL: Answer.OPTIMAL,
    cp_model.FEASIBLE: Answer.FEASIBLE,
    cp_model.INFEASIBLE: Answer.INFEASIBLE,
    cp_model.UNKNOWN: Answer.NOTHING,
    cp_model.MODEL_INVALID: Answer.FAILED,
}


@dataclass(frozen=True, eq=False)
class Opinion:
    """What CP-SAT says about feasibility.

    Attributes
    ----------
    answer : OPTIMAL if there is an assignment that keeps every hard limit, INFEASIBLE if there is
        none; otherwise it does not know
    chosen : (n_rows,) such an assignment, verified; None if it has none
    """

    answer: Answer
    chosen: Ints | None = None


def second_opinion(problem: Problem, seconds: float | None = None) -> Opinion:
    """Return whether any assignment keeps every hard limit, within so many seconds (default 60).

    Amounts are rounded in the direction that relaxes each limit, so "infeasible" is a proof. An
    assignment found is verified against the amounts as they are.
    """
    model = cp_model.CpModel()
    pairs = [model.new_bool_var("") for _ in range(problem.num_pairs)]
    for first, last in zip(problem.indptr[:-1].tolist(), problem.indptr[1:].tolist(), strict=True):
        model.add_exactly_one(pairs[first:last])
    for resource in problem.resources:
        _add_limits(model, pairs, problem, resource)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = SECONDS if seconds is None else seconds
    solver.parameters.num_workers = 1
    # Limits on loads are linear: only the full relaxation sees that many of them contradict.
    solver.parameters.linearization_level = 2
    answer = ANSWERS[solver.solve(model)]
    if answer not in (Answer.OPTIMAL, Answer.FEASIBLE):
        return Opinion(answer)
    chosen = np.flatnonzero([solver.boolean_value(pair) for pair in pairs])
    if not problem.is_feasible(chosen):
        return Opinion(Answer.FAILED)
    return Opinion(Answer.OPTIMAL, chosen)


def _add_limits(
    model: cp_model.CpModel, pairs: list[cp_model.IntVar], problem: Problem, resource: Resource
) -> None:
    upper = np.where(np.isinf(resource.over_cost), resource.upper + slack(resource.upper), np.inf)
    lower = np.where(np.isinf(resource.under_cost), resource.lower - slack(resource.lower), -np.inf)
    for group, used, amount in _by_group(problem, resource):
        room, need = upper[group] - resource.base[group], lower[group] - resource.base[group]
        # Limits that no choice can break would only make the scale coarser.
        if np.maximum(amount, 0.0).sum() > room:
            scale = _scale(amount, room)
            load = cp_model.LinearExpr.weighted_sum(
                [pairs[p] for p in used], np.floor(amount * scale).astype(np.int64).tolist()
            )
            model.add(load <= int(np.floor(room * scale)) + 1)
        if np.minimum(amount, 0.0).sum() < need:
            scale = _scale(amount, need)
            load = cp_model.LinearExpr.weighted_sum(
                [pairs[p] for p in used], np.ceil(amount * scale).astype(np.int64).tolist()
            )
            model.add(load >= int(np.ceil(need * scale)) - 1)


def _by_group(problem: Problem, resource: Resource) -> Iterator[tuple[int, list[int], Floats]]:
    """Yield (group, pairs that count in it, their amounts), a pair once per layer."""
    group = np.concatenate([np.zeros(0, np.int32), *map(problem.pair_group, resource.layers)])
    amount = np.concatenate([np.zeros(0), *map(problem.pair_amount, resource.layers)])
    order = np.argsort(group, kind="stable")
    bounds = np.searchsorted(group[order], np.arange(resource.num_groups + 1))
    for at, (first, last) in enumerate(pairwise(bounds.tolist())):
        inside = order[first:last]
        yield at, (inside % problem.num_pairs).tolist(), amount[inside]


def _scale(amount: Floats, limit: float) -> float:
    """Return the finest power of ten by which the sum of amounts stays below 2^50."""
    largest = max(float(np.abs(amount).sum()), abs(limit), 1e-9)
    return float(10.0 ** np.floor(np.log10(LARGEST_SUM / largest)))

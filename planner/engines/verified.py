"""Integer solutions that keep every limit as we judge it, not only as the solver does."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from models.resource import slack
from planner.engines.answer import Answer
from planner.engines.mip import MipResult, build, solve_mip

if TYPE_CHECKING:
    from models.arrays import Ints
    from models.problem import Problem

TIGHTENED_AT_MOST = 3


def solve_verified(
    problem: Problem,
    seconds: float | None,
    *,
    gap_money: float = 0.0,
    nodes: int | None = None,
    start: Ints | None = None,
) -> MipResult:
    """Return what HiGHS finds and proves; its assignment, if any, keeps every hard limit.

    Where it finds nothing, it may use the tolerance of the limits. Where its own tolerances exceed
    ours, the limits are tightened and it solves again; the bound stays that of the first solution.

    Parameters
    ----------
    as `solve_mip`
    """
    end = None if seconds is None else time.monotonic() + seconds

    def solve(model: Problem, begin: Ints | None = None) -> MipResult:
        left = None if end is None else max(0.0, end - time.monotonic())
        mip = build(model, integer=True)
        return solve_mip(mip, left, gap_money=gap_money, nodes=nodes, start=begin)

    model, result = problem, solve(problem, start)
    if result.answer is Answer.INFEASIBLE:
        model = widened(problem)
        result = solve(model, start)
    bound = result.bound
    for _ in range(TIGHTENED_AT_MOST):
        if result.chosen is None or problem.is_feasible(result.chosen):
            break
        model = tightened(model, result.chosen)
        # What has no solution now may have had one before.
        result = solve(model)
        answer = Answer.FAILED if result.chosen is None else Answer.FEASIBLE
        result = MipResult(answer, result.chosen, bound)
    if result.chosen is not None and not problem.is_feasible(result.chosen):
        return MipResult(Answer.FAILED, None, bound)
    return result


def widened(problem: Problem) -> Problem:
    """Return the problem with each hard limit moved by its tolerance."""
    resources = []
    for resource in problem.resources:
        over = np.where(np.isinf(resource.over_cost), slack(resource.upper), 0.0)
        under = np.where(np.isinf(resource.under_cost), slack(resource.lower), 0.0)
        lower, upper = resource.lower - under, resource.upper + over
        resources.append(replace(resource, lower=lower, upper=upper))
    return replace(problem, resources=tuple(resources))


def tightened(problem: Problem, chosen: Ints) -> Problem:
    """Return the problem with each hard limit that an assignment breaks, moved by twice as much."""
    resources = []
    for resource, load in zip(problem.resources, problem.loads(chosen), strict=True):
        over = np.where(np.isinf(resource.over_cost), np.maximum(load - resource.upper, 0.0), 0.0)
        under = np.where(np.isinf(resource.under_cost), np.maximum(resource.lower - load, 0.0), 0.0)
        upper = np.maximum(resource.upper - 2 * over, resource.lower)
        lower = np.minimum(resource.lower + 2 * under, upper)
        resources.append(replace(resource, lower=lower, upper=upper))
    return replace(problem, resources=tuple(resources))

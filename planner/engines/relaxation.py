"""The linear relaxation of a problem: the prices with the lowest bound, and shares of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from ortools.math_opt.python import mathopt

from planner.bound import best_of_rows, best_pairs, losses
from planner.engines.answer import Answer
from planner.engines.mip import LpResult, build, solve_lp
from planner.engines.neighbourhood import restrict

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.arrays import Floats
    from models.outcome import Prices
    from models.problem import Problem
    from planner.engines.neighbourhood import Part

NEAR_PAIRS = 2.0
"""A part begins with so many pairs for each row, on average."""
ROUNDS = 10
ROUNDING = 1e-12
"""A pair is worth more than another one if it is by more than this share of the largest score."""


def relax(problem: Problem, seconds_left: Callable[[], float | None]) -> LpResult:
    """Return the relaxation's shares and prices, solved as one."""
    model = build(problem, integer=False)
    result = solve_lp(model, seconds_left())
    # GLOP calls it a failure, too, when its time was over.
    if result.answer is Answer.FAILED and seconds_left() != 0.0:
        return solve_lp(model, seconds_left(), mathopt.SolverType.HIGHS)
    return result


def sift(problem: Problem, prices: Prices, seconds_left: Callable[[], float | None]) -> LpResult:
    """Return the relaxation's shares and prices, solved on ever more pairs.

    It begins with the pairs that lose least under given prices, which must be close to the best
    ones, and ends when no other pair is worth more (Bixby and others 1992, "Very large-scale linear
    programming", doi:10.1287/opre.40.5.885). Where those pairs have no solution, or it takes too
    many rounds, it solves the whole.
    """
    loss = losses(problem, prices.by_resource)
    wanted = min(int(NEAR_PAIRS * problem.num_rows), problem.num_pairs - 1)
    radius = float(np.partition(loss, wanted)[wanted])
    near = loss <= radius
    margin = ROUNDING * float(np.abs(problem.score).max())
    for _ in range(ROUNDS):
        nearest = best_pairs(problem, np.where(near, -loss, -np.inf))
        part = restrict(problem, np.flatnonzero(near), nearest)
        result = relax(part.problem, seconds_left)
        if result.answer is Answer.INFEASIBLE:
            break
        if result.prices is None or result.share is None:
            return result
        whole = _of_whole(problem, part, result.share, result.prices)
        loss = losses(problem, whole.prices or ())
        best_near = best_of_rows(problem, np.where(near, -loss, -np.inf))
        is_worth_more = -loss > np.repeat(best_near, np.diff(problem.indptr)) + margin
        if not is_worth_more.any():
            return whole
        near |= is_worth_more | (loss <= radius)
    return relax(problem, seconds_left)


def _of_whole(problem: Problem, part: Part, share: Floats, prices: tuple[Floats, ...]) -> LpResult:
    """Return the result of a part as that of the whole, all other rows as the part has them."""
    shares = np.zeros(problem.num_pairs)
    shares[part.chosen] = 1.0
    shares[part.pairs] = share
    by_resource = []
    for resource, groups, price in zip(problem.resources, part.groups, prices, strict=True):
        # Loads that nothing in the part can change are worth nothing.
        by_resource.append(np.zeros(resource.num_groups))
        by_resource[-1][groups] = price
    return LpResult(Answer.OPTIMAL, shares, tuple(by_resource))

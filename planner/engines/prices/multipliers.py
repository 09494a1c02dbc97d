"""Row multipliers with a low knapsack bound: subgradient steps towards a level below the best."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from models.outcome import Multipliers, is_optimal
from planner.bound import best_of_rows, reduced_scores
from planner.kernels.knapsack import KnapsackPass
from planner.knapsack_bound import knapsack_resource, knapsacks

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.outcome import Prices
    from models.problem import Problem
    from planner.engines.record import Record

MOST_STEPS = 1_000
MOST_PAIRS = 2_000_000
"""Above, prices alone come close enough, and a step would take long."""
FIRST_AIM, LAST_AIM = 1e-3, 1e-7
"""Steps aim so far below the lowest bound, as a share of it: at first, and when they end."""
NEARER = 0.7
ENOUGH = 0.05
"""A step that lowers the bound by less than this share of its aim is fruitless."""
PATIENCE = 10
MOMENTUM = 0.85
SHARE = 0.25


def tighten(record: Record, share: float = SHARE) -> None:
    """Look for multipliers that prove a lower bound than the record's prices, and tell it.

    Parameters
    ----------
    share : of the time left, which the search may take; a run that counts steps has no such end
    """
    problem, prices = record.problem, record.prices
    if record.is_over() or problem.num_pairs > MOST_PAIRS:
        return
    resource = knapsack_resource(problem, prices.by_resource)
    if resource is None:
        return
    record.say("tightening the bound with knapsacks")
    left = record.seconds_left()
    is_timed = left is not None and record.limits.iterations is None
    end = time.monotonic() + share * left if is_timed and left is not None else np.inf

    def stop() -> bool:
        return record.is_over() or time.monotonic() > end

    found = best_multipliers(problem, prices, resource, stop, record.objective)
    record.take_multipliers(found)


def best_multipliers(
    problem: Problem,
    prices: Prices,
    resource: int,
    stop: Callable[[], bool],
    objective: float | None = None,
    *,
    most_steps: int = MOST_STEPS,
) -> Multipliers:
    """Return multipliers with the lowest knapsack bound that subgradient steps find.

    They begin with what each row's best pair is worth under the prices, which proves the bound of
    the prices, up to the tolerance of limits. A step has the length that would reach a level below
    the lowest bound if the bound were linear (Polyak 1969, doi:10.1016/0041-5553(69)90061-5); the
    level comes nearer where steps are fruitless. Directions keep momentum (Camerini, Fratta,
    Maffioli 1975, doi:10.1007/BFb0120697).

    Parameters
    ----------
    prices : hold all limits but the hard upper ones of `resource`
    resource : the place of the resource whose upper limits hold exactly
    stop : asked before every step
    objective : money of a plan, below which no bound lies; None without one

    Raises
    ------
    ProblemError : the resource has no knapsack bound
    """
    sweep = KnapsackPass(problem, prices.by_resource, knapsacks(problem, resource))
    by_row = best_of_rows(problem, reduced_scores(problem, prices.by_resource))
    bound, taken = sweep.evaluate(by_row)
    best, best_bound = by_row, bound
    aim, last_aim = FIRST_AIM * abs(bound), LAST_AIM * max(1.0, abs(bound))
    if objective is not None:
        aim = min(aim, bound - objective)
    direction = np.zeros(problem.num_rows)
    needed, fruitless = bound - ENOUGH * aim, 0
    for _ in range(most_steps):
        if aim <= last_aim or is_optimal(best_bound, objective) or stop():
            break
        # A row that takes more pairs than one has a multiplier that is too low.
        direction = (1.0 - taken) + MOMENTUM * direction
        square = float(np.square(direction).sum())
        if square == 0.0:
            break
        by_row = by_row - (bound - best_bound + aim) / square * direction
        bound, taken = sweep.evaluate(by_row)
        if bound < best_bound:
            best, best_bound = by_row, bound
        fruitless = 0 if best_bound <= needed else fruitless + 1
        if fruitless == PATIENCE:
            aim, fruitless = NEARER * aim, 0
        if fruitless == 0:
            needed = best_bound - ENOUGH * aim
    return Multipliers(resource, best, prices, best_bound)

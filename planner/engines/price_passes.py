"""Prices by passes over all pairs: close to the best ones long before a linear solver has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from planner.bound import best_of_rows, best_pairs, prove
from planner.engines.slots import Slots

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.outcome import Prices
    from models.problem import Floats, Problem

PASSES = 150
FIRST_STEP, SHORTER, SHORTEST = 1.0, 0.6, 1e-3
MEMORY = 0.7
"""How much of the last direction a step keeps, against zigzag."""
PATIENCE = 10
"""Steps become shorter after so many passes without progress."""
PROGRESS = 1e-5
FARTHEST = 0.03
"""The optimum is taken to lie at most so far below the bound, as a share of it."""


def price_passes(
    problem: Problem, prices: Prices, objective: float | None, stop: Callable[[], bool]
) -> Prices:
    """Return prices with a bound at most as high as that of given ones, by subgradient steps.

    Step lengths are those of Polyak 1969, doi:10.1016/0041-5553(69)90061-5, directions those of
    Camerini, Fratta, Maffioli 1975, doi:10.1007/BFb0120697.

    Parameters
    ----------
    objective : money of the best assignment known, below which no bound is; None if there is none
    stop : asked before every pass
    """
    search = _Search(problem, prices)
    for _ in range(PASSES):
        if stop() or search.is_done:
            break
        search.go(-np.inf if objective is None else objective)
    found = prove(problem, search.slots.split(search.best))
    return found if found.bound < prices.bound else prices


class _Search:
    def __init__(self, problem: Problem, prices: Prices) -> None:
        self.slots = slots = Slots.of(problem)
        self.best = np.concatenate([np.zeros(0), *prices.by_resource])
        self.is_done = False
        self._problem = problem
        self._price = self.best
        self._best_bound = np.inf
        self._step = FIRST_STEP
        self._fruitless = 0
        self._direction = np.zeros(len(slots))
        # Hours and money are not of one size, so steps are measured in typical amounts.
        count = np.maximum(np.bincount(slots.slot, minlength=len(slots)), 1)
        typical = np.bincount(slots.slot, np.abs(slots.amount), minlength=len(slots)) / count
        self._unit = np.where(typical > 0, typical, 1.0)

    def go(self, objective: float) -> None:
        """Evaluate the present prices and step on from them."""
        bound, slope = self._evaluate()
        progress = bound < self._best_bound - PROGRESS * abs(bound)
        self._fruitless = 0 if progress else self._fruitless + 1
        if bound < self._best_bound:
            self.best, self._best_bound = self._price, bound
        if self._fruitless >= PATIENCE:
            self._fruitless = 0
            self._step *= SHORTER
            self._price = self.best
            self.is_done = self._step < SHORTEST
            return
        self._direction = MEMORY * self._direction + slope / self._unit
        length = float(self._direction @ self._direction)
        target = max(objective, self._best_bound - FARTHEST * abs(self._best_bound))
        if length == 0.0 or bound <= target:
            self.is_done = True
            return
        step = self._step * (bound - target) / length
        moved = self._price - step * self._direction / self._unit
        self._price = np.clip(moved, -self.slots.under_cost, self.slots.over_cost)

    def _evaluate(self) -> tuple[float, Floats]:
        """Return the bound of the present prices and its slope, money per money per unit."""
        slots, price = self.slots, self._price
        paid = price[slots.slot] * slots.amount
        reduced = self._problem.score - np.bincount(
            slots.pair, paid, minlength=self._problem.num_pairs
        )
        is_taken = np.zeros(self._problem.num_pairs)
        is_taken[best_pairs(self._problem, reduced)] = 1.0
        taken = slots.amount * is_taken[slots.pair]
        load = slots.base + np.bincount(slots.slot, taken, minlength=len(slots))
        wanted = np.clip(load, slots.lower, slots.upper)
        wanted = np.where(price > 0, slots.upper, np.where(price < 0, slots.lower, wanted))
        priced = price != 0
        worth = float(price[priced] @ (wanted - slots.base)[priced])
        return float(best_of_rows(self._problem, reduced).sum()) + worth, wanted - load

"""What anyone can check again: the best prices, the best multipliers, and the bound they prove."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.outcome import BoundSource
from planner.bound import money_is_whole, whole_bound, zero_prices
from planner.knapsack_bound import other_prices

if TYPE_CHECKING:
    from models.outcome import Multipliers, Prices
    from models.problem import Problem


class Proven:
    """Keeps the prices and the multipliers with the lowest bounds.

    Parameters
    ----------
    problem : begins with prices of 0

    Attributes
    ----------
    prices : those with the lowest bound
    multipliers : those that prove a lower one, if there are any
    bound : the lower of the two in money; a whole number where every objective is one
    is_whole : whether every objective is a whole number
    """

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self.is_whole = money_is_whole(problem)
        self.prices: Prices = zero_prices(problem)
        self.multipliers: Multipliers | None = None
        self.bound = whole_bound(problem, self.prices.bound, self.prices.by_resource)

    @property
    def source(self) -> BoundSource:
        """What proves the bound."""
        return BoundSource.PRICES if self.multipliers is None else BoundSource.KNAPSACK

    def told_prices(self) -> Prices:
        """Return the prices to be told with the bound: those of the multipliers, where they are."""
        return self.prices if self.multipliers is None else self.multipliers.prices

    def take_prices(self, prices: Prices) -> bool:
        """Keep prices if they prove a lower bound than those so far; return whether they do."""
        if not prices.bound < self.prices.bound:
            return False
        self.prices = prices
        bound = whole_bound(self._problem, prices.bound, prices.by_resource)
        if bound <= self.bound:
            self.bound, self.multipliers = bound, None
        return True

    def take_multipliers(self, multipliers: Multipliers) -> bool:
        """Keep multipliers if they prove a lower bound than all so far; return whether they do.

        Their prices are taken in any case if they prove more than those so far.
        """
        self.take_prices(multipliers.prices)
        prices = multipliers.prices.by_resource
        others = other_prices(self._problem, prices, multipliers.resource)
        bound = whole_bound(self._problem, multipliers.bound, others)
        if not bound < self.bound:
            return False
        self.bound, self.multipliers = bound, multipliers
        return True

"""The height to which lower limits come down best, by prices, with a bound for all heights.

What fractions of pairs can reach is concave in the height, so that prices found at two heights,
mixed until a step of the relief pays exactly what it costs, prove a bound for all of them. The next
height is where the tangents of two meet (Kelley 1960, "The cutting-plane method for solving convex
programs", doi:10.1137/0108053).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from planner.bound import prove
from planner.engines.prices.best_prices import best_prices
from planner.engines.relief import lowered, reliefs
from planner.kernels.packed import pack

if TYPE_CHECKING:
    from models.arrays import Floats
    from planner.engines.record import Record

HEIGHTS = 25
"""At most so many heights are tried."""
NARROW = 1e-5
"""A height is found where it can raise the bound by no more than this share of it."""
PRICES_END = 1e-6


@dataclass(frozen=True, eq=False)
class Tried:
    """What prices prove at one height.

    Attributes
    ----------
    steps : how far the limits came down
    price : (n_slots,)
    bound : money, what a plan brings at most if it takes so many steps
    slope : money per step, by which this bound rises with further steps
    """

    steps: float
    price: Floats
    bound: float
    slope: float


class Heights:
    """Looks for the best height.

    Parameters
    ----------
    record : takes the prices; those that it has are what the search begins with
    scale : money by which pairs of a row differ
    """

    def __init__(self, record: Record, scale: float) -> None:
        self._record, self._scale = record, scale
        self._problem = record.problem
        ((self._at, self._resource, self._relief),) = reliefs(record.problem)
        self._packed = pack(lowered(record.problem, 0.0))

    def best(self) -> float:
        """Return how many steps to take; the prices that bound all heights are taken."""
        price = self._packed.join(self._record.prices.by_resource)
        counted = self._relief.step > 0
        highest = float((self._resource.lower[counted] / self._relief.step[counted]).max())
        low, high = self._try(0.0, price), self._try(highest, price)
        best = max((low, high), key=lambda tried: tried.bound)
        for _ in range(HEIGHTS):
            self._take_mixed(low, high)
            if low.slope <= 0 or high.slope >= 0 or self._record.is_over():
                break
            # Where both tangents meet.
            steps = (high.bound - low.bound + low.slope * low.steps - high.slope * high.steps) / (
                low.slope - high.slope
            )
            reached = low.bound + low.slope * (steps - low.steps)
            if reached - best.bound <= NARROW * abs(reached):
                break
            tried = self._try(steps, best.price)
            low, high = (tried, high) if tried.slope > 0 else (low, tried)
            best = max((best, tried), key=lambda tried: tried.bound)
        return best.steps

    def _try(self, steps: float, price: Floats | None) -> Tried:
        lower = [resource.lower for resource in self._problem.resources]
        lower[self._at] = self._resource.lower - steps * self._relief.step
        packed = replace(self._packed, lower=self._packed.join(lower))
        search = best_prices(
            packed,
            self._problem.num_reps,
            PRICES_END,
            self._record.is_over,
            start=price,
            scale=self._scale,
        )
        own = self._packed.split(search.best)[self._at]
        slope = float(-np.minimum(own, 0.0) @ self._relief.step) - self._relief.cost
        return Tried(steps, search.best, search.best_bound - self._relief.cost * steps, slope)

    def _take_mixed(self, low: Tried, high: Tried) -> None:
        """Take the prices between those of two heights that bound all heights best."""
        share = 1.0 if low.slope <= 0 else 0.0
        if low.slope > 0 > high.slope:
            share = high.slope / (high.slope - low.slope)
        mixed = share * low.price + (1.0 - share) * high.price
        self._record.take_prices(prove(self._problem, self._packed.split(mixed)))

"""The best prices, by Newton steps on the bound smoothed at falling temperatures.

Smoothing replaces each row's best reduced score by temperature x log sum exp (Nesterov 2005,
"Smooth minimization of non-smooth functions", doi:10.1007/s10107-004-0552-5). The second derivative
of that is a sum over the few rows that several reps compete for, so a truncated Newton step by
conjugate gradients (Steihaug 1983, doi:10.1137/0720042) costs about as much as a pass over the
pairs, and few of them are needed at each temperature. A damping that grows with the slope over the
temperature keeps steps to where the model holds (Levenberg 1944, Marquardt 1963); signs and limits
of prices are kept by projection (Bertsekas 1982, doi:10.1137/0320018).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from planner.kernels.softmax import (
    contested_cells,
    curvature_diagonal,
    curvature_times,
    smoothed,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.arrays import Floats
    from planner.kernels.packed import Packed
    from planner.kernels.softmax import Contested

COOLER = 0.3
"""What a temperature is multiplied by once its prices are good enough."""
FIRST_DAMPING, LEAST_DAMPING = 0.25, 1e-3
MOST_STEPS = 200
MOST_PRODUCTS = 30
"""Products with the curvature for one step."""
RESIDUAL = 1e-4
SETTLED = 0.3
"""A temperature is settled when a step promises less than this share of the entropy's money."""


@dataclass(frozen=True, eq=False)
class Smoothed:
    """The smoothed bound at some prices.

    Attributes
    ----------
    price : (n_slots,)
    temperature : money
    value, bound : money, with smoothing and without
    entropy : money by which shares are spread: value - entropy is what the shares are worth
    load : (n_slots,) of the shares, base included
    contested : the rows that several reps compete for
    """

    price: Floats
    temperature: float
    value: float
    bound: float
    entropy: float
    load: Floats
    contested: Contested


class Newton:
    """Lowers the bound of a packed problem.

    Parameters
    ----------
    packed : the problem
    stop : asked before every pass over the pairs
    damping : to begin with

    Attributes
    ----------
    best, best_bound : the prices with the lowest bound so far, (n_slots,), and that bound
    passes : how many times all pairs were visited
    damping : how much steps are held back
    """

    def __init__(
        self, packed: Packed, stop: Callable[[], bool], damping: float = FIRST_DAMPING
    ) -> None:
        self.packed = packed
        self.best = np.zeros(packed.num_slots)
        self.best_bound = np.inf
        self.passes = 0
        self._stop = stop
        self.damping = damping
        self._amount = typical_amounts(packed)

    def cool(self, price: Floats, temperature: float, end: float) -> float:
        """Improve prices from a temperature on until entropy is below a share of the bound.

        Return the temperature reached.
        """
        now = self._evaluate(price, temperature)
        for _ in range(MOST_STEPS):
            if self._stop():
                break
            step, promised = self._step(now)
            after = self._evaluate(step, now.temperature)
            gained = now.value - after.value
            if gained < 0.25 * promised:
                self.damping *= 4.0
            elif gained > 0.75 * promised:
                self.damping = max(self.damping / 3.0, LEAST_DAMPING)
            if gained > 0:
                now = after
            if promised < SETTLED * now.entropy:
                if now.entropy <= end * abs(now.bound):
                    break
                now = self._evaluate(now.price, COOLER * now.temperature)
        return now.temperature

    def _evaluate(self, price: Floats, temperature: float) -> Smoothed:
        self.passes += 1
        packed = self.packed
        soft, hard, entropy, load, contested = smoothed(packed.arrays, price, temperature)
        room = np.where(price > 0, packed.upper, packed.lower) - packed.base
        worth = float(np.multiply(price, room, where=price != 0, out=np.zeros(len(price))).sum())
        if hard + worth < self.best_bound:
            self.best, self.best_bound = price, hard + worth
        return Smoothed(
            price, temperature, soft + worth, hard + worth, entropy, load + packed.base, contested
        )

    def _step(self, now: Smoothed) -> tuple[Floats, float]:
        """Return the next prices, and by how much they promise to lower the smoothed bound."""
        packed, price = self.packed, now.price
        rising = (price > 0) | ((price == 0) & (now.load > packed.upper))
        falling = (price < 0) | ((price == 0) & (now.load < packed.lower))
        limit = np.where(rising, packed.upper, packed.lower)
        moving = rising | falling
        slope = np.where(moving, limit - now.load, 0.0)
        least = np.where(rising, 0.0, -packed.under_cost)
        most = np.where(rising, packed.over_cost, 0.0)
        moving &= ~((price >= most) & (slope < 0)) & ~((price <= least) & (slope > 0))
        slope = np.where(moving, slope, 0.0)
        cells = contested_cells(packed.arrays, price, now.temperature, now.contested)
        diagonal = curvature_diagonal(*cells, packed.num_slots) / now.temperature
        scale = np.abs(slope) + 1e-3 * np.abs(np.where(moving, limit - packed.base, 0.0))
        damping = self.damping * scale * self._amount / now.temperature + 1e-300

        def times(vector: Floats) -> Floats:
            product = curvature_times(*cells, vector) / now.temperature + damping * vector
            return np.where(moving, product, 0.0)

        direction = conjugate_gradients(times, -slope, np.where(moving, diagonal + damping, 1.0))
        target = np.clip(price + direction, least, most)
        step = np.where(moving, target - price, 0.0)
        promised = -float(slope @ step) - 0.5 * float(step @ (times(step) - damping * step))
        return price + step, promised


def conjugate_gradients(
    times: Callable[[Floats], Floats], right: Floats, preconditioner: Floats
) -> Floats:
    """Return an approximate solution of matrix x = right, for a positive definite matrix."""
    solution = np.zeros(len(right))
    residual = right.copy()
    scaled = residual / preconditioner
    search = scaled.copy()
    size = first = float(residual @ scaled)
    for _ in range(MOST_PRODUCTS):
        if size <= RESIDUAL * first or size <= 0.0:
            break
        product = times(search)
        length = size / float(search @ product)
        solution += length * search
        residual -= length * product
        scaled = residual / preconditioner
        before, size = size, float(residual @ scaled)
        search = scaled + size / before * search
    return solution


def typical_amounts(packed: Packed) -> Floats:
    """Return (n_slots,) about how much one row uses of a slot, above 0."""
    arrays = packed.arrays
    typical = np.zeros(packed.num_slots)
    count = np.zeros(packed.num_slots)
    with_rep = arrays.rep >= 0
    per_rep = np.bincount(arrays.rep[with_rep], minlength=1)
    for layer, start in enumerate(arrays.offset):
        mean = float(np.abs(arrays.row_amount[layer]).mean()) if packed.num_rows else 0.0
        typical[start : start + len(per_rep)] += mean * per_rep
        count[start : start + len(per_rep)] += per_rep
    for layer in range(arrays.pair_slot.shape[1]):
        slot, amount = arrays.pair_slot[:, layer], np.abs(arrays.pair_amount[:, layer])
        used = (slot >= 0) & (amount > 0)
        typical += np.bincount(slot[used], amount[used], minlength=packed.num_slots)
        count += np.bincount(slot[used], minlength=packed.num_slots)
    return np.where(typical > 0, typical / np.maximum(count, 1), 1.0)

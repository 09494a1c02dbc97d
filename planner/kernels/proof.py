"""The bound that prices prove, by a compiled pass in float64: the oracle's result, sooner."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.outcome import Prices
from planner.bound import clip_prices, conjugate
from planner.kernels.packed import pack
from planner.kernels.passes import best_sum

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.arrays import Floats
    from models.problem import Problem
    from planner.kernels.packed import Packed


class Proof:
    """Proves bounds of one problem.

    Parameters
    ----------
    problem : the problem; its arrays are shared, not copied, where that is possible
    """

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._packed: Packed = pack(problem, np.float64)

    def prove(self, by_resource: Sequence[Floats]) -> Prices:
        """Return prices clipped into their valid range, with the bound that they prove."""
        resources = self._problem.resources
        clipped = clip_prices(self._problem, by_resource)
        total, _ = best_sum(self._packed.arrays, self._packed.join(clipped))
        total += sum(float(conjugate(*each).sum()) for each in zip(resources, clipped, strict=True))
        return Prices(clipped, np.inf if np.isnan(total) else total)

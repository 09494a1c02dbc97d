"""Prices, and what they prove, for plans that no engine of ours made for the problem itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from planner.bound import prove, zero_prices

if TYPE_CHECKING:
    from models.arrays import Floats
    from models.outcome import Prices
    from models.problem import Problem

END = 1e-6
"""The share of the bound that may still be hidden."""
COLD = 1e-3
"""Times the mean score: how far below its best pair a row still shares itself out."""


def proven_prices(problem: Problem, start: tuple[Floats, ...] | None = None) -> Prices:
    """Return the best prices of a problem.

    Parameters
    ----------
    start : prices close to them; None if none are known
    """
    if not (problem.num_rows and problem.resources):
        return zero_prices(problem)
    from planner.engines.prices.best_prices import best_prices
    from planner.kernels.packed import pack

    packed = pack(problem)
    known = None if start is None else packed.join(start)
    search = best_prices(packed, problem.num_reps, END, lambda: False, start=known)
    found, zeros = prove(problem, packed.split(search.best)), zero_prices(problem)
    return found if found.bound < zeros.bound else zeros


def spread_loads(problem: Problem, prices: Prices) -> tuple[Floats, ...]:
    """Return per resource (n_groups,) loads where rows share themselves out among their best pairs.

    Near the best prices these come close to what the linear relaxation does.
    """
    from planner.kernels.packed import pack
    from planner.kernels.softmax import smoothed

    packed = pack(problem)
    temperature = COLD * float(np.abs(problem.score).mean()) or 1.0
    load = smoothed(packed.arrays, packed.join(prices.by_resource), temperature)[3]
    return packed.split(load + packed.base)

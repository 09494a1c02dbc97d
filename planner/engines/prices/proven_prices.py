"""Prices, and what they prove, for plans that no engine of ours made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.bound import prove, zero_prices

if TYPE_CHECKING:
    from models.outcome import Prices
    from models.problem import Problem

END = 1e-6
"""The share of the bound that may still be hidden."""


def proven_prices(problem: Problem) -> Prices:
    """Return the best prices of a problem."""
    if not (problem.num_rows and problem.resources):
        return zero_prices(problem)
    from planner.engines.prices.best_prices import best_prices
    from planner.kernels.packed import pack

    packed = pack(problem)
    search = best_prices(packed, problem.num_reps, END, lambda: False)
    found, zeros = prove(problem, packed.split(search.best)), zero_prices(problem)
    return found if found.bound < zeros.bound else zeros

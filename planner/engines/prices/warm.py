"""`python -m planner.engines.prices.warm`: compile every kernel, so that no solve waits for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.outcome import Limits
from models.problem import Problem
from models.resource import Layer, Resource
from planner.engines.prices.engine import Prices
from planner.kernels.knapsack import KnapsackPass
from planner.kernels.packed import pack, take_rows
from planner.kernels.passes import best_pairs_and_losses
from planner.knapsack_bound import knapsacks

if TYPE_CHECKING:
    from planner.engines.engine import Progress


class _Deaf:
    """A watcher that hears nothing and never stops."""

    def report(self, progress: Progress) -> None:
        """Take no note."""

    def should_stop(self) -> bool:
        """Return False."""
        return False


def warm() -> None:
    """Solve a problem with every kind of layer, and enough rows for a sample of them."""
    rows, reps = 600, 3
    rng = np.random.default_rng(0)
    rep = np.tile(np.append(np.arange(reps), -1), rows).astype(np.int32)
    pairs = len(rep)
    hours = Resource.at_most("hours", np.ones(rows), np.full(reps, rows / 5))
    value = Layer(rng.random(pairs), np.where(rep >= 0, 0, -1).astype(np.int32))
    team = Resource("team", (value,), np.zeros(1), np.full(1, 9.0), np.full(1, 9.0),
                    np.ones(1), np.ones(1))  # fmt: skip
    score = np.where(rep >= 0, 10 * rng.random(pairs), 0.0)
    problem = Problem(np.arange(rows + 1) * (reps + 1), rep, score, reps, (hours, team))
    Prices().solve(problem, Limits(seconds=None, iterations=1, gap=0.0), None, _Deaf())
    # A sample's arrays may be written, those of a problem may not: kernels of their own.
    packed = pack(problem)
    price, chosen, loss = np.zeros(packed.num_slots), np.empty(rows, np.int64), np.empty(pairs)
    for each in (packed, take_rows(packed, np.arange(rows), 1.0)):
        best_pairs_and_losses(each.arrays, price, chosen, loss)
    unpriced = [np.zeros(reps), np.zeros(1)]
    KnapsackPass(problem, unpriced, knapsacks(problem, 0)).evaluate(np.zeros(rows))


if __name__ == "__main__":
    warm()

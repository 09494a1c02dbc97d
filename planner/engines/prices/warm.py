"""`python -m planner.engines.prices.warm`: compile every kernel, so that no solve waits for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.outcome import Limits
from models.problem import Layer, Problem, Resource
from planner.engines.prices.engine import Prices

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
    """Solve a problem of a few rows with every kind of layer."""
    rows, reps = 60, 3
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


if __name__ == "__main__":
    warm()

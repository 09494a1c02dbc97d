"""`prices`: for any size; prices first, then a plan near them, with a gap that anyone can check."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar

from planner.engines.baselines.greedy import greedy
from planner.engines.record import Record
from planner.engines.relief import without_relief

if TYPE_CHECKING:
    from models.outcome import Limits, Outcome
    from models.problem import Problem
    from planner.engines.engine import Start, Watcher

GREEDY_PAIRS = 1_000_000
"""Up to so many pairs the greedy plan is at hand before a time limit can end the process."""


class Prices:
    """Supports every problem without reliefs; it proves a small gap at any size, seldom none."""

    name: ClassVar[str] = "prices"
    isolated: ClassVar[bool] = True

    def unsupported(self, problem: Problem) -> str | None:
        """Return why prices cannot take the problem: kernels know each limit by itself."""
        return without_relief(self.name, problem)

    def solve(
        self, problem: Problem, limits: Limits, start: Start | None, watcher: Watcher
    ) -> Outcome:
        """Solve `problem` from an optional start until the gap is reached or stopped."""
        record = Record(self.name, problem, limits, watcher, time.monotonic())
        if start is not None:
            record.take_assignment(start.chosen)
        if problem.num_pairs <= GREEDY_PAIRS:
            record.take_assignment(greedy(problem, limits.seed))
        # Compiled kernels and solvers take seconds to load; a plan at hand is told before.
        from planner.engines.prices.run import PricesRun

        return PricesRun(record).solve(start)

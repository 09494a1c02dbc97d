"""`exact`: the whole array problem by OR-Tools, for up to some 50,000 pairs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar

from planner.bound import prove
from planner.engines.baselines.greedy import greedy
from planner.engines.record import Record
from planner.engines.relief import without_relief

if TYPE_CHECKING:
    from models.outcome import Limits, Outcome
    from models.problem import Problem
    from planner.engines.engine import Start, Watcher


class Exact:
    """Supports every problem without reliefs; it proves optimality where time allows."""

    name: ClassVar[str] = "exact"
    isolated: ClassVar[bool] = True

    def unsupported(self, problem: Problem) -> str | None:
        """Return why exact cannot take the problem: it cuts it into parts."""
        return without_relief(self.name, problem)

    def solve(
        self, problem: Problem, limits: Limits, start: Start | None, watcher: Watcher
    ) -> Outcome:
        """Solve `problem` from an optional start until optimal or stopped."""
        record = Record(self.name, problem, limits, watcher, time.monotonic())
        if start is not None and start.prices is not None:
            record.take_prices(prove(problem, start.prices))
        for known in (None if start is None else start.chosen, greedy(problem, limits.seed)):
            if known is not None:
                record.take_assignment(known)
        # Importing the solvers takes seconds: a plan is told before, so that even the shortest
        # limit leaves one, and a command without a solve does not wait.
        from planner.engines.exact_run import ExactRun

        return ExactRun(record).solve()

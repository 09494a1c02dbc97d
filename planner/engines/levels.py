"""`levels`: lifts the books that have least, where lower limits come down together."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar

from planner.engines.record import Record
from planner.engines.relief import reliefs

if TYPE_CHECKING:
    from models.outcome import Limits, Outcome
    from models.problem import Problem
    from planner.engines.engine import Start, Watcher


class Levels:
    """Supports problems with one relief; up to some 50,000 pairs it proves optimality."""

    name: ClassVar[str] = "levels"
    isolated: ClassVar[bool] = True

    def unsupported(self, problem: Problem) -> str | None:
        """Return why levels cannot take the problem: it looks for the height of one relief."""
        found = reliefs(problem)
        if len(found) != 1:
            count = len(found)
            return f"levels takes one resource whose lower limits come down together, not {count}"
        if found[0][1].num_groups != problem.num_reps:
            return f"levels takes groups that are the reps; those of {found[0][1].name} are not"
        return None

    def solve(
        self, problem: Problem, limits: Limits, start: Start | None, watcher: Watcher
    ) -> Outcome:
        """Solve `problem` from an optional start until optimal or stopped."""
        record = Record(self.name, problem, limits, watcher, time.monotonic())
        if start is not None:
            record.take_assignment(start.chosen)
        # Compiled kernels and solvers take seconds to load; a plan at hand is told before.
        from planner.engines.levels_run import LevelsRun

        return LevelsRun(record).solve(start)

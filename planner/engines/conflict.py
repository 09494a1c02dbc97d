"""`conflict`: which limits of a problem cannot all hold, and how to give way at the lowest cost.

The limits that may give way are soft, at what it costs to give way by one unit; scores are 0. So
every assignment has a cost, and one that costs nothing keeps all limits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from planner.engines.relief import without_relief

if TYPE_CHECKING:
    from models.outcome import Limits, Outcome
    from models.problem import Problem
    from planner.engines.engine import Start, Watcher


class Conflicts:
    """Supports every problem without reliefs, scores apart."""

    name: ClassVar[str] = "conflict"
    isolated: ClassVar[bool] = True

    def unsupported(self, problem: Problem) -> str | None:
        """Return why the engine cannot take the problem."""
        return without_relief(self.name, problem)

    def solve(
        self, problem: Problem, limits: Limits, start: Start | None, watcher: Watcher
    ) -> Outcome:
        """Return the assignment that gives way least, and a conflict where that costs anything."""
        del start
        from planner.engines.conflict_run import ConflictRun

        return ConflictRun(problem, limits, watcher).solve()

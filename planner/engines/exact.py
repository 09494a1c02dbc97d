"""`exact`: the whole array problem by OR-Tools, for up to some 50,000 pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from models.outcome import Limits, Outcome
    from models.problem import Ints, Problem
    from planner.engines.engine import Watcher


class Exact:
    """Supports every problem; it proves optimality where time allows."""

    name: ClassVar[str] = "exact"
    isolated: ClassVar[bool] = True

    def unsupported(self, problem: Problem) -> str | None:
        """Return None: exact supports the whole array problem."""
        return None

    def solve(
        self, problem: Problem, limits: Limits, start: Ints | None, watcher: Watcher
    ) -> Outcome:
        """Solve `problem` from an optional start assignment until optimal or stopped."""
        # Importing the solvers takes seconds, which a command without a solve need not wait.
        from planner.engines.exact_run import ExactRun

        return ExactRun(self.name, problem, limits, watcher).solve(start)

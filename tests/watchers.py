"""A watcher for engines that run in the test's own process, which saves starting another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.outcome import Limits
from planner.engines.engine import Start

if TYPE_CHECKING:
    from models.arrays import Floats, Ints
    from models.outcome import Outcome
    from models.problem import Problem
    from planner.engines.engine import Engine, Progress

EXACTLY = Limits(seconds=60.0, gap=0.0)


class Notebook:
    """Writes down what it hears; stops an engine after it was asked so many times, if at all."""

    def __init__(self, patience: float = float("inf")) -> None:
        self.heard: list[Progress] = []
        self._patience = patience

    def report(self, progress: Progress) -> None:
        """Write it down."""
        self.heard.append(progress)

    def should_stop(self) -> bool:
        """Whether it was asked more often than it has patience."""
        self._patience -= 1
        return self._patience < 0

    @property
    def messages(self) -> list[str]:
        """What people were told."""
        return [progress.message for progress in self.heard if progress.message]


def solve(
    engine: Engine,
    problem: Problem,
    limits: Limits = EXACTLY,
    start: Ints | None = None,
    watcher: Notebook | None = None,
    prices: tuple[Floats, ...] | None = None,
) -> Outcome:
    """Run an engine in this process; without limits it goes on until it has the optimum."""
    begin = None if start is None else Start(start, prices)
    return engine.solve(problem, limits, begin, watcher or Notebook())

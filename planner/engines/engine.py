"""What every engine is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol

if TYPE_CHECKING:
    from models.arrays import Floats, Ints
    from models.outcome import Limits, Multipliers, Outcome, Prices
    from models.problem import Problem


@dataclass(frozen=True, eq=False)
class Progress:
    """The best that an engine knows at a moment; parts it does not know stay None.

    Attributes
    ----------
    chosen : (n_rows,) int64, a feasible assignment, better than the ones reported before
    prices : better prices than the ones reported before
    multipliers : better multipliers than the ones reported before
    objective : money, of `chosen`
    score : money, sum of abs(score) over the pairs of `chosen` with a rep: its gap is a share of it
    bound : money, a solver's own bound
    message : what the engine is doing, for people
    stage : what begins now, where something does: figures told later are of it
    """

    chosen: Ints | None = None
    objective: float | None = None
    score: float | None = None
    prices: Prices | None = None
    multipliers: Multipliers | None = None
    bound: float | None = None
    message: str = ""
    stage: str = ""


@dataclass(frozen=True, eq=False)
class Start:
    """Where a search may begin.

    Attributes
    ----------
    chosen : (n_rows,) int64, the pair chosen in each row; it need not keep the limits
    prices : per resource (n_groups,) money per unit, close to the best ones; None if unknown
    """

    chosen: Ints
    prices: tuple[Floats, ...] | None = None


class Watcher(Protocol):
    """Hears of progress and tells an engine whether it should stop."""

    def report(self, progress: Progress) -> None:
        """Take note of an improvement."""

    def should_stop(self) -> bool:
        """Whether the run was cancelled or its time is over."""


class Engine(Protocol):
    """Solves a problem; the one interface of everything in this package."""

    name: ClassVar[str]
    isolated: ClassVar[bool]
    """Whether it runs native solvers and therefore belongs in a child process."""

    def unsupported(self, problem: Problem) -> str | None:
        """Return why the engine cannot take this problem, or None when it can."""

    def solve(
        self, problem: Problem, limits: Limits, start: Start | None, watcher: Watcher
    ) -> Outcome:
        """Solve `problem` from an optional start until optimal or stopped."""


class Silent:
    """A watcher that takes no note and never stops."""

    def report(self, progress: Progress) -> None:
        """Take no note."""

    def should_stop(self) -> bool:
        """Return False."""
        return False

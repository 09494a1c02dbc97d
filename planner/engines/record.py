"""The best that an engine knows at any moment, and whether that is enough."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from models.outcome import (
    OPTIMAL_MONEY,
    OPTIMAL_SHARE,
    BoundSource,
    Outcome,
    StopReason,
    is_optimal,
    relative_gap,
)
from planner.bound import whole_money
from planner.engines.engine import Progress
from planner.engines.proven import Proven

if TYPE_CHECKING:
    from models.arrays import Ints
    from models.outcome import Limits, Multipliers, Prices
    from models.problem import Problem
    from planner.engines.engine import Watcher

# A plan may use each hard limit's tolerance of 1e-6, and so be that much better than it could.
TOLERATED_MONEY = 0.01
TOLERATED_SHARE = 1e-6
PART_SECONDS = 0.5
"""What one part may take of a time limit: a search lives on many of them."""


class Record:
    """Keeps the best assignment, prices and bound of a run, and tells the watcher of each.

    Parameters
    ----------
    engine : the name under which the outcome is told
    problem, limits, watcher : as the engine is given them
    began : when the engine began, by the monotonic clock

    Attributes
    ----------
    chosen, objective : the best feasible assignment, (n_rows,), and its money; None before one
    steps : how many steps the engine has taken
    """

    def __init__(
        self, engine: str, problem: Problem, limits: Limits, watcher: Watcher, began: float
    ) -> None:
        self.engine, self.problem, self.limits = engine, problem, limits
        self.began = began
        self.chosen: Ints | None = None
        self.objective: float | None = None
        self.steps = 0
        self._watcher = watcher
        self._proven = Proven(problem)
        self._solver_bound = np.inf
        self._trace: list[tuple[float, float | None, float]] = []

    @property
    def bound(self) -> float:
        """The lowest bound that anything proved, in money; whole where every objective is."""
        return min(self._proven.bound, self._solver_bound)

    @property
    def prices(self) -> Prices:
        """The prices with the lowest bound."""
        return self._proven.prices

    @property
    def multipliers(self) -> Multipliers | None:
        """The multipliers that prove a lower bound than the prices, if there are any."""
        return self._proven.multipliers

    def say(self, message: str) -> None:
        """Tell people what happens."""
        self._watcher.report(Progress(message=message))

    def take_assignment(self, candidate: Ints) -> bool:
        """Keep an assignment if it is feasible and better; return whether it is."""
        if not self.problem.is_feasible(candidate):
            return False
        objective = self.problem.objective(candidate)
        if self.objective is not None and objective <= self.objective:
            return False
        self.chosen, self.objective = np.array(candidate), objective
        if self._solver_bound < objective - self._tolerated():
            # No solver proves what a verified plan disproves.
            self._solver_bound = np.inf
        score = self.problem.assigned_score(self.chosen)
        self._watcher.report(Progress(chosen=self.chosen, objective=objective, score=score))
        self._note()
        return True

    def take_prices(self, prices: Prices) -> None:
        """Keep prices if they prove a lower bound."""
        if self._proven.take_prices(prices):
            self._watcher.report(Progress(prices=prices))
            self._note()

    def take_multipliers(self, multipliers: Multipliers) -> None:
        """Keep multipliers if they prove a lower bound than prices and multipliers so far."""
        if self._proven.take_multipliers(multipliers):
            self._watcher.report(Progress(multipliers=multipliers))
            self._note()

    def take_bound(self, bound: float) -> None:
        """Keep a solver's bound if it is lower, and not below what a plan reaches."""
        # Solvers prove their bounds up to tolerances, not exactly.
        bound += 1e-9 * abs(bound)
        if self._proven.is_whole:
            bound = whole_money(bound, TOLERATED_SHARE * max(1.0, abs(bound)))
        if self.objective is not None and bound < self.objective:
            if bound < self.objective - self._tolerated():
                return
            bound = self.objective
        if bound < self.bound:
            self._solver_bound = bound
            self._watcher.report(Progress(bound=bound))
            self._note()

    def seconds_left(self) -> float | None:
        """Return the rest of the time limit; None if there is none."""
        if self.limits.seconds is None:
            return None
        return max(0.0, self.limits.seconds - (time.monotonic() - self.began))

    def part_seconds(self) -> float | None:
        """Return what one part of a search may take; None without a time limit."""
        left = self.seconds_left()
        # A run that counts steps ends each of them by its nodes, so that it can be repeated.
        if left is None or self.limits.iterations is not None:
            return left
        return min(PART_SECONDS, left)

    def is_over(self) -> bool:
        """Whether to stop: the plan is good enough, or a limit is reached."""
        iterations = self.limits.iterations
        return (
            self.is_close()
            or self.seconds_left() == 0.0
            or self._watcher.should_stop()
            or (iterations is not None and self.steps >= iterations)
        )

    def is_close(self) -> bool:
        """Whether the gap asked for is reached."""
        return is_optimal(self.bound, self.objective) or self.is_within(self.limits.gap)

    def is_within(self, gap: float) -> bool:
        """Whether the plan is at most so far from the bound, as a share of its score."""
        reached = relative_gap(self.bound, self.objective, self._assigned_score())
        return reached is not None and reached <= gap

    def close_enough(self) -> float:
        """Return the distance from the bound that the limits ask for, in money."""
        least = max(OPTIMAL_MONEY, OPTIMAL_SHARE * abs(self.bound))
        return max(least, self.limits.gap * self._assigned_score())

    def _assigned_score(self) -> float:
        return 0.0 if self.chosen is None else self.problem.assigned_score(self.chosen)

    def outcome(self) -> Outcome:
        """Return what is known as the outcome of the run."""
        reason, detail = self._why()
        proven, by_solver = self._proven, self._by_solver()
        return Outcome(
            engine=self.engine,
            reason=reason,
            detail=detail,
            chosen=self.chosen,
            objective=self.objective,
            prices=proven.prices if by_solver else proven.told_prices(),
            bound=self.bound,
            bound_source=BoundSource.SOLVER if by_solver else proven.source,
            multipliers=None if by_solver else proven.multipliers,
            seconds=time.monotonic() - self.began,
            iterations=self.steps,
            trace=tuple(self._trace),
        )

    def _why(self) -> tuple[StopReason, str]:
        kept = "the best plan so far is kept" if self.chosen is not None else "there is no plan yet"
        if is_optimal(self.bound, self.objective):
            return StopReason.OPTIMAL, "no plan is better"
        if self.is_close():
            return StopReason.GAP_REACHED, "the gap asked for is reached"
        if self.seconds_left() == 0.0:
            return StopReason.TIME_LIMIT, f"the time was over; {kept}"
        if self._watcher.should_stop():
            return StopReason.CANCELLED, f"stopped on request; {kept}"
        if self.chosen is None:
            return StopReason.FAILED, "no solver found an assignment or proved that there is none"
        if self.limits.iterations is not None and self.steps >= self.limits.iterations:
            return StopReason.ITERATION_LIMIT, f"the steps allowed were taken; {kept}"
        return StopReason.ITERATION_LIMIT, f"the search came to its end; {kept}"

    def _by_solver(self) -> bool:
        return self._solver_bound < self._proven.bound

    def _tolerated(self) -> float:
        return max(TOLERATED_MONEY, TOLERATED_SHARE * abs(self.objective or 0.0))

    def _note(self) -> None:
        self._trace.append((time.monotonic() - self.began, self.objective, self.bound))

"""`exact`: the whole array problem by OR-Tools, for up to some 50,000 pairs.

The linear relaxation gives prices and a bound, its rounding a plan, the neighbourhood search
improves it, and where the whole is small enough HiGHS proves the rest.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from models.outcome import BoundSource, Outcome, StopReason, is_optimal
from planner.bound import prove, reduced_scores, zero_prices
from planner.engines.baselines.greedy import greedy, place_in_order
from planner.engines.engine import Progress
from planner.engines.infeasible import infeasible_outcome

if TYPE_CHECKING:
    from models.outcome import Limits, Prices
    from models.problem import Floats, Ints, Problem
    from planner.engines.engine import Watcher
    from planner.engines.mip import MipResult

WHOLE_PAIRS = 4_000
"""Up to so many pairs HiGHS takes the whole problem at once."""
STALE_STEPS = 40
SIZES = (3, 5, 2, 7)


class Exact:
    """Supports every problem; it proves optimality where time allows."""

    name: ClassVar[str] = "exact"
    isolated: ClassVar[bool] = True

    def unsupported(self, problem: Problem) -> str | None:  # noqa: ARG002
        """Return None: exact supports the whole array problem."""
        return None

    def solve(
        self, problem: Problem, limits: Limits, start: Ints | None, watcher: Watcher
    ) -> Outcome:
        """Solve `problem`; see the module for the steps."""
        return _Run(problem, limits, watcher).solve(start)


class _Run:
    """One solve: the best known assignment and bound, and the time left."""

    def __init__(self, problem: Problem, limits: Limits, watcher: Watcher) -> None:
        self.problem, self.limits, self.watcher = problem, limits, watcher
        self.began = time.monotonic()
        self.chosen: Ints | None = None
        self.objective: float | None = None
        self.prices: Prices = zero_prices(problem)
        self.solver_bound = np.inf
        self.steps = 0
        self.trace: list[tuple[float, float | None, float]] = []

    def solve(self, start: Ints | None) -> Outcome:
        for candidate in (start, greedy(self.problem, self.limits.seed)):
            if candidate is not None:
                self.improve(candidate)
        if not self.relax():
            return infeasible_outcome(Exact.name, self.problem, self.began)
        whole = self.problem.num_pairs <= WHOLE_PAIRS or self.chosen is None
        if not self.is_over() and whole and self.solve_whole():
            return infeasible_outcome(Exact.name, self.problem, self.began)
        if self.chosen is not None and not self.is_over():
            self.polish()
        if not whole and not self.is_over():
            self.solve_whole()
        return self.outcome()

    def relax(self) -> bool:
        """Take prices and a rounded plan from the linear relaxation; False if it has no solution."""
        from planner.engines.mip import build, solve_lp

        self.watcher.report(Progress(message="solving the linear relaxation"))
        solved = solve_lp(build(self.problem, integer=False), self.seconds_left())
        if solved is None:
            return self.seconds_left() == 0.0
        x, duals = solved
        prices = prove(self.problem, duals)
        if prices.bound < self.prices.bound:
            self.prices = prices
            self.watcher.report(Progress(prices=prices))
            self.note()
        self.improve(self._rounded(x))
        return True

    def _rounded(self, x: Floats) -> Ints:
        """Return the relaxation's plan: whole rows first, split ones where there is room."""
        largest = np.maximum.reduceat(x, self.problem.indptr[:-1])
        reduced = reduced_scores(self.problem, self.prices.by_resource)
        keys = (-reduced, -np.round(x, 6), self.problem.pair_rows())
        return place_in_order(self.problem, np.argsort(-largest, kind="stable"), np.lexsort(keys))

    def solve_whole(self) -> bool:
        """Let HiGHS solve the whole problem; return whether it found it infeasible."""
        from planner.engines.mip import build, solve_mip

        self.watcher.report(Progress(message="solving the whole problem with HiGHS"))
        model = build(self.problem, integer=True)
        result = solve_mip(model, self.seconds_left(), self._tolerance(), self.chosen)
        self.take(result)
        return result.infeasible and self.chosen is None

    def take(self, result: MipResult) -> None:
        if result.chosen is not None:
            self.improve(result.chosen)
        if not result.infeasible and result.bound < self.solver_bound:
            # HiGHS proves its bound up to its tolerances, not exactly.
            self.solver_bound = result.bound + 1e-9 * abs(result.bound)
            self.watcher.report(Progress(bound=self.solver_bound))
            self.note()

    def polish(self) -> None:
        from planner.engines.polish import Polish

        if self.chosen is None:
            return
        self.watcher.report(Progress(message="improving books of a few reps at a time"))
        search = Polish(self.problem, self.prices, self.chosen, self.limits.seed)
        stale, size = 0, 0
        while not self.is_over() and size < len(SIZES):
            if search.step(SIZES[size], min(1.0 + size, self.seconds_left() or np.inf)):
                self.improve(search.chosen)
                stale = 0
            else:
                stale += 1
            self.steps = search.steps
            if stale > STALE_STEPS + self.problem.num_reps:
                stale, size = 0, size + 1

    def improve(self, candidate: Ints) -> None:
        """Keep a candidate if it is feasible and better."""
        if not self.problem.is_feasible(candidate):
            return
        objective = self.problem.objective(candidate)
        if self.objective is None or objective > self.objective:
            self.chosen, self.objective = np.array(candidate), objective
            self.watcher.report(Progress(chosen=self.chosen))
            self.note()

    def note(self) -> None:
        self.trace.append((time.monotonic() - self.began, self.objective, self.bound))

    @property
    def bound(self) -> float:
        return min(self.prices.bound, self.solver_bound)

    def seconds_left(self) -> float | None:
        if self.limits.seconds is None:
            return None
        return max(0.0, self.limits.seconds - (time.monotonic() - self.began))

    def _tolerance(self) -> float:
        """Return the relative gap to ask of HiGHS, which measures it against the objective."""
        if not self.objective:
            return 0.0
        return self.limits.gap * self._assigned_score() / abs(self.objective) / 2

    def _assigned_score(self) -> float:
        if self.chosen is None:
            return 0.0
        with_rep = self.problem.rep[self.chosen] >= 0
        return float(np.abs(self.problem.score[self.chosen][with_rep]).sum())

    def is_close(self) -> bool:
        """Whether the gap asked for is reached."""
        if self.objective is None:
            return False
        gap = max(0.0, self.bound - self.objective)
        return gap <= self.limits.gap * self._assigned_score() or is_optimal(
            self.bound, self.objective
        )

    def is_over(self) -> bool:
        iterations = self.limits.iterations
        return (
            self.is_close()
            or self.seconds_left() == 0.0
            or self.watcher.should_stop()
            or (iterations is not None and self.steps >= iterations)
        )

    def outcome(self) -> Outcome:
        reason, detail = self._why()
        solver = self.solver_bound < self.prices.bound
        return Outcome(
            engine=Exact.name,
            reason=reason,
            detail=detail,
            chosen=self.chosen,
            objective=self.objective,
            prices=self.prices,
            bound=self.bound,
            bound_source=BoundSource.SOLVER if solver else BoundSource.PRICES,
            seconds=time.monotonic() - self.began,
            iterations=self.steps,
            trace=tuple(self.trace),
        )

    def _why(self) -> tuple[StopReason, str]:
        if self.objective is not None and is_optimal(self.bound, self.objective):
            return StopReason.OPTIMAL, "no plan is better"
        if self.is_close():
            return StopReason.GAP_REACHED, "the gap asked for is reached"
        if self.watcher.should_stop():
            return StopReason.CANCELLED, "stopped on request; the best plan so far is kept"
        if self.seconds_left() == 0.0:
            return StopReason.TIME_LIMIT, "the time was over; the best plan so far is kept"
        return StopReason.ITERATION_LIMIT, "the steps allowed were taken"

"""One run of `exact`: relaxation, rounding, neighbourhood search, proof."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from planner.bound import losses, prove
from planner.engines.answer import Answer
from planner.engines.baselines.greedy import greedy
from planner.engines.infeasible import infeasible_outcome
from planner.engines.mip import build, solve_lp, solve_verified
from planner.engines.neighbourhood import restrict
from planner.engines.polish import PART_PAIRS, Polish, first_radius
from planner.engines.record import Record
from planner.engines.rounding import rounded
from planner.engines.second_opinion import second_opinion

if TYPE_CHECKING:
    from models.outcome import Limits, Outcome
    from models.problem import Ints, Problem
    from planner.engines.engine import Watcher

PROOF_PAIRS = 6_000
"""Up to so many open pairs HiGHS takes all that may still be better as one."""
PROOF_NODES = 100
"""With a limit on steps, a proof may take so many nodes for each of them."""
PART_SECONDS = 0.5
"""What one part may take of a time limit: the search lives on many of them."""
WIDER = 8


class ExactRun:
    """One solve.

    Parameters
    ----------
    engine : the name under which the outcome is told
    problem, limits, watcher : as the engine is given them
    """

    def __init__(self, engine: str, problem: Problem, limits: Limits, watcher: Watcher) -> None:
        self._engine = engine
        self._problem = problem
        self._limits = limits
        self._record = Record(engine, problem, limits, watcher)

    def solve(self, start: Ints | None) -> Outcome:
        """Return the outcome; `start` is an assignment to begin with."""
        record = self._record
        for candidate in (start, greedy(self._problem, self._limits.seed)):
            if candidate is not None:
                record.take_assignment(candidate)
        is_possible = self._relax() and self._find_plan()
        if record.chosen is None and not (is_possible and record.is_over()):
            # Some assignments keep the limits just within their tolerance, unseen by the others.
            opinion = second_opinion(self._problem, record.seconds_left())
            if opinion.chosen is not None:
                record.take_assignment(opinion.chosen)
            elif not is_possible:
                return infeasible_outcome(self._engine, opinion, record.began)
        self._search()
        return record.outcome()

    def _relax(self) -> bool:
        """Take prices and a rounded plan from the relaxation; False if it has no solution."""
        record = self._record
        record.say("solving the linear relaxation")
        result = solve_lp(build(self._problem, integer=False), record.seconds_left())
        if result.prices is not None and result.share is not None:
            prices = prove(self._problem, result.prices)
            record.take_prices(prices)
            loss = losses(self._problem, record.prices.by_resource)
            record.take_assignment(rounded(self._problem, result.share, loss))
        return result.answer is not Answer.INFEASIBLE or record.chosen is not None

    def _find_plan(self) -> bool:
        """Look for a first plan if there is none; False if HiGHS proves that there can be none.

        It chooses among the pairs that lose least under the prices, and then among ever more.
        """
        record, problem = self._record, self._problem
        loss = losses(problem, record.prices.by_resource)
        best = np.flatnonzero(loss == 0.0)
        guess = best[np.searchsorted(best, problem.indptr[:-1])]
        radius = first_radius(problem, record.prices, loss)
        while record.chosen is None and not record.is_over():
            record.say("looking for a first plan")
            near = np.flatnonzero(loss <= radius)
            part = restrict(problem, near, guess)
            is_all = len(near) == problem.num_pairs
            result = solve_verified(
                part.problem,
                self._seconds(1.0 if is_all else 0.25),
                gap_money=0.0 if is_all else np.inf,
                nodes=self._nodes(),
            )
            if result.chosen is not None:
                record.take_assignment(part.whole(result.chosen))
            if is_all:
                record.take_bound(result.bound + part.fixed)
                return result.answer is not Answer.INFEASIBLE
            radius = WIDER * radius if radius > 0 else float(loss.max())
        return True

    def _search(self) -> None:
        """Improve the plan part by part; where little is left open, let HiGHS prove the rest."""
        record = self._record
        if record.chosen is None or record.is_over():
            return
        record.say("improving books of a few reps at a time")
        search = Polish(self._problem, record.prices, record.chosen, self._limits.seed)
        tried = -np.inf
        while not record.is_over():
            is_small = search.num_open() <= PART_PAIRS
            if (
                (is_small or search.is_stale)
                and search.num_open() <= PROOF_PAIRS
                and tried < search.objective
            ):
                tried = search.objective
                record.say("proving the rest with HiGHS")
                gap = 0.0 if is_small else record.close_enough() / 2
                search.prove(gap, self._nodes(), self._seconds(0.5))
            elif (
                search.is_stale and self._limits.seconds is None and self._limits.iterations is None
            ):
                return
            else:
                search.step(self._part_seconds())
            record.steps = search.steps
            record.take_assignment(search.chosen)
            record.take_bound(search.bound)

    def _seconds(self, share: float) -> float | None:
        """Return a share of the time left; None without a time limit."""
        left = self._record.seconds_left()
        return None if left is None else share * left

    def _part_seconds(self) -> float | None:
        left = self._record.seconds_left()
        # A run that counts steps ends each of them by its nodes, so that it can be repeated.
        if left is None or self._limits.iterations is not None:
            return left
        return min(PART_SECONDS, left)

    def _nodes(self) -> int | None:
        iterations = self._limits.iterations
        return None if iterations is None else PROOF_NODES * iterations

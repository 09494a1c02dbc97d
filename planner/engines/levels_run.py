"""One run of `levels`: prices, plans near the best height of the limits, the proof of small ones.

For a given height the problem is an ordinary one with soft lower limits, which `prices` solves.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from models.resource import NOT_COUNTED
from planner.bound import losses, prove
from planner.engines.answer import Answer
from planner.engines.engine import Start
from planner.engines.heights import Heights
from planner.engines.infeasible import infeasible_outcome
from planner.engines.neighbourhood import restrict
from planner.engines.prices.engine import Prices as PricesEngine
from planner.engines.relaxation import relax
from planner.engines.relief import lowered, reliefs
from planner.engines.rounding import rounded
from planner.engines.second_opinion import second_opinion
from planner.engines.verified import solve_verified
from planner.kernels.threads import use_threads

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.arrays import Floats, Ints
    from models.outcome import Limits, Outcome, Prices
    from models.problem import Problem
    from planner.engines.engine import Progress
    from planner.engines.record import Record

WHOLE_PAIRS = 50_000
"""Up to so many pairs HiGHS takes the whole, and the linear relaxation gives the prices."""
FEW_PAIRS = 5_000
"""Up to so many it needs no other plan to begin with."""
CORE_PAIRS = 2_000
"""So many pairs of lifted books HiGHS chooses among at once."""
FIRST_SHARE, CORE_SHARE = 0.15, 0.4
"""Of the time that is left, what a first such exchange may take, and a later one."""
CORE_NODES = 2_000
PLANS = 3
"""At most so many heights get a plan."""
PLAN_SHARE = 0.4
"""Of the time that is left, what one of these may take."""


class LevelsRun:
    """One solve.

    Parameters
    ----------
    record : of the problem, its limits and who watches
    """

    def __init__(self, record: Record) -> None:
        self._record = record
        self._problem = record.problem
        use_threads(record.limits.threads)
        ((self._at, self._resource, self._relief),) = reliefs(record.problem)
        by_pair = self._amounts() * np.append(self._resource.under_cost, 0.0)[record.problem.rep]
        self._scale = float(np.abs(by_pair[by_pair != 0]).mean()) if by_pair.any() else 1.0

    def solve(self, start: Start | None) -> Outcome:
        """Return the outcome; what the record has is what it begins with."""
        record = self._record
        if self._problem.num_rows == 0:
            record.take_assignment(np.zeros(0, np.int64))
        record.take_prices(self._prices_of_neediest())
        num_pairs = self._problem.num_pairs
        is_small = num_pairs <= WHOLE_PAIRS
        if num_pairs > FEW_PAIRS and record.chosen is not None and not record.is_over():
            self._solve_core(record.chosen, 0.0, self._none(), FIRST_SHARE)
        if not record.is_over():
            steps = self._relax() if is_small else self._find_height(start)
            if num_pairs > FEW_PAIRS:
                self._exchange(steps)
                self._find_plans(steps)
                self._exchange(steps)
        if not record.is_over() and (is_small or record.chosen is None):
            self._prove()
        if record.chosen is None and not record.is_over():
            opinion = second_opinion(self._problem, record.seconds_left())
            if opinion.chosen is None:
                return infeasible_outcome(record.engine, opinion, record.began)
            record.take_assignment(opinion.chosen)
        return record.outcome()

    def _prices_of_neediest(self) -> Prices:
        """Return prices that bound the books of who may get least by all that they may get."""
        resource, relief = self._resource, self._relief
        most = self._loads(np.ones(self._problem.num_pairs))
        saved = resource.under_cost * relief.step
        counted = np.flatnonzero(saved > 0)
        needed = (resource.lower - most)[counted] / relief.step[counted]
        order = counted[np.argsort(-needed, kind="stable")]
        before = np.cumsum(saved[order]) - saved[order]
        part = np.clip((relief.cost - before) / saved[order], 0.0, 1.0)
        by_resource = [np.zeros(each.num_groups) for each in self._problem.resources]
        by_resource[self._at][order] = -part * resource.under_cost[order]
        return prove(self._problem, by_resource)

    def _relax(self) -> float:
        """Take prices and plans from the relaxation; return its height."""
        record, problem = self._record, self._problem
        record.say("solving the linear relaxation")
        result = relax(problem, record.seconds_left)
        if result.prices is None or result.share is None:
            return self._steps()
        record.take_prices(prove(problem, result.prices))
        plan = rounded(problem, result.share, losses(problem, record.prices.by_resource))
        record.take_assignment(plan)
        steps = self._relief.steps(self._resource, self._loads(result.share))
        if problem.num_pairs > FEW_PAIRS and not record.is_over():
            self._solve_core(plan, steps, result.share > 0)
        return steps

    def _loads(self, share: Floats) -> Floats:
        """Return (n_groups,) the loads that come down together, of (n_pairs,) shares of rows."""
        load = np.array(self._resource.base)
        for layer in self._resource.layers:
            group = self._problem.pair_group(layer)
            counted = np.flatnonzero(group != NOT_COUNTED)
            amount = (share * self._problem.pair_amount(layer))[counted]
            load += np.bincount(group[counted], amount, minlength=len(load))
        return load

    def _none(self) -> NDArray[np.bool_]:
        return np.zeros(self._problem.num_pairs, np.bool_)

    def _solve_core(
        self, plan: Ints, steps: float, also: NDArray[np.bool_], share: float = CORE_SHARE
    ) -> None:
        """Have HiGHS exchange what low books have with other leads that they may have.

        Parameters
        ----------
        plan : (n_rows,) what all other leads keep
        steps : the height below which a book is low
        also : (n_pairs,) further pairs to choose among
        share : of the time that is left, what it may take
        """
        record, problem = self._record, self._problem
        record.say("exchanging leads of the lowest books")
        load = problem.loads(plan)[self._at]
        is_low = load < self._resource.lower - steps * self._relief.step
        is_low |= record.prices.by_resource[self._at] < 0
        is_low = np.append(is_low & (self._relief.step > 0), False)
        chosen = also | self._near(is_low)
        # Whoever makes room may do so with nobody, who stands last.
        last = problem.indptr[1:] - 1
        chosen[last[is_low[problem.rep[plan]]]] = True
        part = restrict(problem, np.flatnonzero(chosen), plan)
        seconds = record.seconds_left()
        result = solve_verified(
            part.problem,
            None if seconds is None else share * seconds,
            gap_money=record.close_enough() / 2,
            nodes=CORE_NODES,
        )
        record.steps += 1
        if result.chosen is not None:
            record.take_assignment(part.whole(result.chosen))

    def _amounts(self) -> Floats:
        """Return (n_pairs,) what pairs add to the loads that come down together."""
        layers = self._resource.layers
        none = np.zeros(self._problem.num_pairs)
        return sum((self._problem.pair_amount(layer) for layer in layers), none)

    def _near(self, is_low: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return (n_pairs,) which pairs of low books, (n_reps + 1,), lose least and bring most."""
        problem = self._problem
        pairs = np.flatnonzero(is_low[problem.rep])
        loss = losses(problem, self._record.prices.by_resource)[pairs]
        amount = self._amounts()[pairs]
        rep = problem.rep[pairs]
        order = np.lexsort((-amount, np.round(loss, 6), rep))
        rep = rep[order]
        rank = np.arange(len(rep)) - np.searchsorted(rep, rep)
        near = np.zeros(problem.num_pairs, np.bool_)
        near[pairs[order[rank < CORE_PAIRS // max(1, int(is_low.sum()))]]] = True
        return near

    def _exchange(self, steps: float) -> None:
        """Exchange leads of the books below a height while that lifts them."""
        record, before = self._record, None
        while record.chosen is not None and record.objective != before and not record.is_over():
            before = record.objective
            self._solve_core(record.chosen, steps, self._none())

    def _find_height(self, start: Start | None) -> float:
        """Return the best height by prices, and take those that bound all heights."""
        record = self._record
        if start is not None and start.prices is not None:
            record.take_prices(prove(self._problem, start.prices))
        record.say("finding the height that the lowest books can reach")
        return Heights(record, self._scale).best()

    def _find_plans(self, steps: float) -> None:
        """Look for plans at a height, then at that of the plan found."""
        record = self._record
        for _ in range(PLANS):
            before, limits = record.objective, record.limits
            if record.is_over():
                return
            if (left := record.seconds_left()) is not None:
                limits = replace(limits, seconds=PLAN_SHARE * left)
            start = None
            if record.chosen is not None:
                start = Start(record.chosen, record.prices.by_resource)
            problem, limits = self._at_height(steps, limits)
            outcome = PricesEngine().solve(problem, limits, start, Listener(record))
            if outcome.chosen is not None:
                record.take_assignment(outcome.chosen)
            record.steps += 1
            if record.chosen is None or record.objective == before:
                return
            steps = self._steps()

    def _at_height(self, steps: float, limits: Limits) -> tuple[Problem, Limits]:
        """Return the problem at a height, and limits with the gap in its money.

        Where no score tells pairs apart, all get one of the size of what does, which changes
        nothing but the money that counts as little.
        """
        problem = lowered(self._problem, steps)
        score = problem.score
        if np.ptp(score) == 0:
            problem = replace(problem, score=np.full(len(score), self._scale))
            enough = self._record.close_enough() / (self._scale * problem.num_rows)
            limits = replace(limits, gap=min(limits.gap, enough))
        return problem, limits

    def _steps(self) -> float:
        """Return the height that suits the best plan; 0 if there is none."""
        if self._record.chosen is None:
            return 0.0
        return self._relief.steps(
            self._resource, self._problem.loads(self._record.chosen)[self._at]
        )

    def _prove(self) -> None:
        """Have HiGHS solve the whole."""
        record = self._record
        record.say("proving with HiGHS")
        result = solve_verified(
            self._problem,
            record.seconds_left(),
            gap_money=record.close_enough() / 2,
            start=record.chosen,
        )
        record.steps += 1
        if result.chosen is not None:
            record.take_assignment(result.chosen)
        if result.answer is not Answer.INFEASIBLE:
            record.take_bound(result.bound)


class Listener:
    """Takes plans of the problem at one height for plans at the best one."""

    def __init__(self, record: Record) -> None:
        self._record = record

    def report(self, progress: Progress) -> None:
        """Take note of an improvement."""
        if progress.chosen is not None:
            self._record.take_assignment(progress.chosen)

    def should_stop(self) -> bool:
        """Whether the whole run is over."""
        return self._record.is_over()

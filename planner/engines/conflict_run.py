"""One run of `conflict`: the cheapest way out, a small set that conflicts, and its proof.

The set begins with the limits that have a price in the linear relaxation, or with those that give
way one after the other (elastic filter), and loses every one that is not needed (deletion filter;
Chinneck, Dravnieks 1991, "Locating minimal infeasible constraint sets in linear programs",
doi:10.1287/ijoc.3.2.157). Solvers' own conflicts are not asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from ortools.math_opt.python.mathopt import SolverType

from models.conflict import MOST_WAYS, Conflict, Proof
from models.outcome import Outcome, StopReason
from planner.bound import prove
from planner.engines.answer import Answer
from planner.engines.engine import Progress
from planner.engines.limit_set import LimitSet, exchanges, without_idle
from planner.engines.mip import build, solve_lp
from planner.engines.relaxation import relax
from planner.engines.second_opinion import second_opinion
from planner.engines.time_left import TimeLeft
from planner.engines.verified import solve_verified

if TYPE_CHECKING:
    from collections.abc import Iterable

    from models.arrays import Ints
    from models.outcome import Limits
    from models.problem import Problem
    from planner.engines.engine import Watcher
    from planner.engines.limit_set import Members
    from planner.engines.mip import LpResult, MipResult

WAY_SHARE, WAYS_SHARE, CONFIRM_SHARE = 0.25, 0.15, 0.25
"""Of the time that is left: the cheapest way out, each further one, the second solver's proof."""
TRIAL_SHARE = 0.25
"""Of the time that is left, what one question whether some limits can hold may take."""
KEPT_SHARE = 0.4
"""Of the time before limits are left out of a set, what is kept for the proof and further ways."""
GAP = 0.05
"""A way out that costs so much more than the cheapest one is cheap enough."""
SAME_COST = 1e-6
"""What solvers' tolerances may add to a cost."""


class ConflictRun:
    """One solve.

    Parameters
    ----------
    problem : scores of 0; limits that may give way are soft
    """

    def __init__(self, problem: Problem, limits: Limits, watcher: Watcher) -> None:
        self._problem, self._watcher = problem, watcher
        self._clock = TimeLeft(limits.seconds)
        self._set = LimitSet(problem)
        self._witnesses: list[Members] = []
        self._needed = self._set.none()
        self._ways: list[Ints] = []
        self._newest: Ints | None = None
        self._asks_second = False

    def solve(self) -> Outcome:
        """Return the assignment that gives way least, and a conflict unless it keeps all limits."""
        self._say("looking for the cheapest way out")
        relaxation = self._relaxation(self._problem)
        first = self._give_way(self._problem, self._least_cost(relaxation), WAY_SHARE)
        if first.chosen is None:
            return self._outcome(None)
        self._ways.append(first.chosen)
        self._take(first.chosen)
        # Kept even if this process is ended before it has its answer.
        self._watcher.report(Progress(chosen=first.chosen))
        if self._has_plan():
            return self._outcome(None)
        self._say("looking for limits that contradict each other")
        found, proof = self._conflict(relaxation, first.chosen)
        if self._has_plan():
            return self._outcome(None)
        self._note_needed(found)
        self._say("looking for other ways out")
        self._find_ways()
        conflict = Conflict(
            sides=self._set.sides(found),
            proof=proof,
            minimal=bool(self._needed[found].all()),
            ways=tuple(self._ways),
            cheapest=first.bound - self._problem.objective(self._ways[0]) <= SAME_COST,
        )
        return self._outcome(conflict)

    def _conflict(self, relaxation: LpResult, chosen: Ints) -> tuple[Members, Proof]:
        """Return limits that cannot all hold, as few as time allows, and who proved it."""
        found = self._without_resources(self._candidates(relaxation, chosen))
        proof = self._proof(found)
        if proof is not Proof.CONFIRMED and self._disproved(found):
            # HiGHS was wrong: from here on CP-SAT decides.
            self._asks_second = True
            found = self._without_resources(self._set.every)
            proof = self._proof(found)
        fewer = self._deleted(found)
        if (fewer == found).all():
            return found, proof
        proof_of_fewer = self._proof(fewer)
        is_as_good = proof_of_fewer >= proof
        return (fewer, proof_of_fewer) if is_as_good else (found, proof)

    def _relaxation(self, problem: Problem) -> LpResult:
        """Return shares and prices; HiGHS first, fast where much is alike."""
        result = solve_lp(
            build(problem, integer=False), self._clock.part(WAY_SHARE), SolverType.HIGHS
        )
        return result if result.prices is not None else relax(problem, self._clock.left)

    def _least_cost(self, relaxation: LpResult) -> float:
        """Return what every assignment costs at least, as the relaxation's prices prove it."""
        if relaxation.prices is None:
            return 0.0
        return max(0.0, -prove(self._problem, relaxation.prices).bound)

    def _give_way(self, problem: Problem, least_cost: float, share: float) -> MipResult:
        """Return an assignment that gives way at about the lowest cost."""
        gap = GAP * least_cost
        return solve_verified(problem, self._clock.part(share), gap_money=gap)

    def _candidates(self, relaxation: LpResult, chosen: Ints) -> Members:
        """Return a set of limits that cannot all hold, small where that is easy to find."""
        if relaxation.prices is not None:
            priced = self._set.of_prices(relaxation.prices)
            # A bound below 0, where all scores are 0, proves that some priced limit gives way.
            if priced.any() and self._least_cost(relaxation) > SAME_COST:
                return priced
        rigid = self._set.broken(chosen)
        while not self._is_over():
            # What gives way when the others may not, is made rigid, too.
            elastic = self._set.hardened(rigid, elastic=True)
            found = solve_verified(elastic, self._clock.part(TRIAL_SHARE))
            if found.answer is Answer.INFEASIBLE:
                return rigid
            if found.chosen is None:
                break
            self._take(found.chosen)
            more = self._set.broken(found.chosen) & ~rigid
            if not more.any():
                break
            rigid |= more
        return self._set.every

    def _without_resources(self, members: Members) -> Members:
        """Return a set without the resources that are not needed for the others to contradict."""
        places = np.unique(self._set.resource[members])[::-1].tolist()
        if len(places) < 2:
            return members
        return self._without(members, (self._set.resource == place for place in places))

    def _deleted(self, members: Members) -> Members:
        """Return a set without the limits that are not needed for the others to contradict."""
        numbers = np.arange(len(members))
        return self._without(members, (numbers == at for at in np.flatnonzero(members)))

    def _without(self, members: Members, parts: Iterable[Members]) -> Members:
        """Return a set without those of some parts that it does not need, one after the other."""
        end = KEPT_SHARE * (self._clock.left() or 0.0)
        self._note_needed(members)
        for part in parts:
            if (self._needed & members & part).any():
                continue
            left = self._clock.left()
            if self._is_over() or (left is not None and left < end):
                break
            fewer = members & ~part
            if not self._can_hold(fewer):
                members = fewer
            self._note_needed(members)
        return members

    def _note_needed(self, members: Members) -> None:
        """Take note of limits without which all the others of a set are known to hold."""
        for broken in self._witnesses:
            within = np.flatnonzero(broken & members)
            if len(within) == 1:
                self._needed[within] = True
        if self._newest is not None:
            self._needed |= self._exchanged(self._newest, members)
            self._newest = None

    def _exchanged(self, chosen: Ints, members: Members) -> Members:
        """Return which single limits of a set other assignments break: two rows change places.

        Where one lead has no place, most others could be that one: solvers need not be asked.
        """
        found = self._set.none()
        row = self._set.only_row(chosen, members)
        if row is None:
            return found
        for exchanged in exchanges(self._problem, chosen, row):
            within = np.flatnonzero(self._set.broken(exchanged) & members)
            if len(within) == 1:
                found[within] = True
            if self._is_over():
                break
        return found

    def _can_hold(self, members: Members) -> bool:
        """Return whether some limits can all hold; where nothing is proved, they are said to."""
        if any(self._keeps(broken, members) for broken in self._witnesses):
            return True
        problem = without_idle(self._set.hardened(members))
        seconds = self._clock.part(TRIAL_SHARE)
        if self._asks_second:
            opinion = second_opinion(problem, seconds)
            answer, chosen = opinion.answer, opinion.chosen
        else:
            result = solve_verified(problem, seconds)
            answer, chosen = result.answer, result.chosen
        if chosen is not None:
            self._take(chosen)
        return answer is not Answer.INFEASIBLE

    def _proof(self, members: Members) -> Proof:
        """Return who proves that some limits cannot all hold."""
        self._say("asking a second solver")
        problem = without_idle(self._set.hardened(members))
        result = solve_verified(problem, self._clock.part(CONFIRM_SHARE))
        by_first = result.answer is Answer.INFEASIBLE
        opinion = second_opinion(problem, self._clock.part(CONFIRM_SHARE))
        if opinion.chosen is not None:
            self._take(opinion.chosen)
        by_second = opinion.answer is Answer.INFEASIBLE
        count = int(by_first) + int(by_second)
        if count < Proof.CONFIRMED and opinion.chosen is None:
            # Prices prove it in our own arithmetic, if the relaxation has no solution either.
            count += int(self._least_cost(self._relaxed(members)) > SAME_COST)
        return Proof(count)

    def _relaxed(self, members: Members) -> LpResult:
        """Return the relaxation in which only some limits cost anything."""
        others = self._set.every & ~members
        return self._relaxation(self._set.waived(others))

    def _disproved(self, members: Members) -> bool:
        return any(self._keeps(broken, members) for broken in self._witnesses)

    def _find_ways(self) -> None:
        """Look for ways out that leave alone what the ones before break."""
        rigid = self._set.none()
        while len(self._ways) < MOST_WAYS and not self._is_over():
            broken = self._set.broken(self._ways[-1])
            rigid |= self._set.every & np.isin(self._set.resource, self._set.resource[broken])
            elastic = self._set.hardened(rigid, elastic=True)
            result = self._give_way(elastic, -self._problem.objective(self._ways[0]), WAYS_SHARE)
            if result.chosen is None:
                return
            self._ways.append(result.chosen)

    def _keeps(self, broken: Members, members: Members) -> bool:
        return not (broken & members).any()

    def _take(self, chosen: Ints) -> None:
        """Keep what an assignment breaks: it answers many later questions."""
        self._witnesses.append(self._set.broken(chosen))
        self._newest = chosen
        if not self._witnesses[-1].any():
            self._ways = [chosen]

    def _has_plan(self) -> bool:
        """Whether an assignment is known that breaks nothing."""
        return any(not broken.any() for broken in self._witnesses)

    def _outcome(self, conflict: Conflict | None) -> Outcome:
        chosen = self._ways[0] if self._ways else None
        is_plan = chosen is not None and conflict is None
        reason = StopReason.OPTIMAL if is_plan else StopReason.ITERATION_LIMIT
        if self._is_over():
            reason = StopReason.TIME_LIMIT
        return Outcome(
            engine="conflict",
            reason=reason,
            detail="all limits hold" if is_plan else "",
            chosen=chosen,
            objective=None if chosen is None else self._problem.objective(chosen),
            conflict=conflict,
            seconds=self._clock.passed(),
        )

    def _say(self, message: str) -> None:
        self._watcher.report(Progress(message=message))

    def _is_over(self) -> bool:
        return self._clock.left() == 0.0 or self._watcher.should_stop()

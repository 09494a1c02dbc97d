"""One run of `conflict`: the cheapest way out, a small set that conflicts, and its proof.

The set begins with the limits that have a price in the linear relaxation, or with those that give
way one after the other (elastic filter), and loses every one that is not needed (deletion filter;
Chinneck, Dravnieks 1991, "Locating minimal infeasible constraint sets in linear programs",
doi:10.1287/ijoc.3.2.157). Solvers' own conflicts are not asked for.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from models.conflict import MOST_WAYS, Conflict, Proof
from models.outcome import Outcome, StopReason
from planner.engines.answer import Answer
from planner.engines.engine import Progress
from planner.engines.limit_set import LimitSet, without_idle
from planner.engines.relaxation import relax
from planner.engines.second_opinion import second_opinion
from planner.engines.verified import solve_verified

if TYPE_CHECKING:
    from models.arrays import Ints
    from models.outcome import Limits
    from models.problem import Problem
    from planner.engines.engine import Watcher
    from planner.engines.limit_set import Members

WAY_SHARE, WAYS_SHARE, CONFIRM_SHARE = 0.35, 0.15, 0.25
"""Of the time that is left: the cheapest way out, each further one, the second solver's proof."""
TRIAL_SHARE = 0.25
"""Of the time that is left, what one question whether some limits can hold may take."""


class ConflictRun:
    """One solve.

    Parameters
    ----------
    problem : scores of 0; limits that may give way are soft
    """

    def __init__(self, problem: Problem, limits: Limits, watcher: Watcher) -> None:
        self._problem, self._limits, self._watcher = problem, limits, watcher
        self._set = LimitSet(problem)
        self._began = time.monotonic()
        self._witnesses: list[Members] = []
        self._ways: list[Ints] = []
        self._asks_second = False

    def solve(self) -> Outcome:
        """Return the assignment that gives way least, and a conflict unless it keeps all limits."""
        self._say("looking for the cheapest way out")
        first = solve_verified(self._problem, self._seconds(WAY_SHARE))
        if first.chosen is None:
            return self._outcome(None)
        self._ways.append(first.chosen)
        self._take(first.chosen)
        if self._has_plan():
            return self._outcome(None)
        self._say("looking for limits that contradict each other")
        found = self._deleted(self._candidates(first.chosen))
        proof = self._proof(found)
        if proof is Proof.ONE_SOLVER and self._disproved(found):
            # HiGHS was wrong: from here on CP-SAT decides.
            self._asks_second = True
            found = self._deleted(self._set.every)
            proof = self._proof(found)
        if self._has_plan():
            return self._outcome(None)
        minimal = all(
            any(self._keeps(broken, _without(found, at)) for broken in self._witnesses)
            for at in np.flatnonzero(found).tolist()
        )
        self._say("looking for other ways out")
        self._find_ways()
        conflict = Conflict(
            sides=self._set.sides(found),
            proof=proof,
            minimal=minimal,
            ways=tuple(self._ways),
            cheapest=first.answer is Answer.OPTIMAL,
        )
        return self._outcome(conflict)

    def _candidates(self, chosen: Ints) -> Members:
        """Return a set of limits that cannot all hold, small where that is easy to find."""
        result = relax(self._problem, self._left)
        if result.prices is not None:
            priced = self._set.of_prices(result.prices)
            if priced.any() and not self._can_hold(priced):
                return priced
        rigid = self._set.broken(chosen)
        while not self._is_over():
            # What gives way when the others may not, is made rigid, too.
            elastic = self._set.hardened(rigid, elastic=True)
            found = solve_verified(elastic, self._seconds(TRIAL_SHARE))
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

    def _deleted(self, members: Members) -> Members:
        """Return a set without what is not needed: first whole resources, then single limits."""
        places = np.unique(self._set.resource[members])[::-1]
        parts = [members & (self._set.resource == place) for place in places.tolist()]
        parts = parts if len(parts) > 1 else []
        for part in (*parts, *(np.arange(len(members)) == at for at in np.flatnonzero(members))):
            fewer = members & ~part
            if self._is_over():
                break
            if not self._can_hold(fewer):
                members = fewer
        return members

    def _can_hold(self, members: Members) -> bool:
        """Return whether some limits can all hold; where nothing is proved, they are said to."""
        if any(self._keeps(broken, members) for broken in self._witnesses):
            return True
        problem = without_idle(self._set.hardened(members))
        seconds = self._seconds(TRIAL_SHARE)
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
        result = solve_verified(problem, self._seconds(CONFIRM_SHARE))
        by_first = result.answer is Answer.INFEASIBLE
        opinion = second_opinion(problem, self._seconds(CONFIRM_SHARE))
        if opinion.chosen is not None:
            self._take(opinion.chosen)
        by_second = opinion.answer is Answer.INFEASIBLE
        return Proof(int(by_first) + int(by_second))

    def _disproved(self, members: Members) -> bool:
        return any(self._keeps(broken, members) for broken in self._witnesses)

    def _find_ways(self) -> None:
        """Look for ways out that leave alone what the ones before break."""
        rigid = self._set.none()
        while len(self._ways) < MOST_WAYS and not self._is_over():
            broken = self._set.broken(self._ways[-1])
            rigid |= self._set.every & np.isin(self._set.resource, self._set.resource[broken])
            result = solve_verified(
                self._set.hardened(rigid, elastic=True), self._seconds(WAYS_SHARE)
            )
            if result.chosen is None:
                return
            self._ways.append(result.chosen)

    def _keeps(self, broken: Members, members: Members) -> bool:
        return not (broken & members).any()

    def _take(self, chosen: Ints) -> None:
        """Keep what an assignment breaks: it answers many later questions."""
        self._witnesses.append(self._set.broken(chosen))
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
            seconds=time.monotonic() - self._began,
        )

    def _say(self, message: str) -> None:
        self._watcher.report(Progress(message=message))

    def _left(self) -> float | None:
        if self._limits.seconds is None:
            return None
        return max(0.0, self._limits.seconds - (time.monotonic() - self._began))

    def _seconds(self, share: float) -> float | None:
        left = self._left()
        return None if left is None else share * left

    def _is_over(self) -> bool:
        return self._left() == 0.0 or self._watcher.should_stop()


def _without(members: Members, at: int) -> Members:
    fewer = members.copy()
    fewer[at] = False
    return fewer

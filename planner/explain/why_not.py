"""Why a lead is not with a rep: the rules against it, or what it would cost the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.explanation import Answer, ChainMove, WhyNot
from models.outcome import Limits
from models.problem import NOBODY
from planner.engines.engine import Silent
from planner.explain.alternatives import alternative
from planner.explain.bans import bans
from planner.explain.forced import solve_forced
from planner.explain.repair import repaired
from planner.explain.words import LEAST_MONEY, Words

if TYPE_CHECKING:
    from models.arrays import Ints
    from models.explanation import Ban
    from planner.engines.engine import Watcher
    from planner.planned import Planned

EXACTLY = Limits(seconds=60.0, gap=0.0)
SEARCH_SECONDS = 10.0
"""What a plan with the pair may take to be found, where no chain of moves leads to one."""


def why_not(
    planned: Planned,
    lead_id: str,
    rep_id: str,
    *,
    exact: bool = False,
    limits: Limits = EXACTLY,
    watcher: Watcher | None = None,
) -> WhyNot:
    """Return why a lead is not with a rep.

    What the plan would lose lies in an interval: from below, no plan with the pair can reach more
    than the price bound less what the pair falls short under the prices; from above, a feasible
    plan with the pair was found.

    Parameters
    ----------
    exact : solve again with the pair, so that the interval shrinks to what the solver leaves open
    limits : of that

    Raises
    ------
    UsageError : the tables have no such lead or rep
    """
    lead, rep = planned.lead(lead_id), planned.rep(rep_id)
    row = int(planned.compiled.row_of_lead[lead])
    pair = planned.pair(row, rep)
    if pair is None:
        found = bans(planned.compiled, planned.leads_of(row), rep)
        text = _forbidden_text(lead_id, rep_id, found)
        return WhyNot(
            lead_id=lead_id, rep_id=rep_id, answer=Answer.FORBIDDEN, text=text, bans=found
        )
    if pair == planned.chosen[row]:
        text = f"{lead_id} is with {rep_id} already."
        return WhyNot(lead_id=lead_id, rep_id=rep_id, answer=Answer.ASSIGNED, text=text)
    return _Question(planned, lead_id, row, pair).answer(exact, limits, watcher or Silent())


class _Question:
    """A pair that is allowed, but not in the plan."""

    def __init__(self, planned: Planned, lead_id: str, row: int, pair: int) -> None:
        self._planned, self._lead_id = planned, lead_id
        self._row, self._pair = row, pair
        self._other = alternative(planned, row, pair)
        self._words = Words.of(planned)

    def answer(self, exact: bool, limits: Limits, watcher: Watcher) -> WhyNot:
        """Return the interval, and the moves of the best plan found with the pair."""
        planned, problem = self._planned, self._planned.compiled.problem
        chosen = repaired(problem, planned.chosen, self._row, self._pair)
        highest = self._highest()
        search = Limits(seconds=SEARCH_SECONDS, gap=limits.gap, threads=limits.threads)
        # Solving again begins with what is told without it, so that it never tells a larger loss.
        for within in [search] * (chosen is None) + [limits] * exact:
            forced = solve_forced(planned, self._row, self._pair, chosen, within, watcher)
            highest = min(highest, forced.bound)
            if forced.impossible:
                return self._without(impossible=True)
            chosen = chosen if forced.chosen is None else forced.chosen
        if chosen is None:
            return self._without(impossible=False)
        lowest = problem.objective(chosen)
        at_most = planned.objective - lowest
        at_least = min(planned.objective - highest, at_most)
        return WhyNot(
            lead_id=self._lead_id,
            rep_id=self._other.rep_id,
            answer=Answer.POSSIBLE,
            text=self._text(at_least, at_most, exact),
            alternative=self._other,
            loss_at_least=at_least,
            loss_at_most=at_most,
            estimate=float(np.clip(self._other.loss, at_least, at_most)),
            moves=moves(planned, chosen, self._row),
            is_exact=exact,
        )

    def _highest(self) -> float:
        """Return the best objective that any plan with the pair can have."""
        planned = self._planned
        short = float(planned.best[self._row] - planned.reduced[self._pair])
        record = planned.plan.record
        return min(record.price_bound - short, max(record.bound, planned.objective))

    def _without(self, *, impossible: bool) -> WhyNot:
        """Return the answer where no plan with the pair was found."""
        stands = "; ".join(map(self._words.obstacle, self._other.obstacles))
        whom = f"{self._lead_id} with {self._other.rep_id}"
        text = (
            f"No plan that keeps all limits has {whom}: {stands}."
            if impossible
            else f"No plan with {whom} was found in the time: {stands}."
        )
        answer = Answer.IMPOSSIBLE if impossible else Answer.UNKNOWN
        return WhyNot(
            lead_id=self._lead_id,
            rep_id=self._other.rep_id,
            answer=answer,
            text=text,
            alternative=self._other,
        )

    def _text(self, at_least: float, at_most: float, exact: bool) -> str:
        words = self._words
        told = f"{self._lead_id} could go to {self._other.rep_id}"
        if at_most < 0:
            told += f", and the plan would gain {words.money(-at_most)} or more"
        elif words.money(at_most) == words.money(at_least):
            told += f"; the plan would lose {words.money(at_most)}"
        elif at_least <= 0:
            told += f"; the plan would lose at most {words.money(at_most)}, perhaps nothing"
        else:
            told += (
                f"; the plan would lose between {words.money(at_least)} and {words.money(at_most)}"
            )
        if exact:
            left = words.money(at_most - at_least)
            is_open = at_most - at_least > LEAST_MONEY
            told += f" (solved again{f'; {left} are left open' if is_open else ''})"
        return f"{told}. {words.held_back(self._other)}."


def moves(planned: Planned, chosen: Ints, first: int) -> tuple[ChainMove, ...]:
    """Return which leads another assignment gives to whom, along the chain that a row sets off.

    After a move come those of the books that it filled, and then those of the books it left.
    """
    problem = planned.compiled.problem
    rows = np.flatnonzero(chosen != planned.chosen)
    before, after = problem.rep[planned.chosen[rows]], problem.rep[chosen[rows]]
    left = dict(zip(rows.tolist(), zip(before.tolist(), after.tolist(), strict=True), strict=True))
    ordered, queue = [], [first] if first in left else []
    while left:
        row = queue.pop(0) if queue else next(iter(left))
        if row not in left:
            continue
        out_of, into = left.pop(row)
        ordered.append(row)
        for rep, side in ((into, 0), (out_of, 1)):
            if rep != NOBODY:
                queue += [other for other, ends in left.items() if ends[side] == rep]
    ids = planned.compiled.snapshot.leads["lead_id"].astype(str).to_numpy()
    return tuple(
        ChainMove(
            lead_id=ids[planned.leads_of(row)[0]],
            from_rep=planned.rep_id(int(problem.rep[planned.chosen[row]])),
            to_rep=planned.rep_id(int(problem.rep[chosen[row]])),
            change=float(problem.score[chosen[row]] - problem.score[planned.chosen[row]]),
        )
        for row in ordered
    )


def _forbidden_text(lead_id: str, rep_id: str, found: tuple[Ban, ...]) -> str:
    told = {(ban.rule, ban.text, ban.lead_id) for ban in found}
    parts = [
        f"{rule}: {text}" + (f" ({other}, of its family)" if other != lead_id else "")
        for rule, text, other in sorted(told)
    ]
    return f"{lead_id} may not go to {rep_id}: {'; '.join(parts)}."

"""Why a lead is with its rep, or with nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.explanation import WhyRep
from models.problem import NOBODY
from planner.explain.alternatives import alternative, best_others, charges, family_value
from planner.explain.bans import no_rep_text, relaxations
from planner.explain.value import value_parts
from planner.explain.words import LEAST_MONEY, Words
from planner.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Collection

    from models.explanation import Alternative, Relaxation
    from planner.planned import Planned

SHOWN = 3


def why(
    planned: Planned, lead_id: str, *, others: int = SHOWN, reps: Collection[str] | None = None
) -> WhyRep:
    """Return why a lead is where the plan has it.

    Parameters
    ----------
    others : how many other reps to tell of
    reps : of whom to tell; all if not given

    Raises
    ------
    UsageError : the tables have no such lead
    """
    lead = planned.lead(lead_id)
    compiled, problem = planned.compiled, planned.compiled.problem
    row, rep = int(compiled.row_of_lead[lead]), int(planned.rep_of_lead[lead])
    own, leads = int(planned.chosen[row]), planned.leads_of(row)
    told = planned.plan.assignments.set_index("lead_id").loc[lead_id]
    amount = chance = None
    if rep != NOBODY:
        pair = np.array([lead]), np.array([rep])
        amount = float(compiled.valuation.amount[lead])
        chance = float(compiled.valuation.chance(*pair)[0])
    among = None if reps is None else np.array([planned.rep(one) for one in reps], np.int64)
    best = best_others(planned, row, others, among)
    found = tuple(alternative(planned, row, pair) for pair in best)
    allowed = int((problem.rep[planned.pairs_of(row)] != NOBODY).sum())
    relaxed = () if allowed else relaxations(compiled, leads, lead)
    return WhyRep(
        lead_id=lead_id,
        rep_id=planned.rep_id(rep),
        reason=str(told["reason"]),
        text=_text(planned, lead_id, str(told["reason"]), found, relaxed),
        family=tuple(compiled.snapshot.leads["lead_id"].astype(str).iloc[leads]),
        amount=amount,
        win_probability=chance,
        expected_value=family_value(planned, row, rep),
        score=float(problem.score[own]),
        parts=() if rep == NOBODY else tuple(value_parts(compiled, leads, rep)),
        charges=charges(planned, own),
        alternatives=found,
        num_allowed=allowed,
        relaxations=relaxed,
    )


def _text(
    planned: Planned,
    lead_id: str,
    reason: str,
    others: tuple[Alternative, ...],
    relaxed: tuple[Relaxation, ...],
) -> str:
    """Return one sentence that tells why."""
    words = Words.of(planned)
    rep_id = planned.rep_id(int(planned.rep_of_lead[planned.lead(lead_id)]))
    open_to = [other for other in others if other.gain > LEAST_MONEY and not other.obstacles]
    favourite = max(open_to or others, key=lambda other: other.gain, default=None)
    first = others[0] if others else None
    whom = f"{lead_id} goes to {rep_id}" if rep_id else f"{lead_id} stays without a rep"
    match reason:
        case Reason.PINNED:
            return f"{whom}, to whom a pin fixes it."
        case Reason.ONLY_REP:
            return f"{whom}, the only one whom the rules allow."
        case Reason.NO_ELIGIBLE_REP:
            return f"{whom}: {no_rep_text(relaxed)}."
        case Reason.NO_VALUE:
            return f"{whom}: whoever may work it would bring less than nothing."
        case Reason.BEST_VALUE if first is not None:
            more = words.compared(first.gain)
            return f"{whom}, with whom it scores most; {first.rep_id} would bring {more}."
    if favourite is None:
        return f"{whom}."
    if open_to:
        gap = words.money(planned.plan.record.gap_money or 0.0)
        return (
            f"{whom}; {words.held_back(favourite)}: the plan is not the best one, but at most "
            f"{gap} below it."
        )
    return f"{whom}; {words.held_back(favourite)}."

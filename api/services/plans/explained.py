"""Explanations, as far as somebody may see the leads and reps that they tell of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.services.plans.tables import visible_leads, visible_reps

if TYPE_CHECKING:
    from pathlib import Path

    from api.services.access.principal import Principal
    from models.explanation import WhyNot, WhyRep


def why_seen(told: WhyRep, directory: Path, who: Principal) -> WhyRep:
    """Return why a lead is where it is, without leads of its family that somebody does not see."""
    if who.sees_all:
        return told
    seen = visible_leads(directory, who, frozenset(told.family))
    return told.model_copy(update={"family": tuple(one for one in told.family if one in seen)})


def why_not_seen(told: WhyNot, directory: Path, who: Principal) -> WhyNot:
    """Return why a lead is not with a rep, without what it would set off among leads and reps that
    somebody does not see.
    """
    if who.sees_all:
        return told
    named = {move.lead_id for move in told.moves} | {ban.lead_id for ban in told.bans}
    leads = visible_leads(directory, who, frozenset(named))
    reps = {None, *visible_reps(directory, who)}
    moves = tuple(
        move
        for move in told.moves
        if move.lead_id in leads and {move.from_rep, move.to_rep} <= reps
    )
    bans = tuple(ban for ban in told.bans if ban.lead_id in leads)
    return told.model_copy(update={"moves": moves, "bans": bans})

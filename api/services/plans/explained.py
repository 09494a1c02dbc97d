"""Explanations, as far as somebody may see the leads and reps that they tell of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.errors import NotFoundError
from api.schemas.plans import HeldNow
from api.services.holdings import Holdings
from api.services.plans.tables import visible_leads, visible_reps

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from api.services.access.principal import Principal
    from api.store.copies import Copies
    from models.explanation import WhyNot, WhyRep


def why_seen(told: WhyRep, directory: Path, who: Principal) -> WhyRep:
    """Return why a lead is where it is, without leads of its family that somebody does not see."""
    if who.sees_all:
        return told
    seen = visible_leads(directory, who, frozenset(told.family))
    return told.model_copy(update={"family": tuple(one for one in told.family if one in seen)})


def held_now(session: Session, copies: Copies, lead_id: str) -> HeldNow | None:
    """Return who has a lead now, whoever may see it: who explains a plan may name reps."""
    try:
        holdings = Holdings.of(session, copies)
    except NotFoundError:
        return None
    rows = holdings.leads([lead_id]).to_pylist()
    return HeldNow(publication=holdings.number, rep_id=rows[0]["rep_id"]) if rows else None


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

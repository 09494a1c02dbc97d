"""Returning a lead to the pool, and giving one to a rep by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.errors import ConflictError, NotFoundError
from api.services.access.roles import Right
from api.services.holdings import Holdings
from api.services.transfers.moving import held_lead, refuse_unknown_rep, transfer
from api.store.current import lock_current
from api.store.tables import TransferKind

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from api.services.access.principal import Principal
    from api.store.copies import Copies
    from api.store.tables import TransferRow


def return_lead(
    session: Session, copies: Copies, lead_id: str, reason: str, who: Principal
) -> TransferRow:
    """Give a lead back to the pool: a rep the own ones, a planner any.

    Raises
    ------
    NotFoundError : there is no such lead, or it is none of the caller's
    ConflictError : nobody has it
    """
    lock_current(session)
    holdings = Holdings.of(session, copies)
    lead = held_lead(holdings, who, lead_id)
    if lead.rep_id is None:
        raise ConflictError(f"lead {lead_id!r} is in the pool already; nobody has it")
    if Right.PLAN not in who.rights and lead.rep_id != who.rep_id:
        raise NotFoundError(f"there is no lead {lead_id!r} in your book")
    return transfer(session, holdings, lead, None, TransferKind.RETURN, reason, who.id)


def override(
    session: Session, copies: Copies, lead_id: str, rep_id: str, reason: str, who: Principal
) -> TransferRow:
    """Give a lead to a rep, whatever the rules say; whoever publishes next has it refused there.

    Raises
    ------
    NotFoundError : there is no such lead or rep, or not for the caller
    ConflictError : the rep has it already
    """
    lock_current(session)
    holdings = Holdings.of(session, copies)
    refuse_unknown_rep(holdings, who, rep_id)
    lead = held_lead(holdings, who, lead_id)
    if lead.rep_id == rep_id:
        raise ConflictError(f"rep {rep_id!r} has lead {lead_id!r} already")
    return transfer(session, holdings, lead, rep_id, TransferKind.OVERRIDE, reason, who.id)

"""What every lead that changes hands goes through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.errors import NotFoundError
from api.services.access.visibility import visible
from api.store.audit import append_audit
from api.store.columns import new_id
from api.store.dialect import now
from api.store.tables import TransferKind, TransferRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from api.services.access.principal import Principal
    from api.services.holdings import Holdings

TOLD_AS = {
    TransferKind.CLAIM: "lead_claimed",
    TransferKind.RETURN: "lead_returned",
    TransferKind.OVERRIDE: "lead_overridden",
}


@dataclass(frozen=True)
class Held:
    """A lead, and who has it now.

    Attributes
    ----------
    rep_id : None is the pool
    """

    lead_id: str
    rep_id: str | None


def held_lead(holdings: Holdings, who: Principal, lead_id: str) -> Held:
    """Return a lead that somebody sees; NotFoundError for others, and if there is none."""
    seen = visible(who, holdings.leads([lead_id])).to_pylist()
    if not seen:
        raise NotFoundError(f"there is no lead {lead_id!r} in the current publication")
    return Held(lead_id, seen[0]["rep_id"])


def refuse_unknown_rep(holdings: Holdings, who: Principal, rep_id: str) -> None:
    """Raise NotFoundError unless there is such a rep, in a team of the caller's."""
    if rep_id not in holdings.team_of or (
        who.teams is not None and holdings.team_of[rep_id] not in who.teams
    ):
        raise NotFoundError(f"there is no rep {rep_id!r} in the current publication")


def transfer(
    session: Session,
    holdings: Holdings,
    lead: Held,
    to_rep: str | None,
    kind: TransferKind,
    reason: str,
    actor: str,
) -> TransferRow:
    """Move a lead, in a transaction that has locked the pointer to the current publication."""
    row = TransferRow(
        id=new_id(),
        publication_number=holdings.number,
        lead_id=lead.lead_id,
        from_rep=lead.rep_id,
        to_rep=to_rep,
        kind=kind,
        reason=reason,
        at=now(session),
        actor=actor,
    )
    session.add(row)
    detail = {"lead": lead.lead_id, "from": lead.rep_id, "to": to_rep, "number": holdings.number}
    append_audit(session, actor, TOLD_AS[kind], row.id, detail)
    return row

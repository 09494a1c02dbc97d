"""What people say about assignments."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from api.errors import NotFoundError
from api.schemas.feedback import FeedbackCount
from api.services.access.roles import Right
from api.services.transfers.moving import held_lead
from api.store.audit import append_audit
from api.store.columns import new_id
from api.store.dialect import now
from api.store.tables import FeedbackRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from api.schemas.feedback import NewFeedback
    from api.services.access.principal import Principal
    from api.services.holdings import Holdings
    from api.services.sight import Sight


def add_feedback(
    session: Session, holdings: Holdings, new: NewFeedback, who: Principal
) -> FeedbackRow:
    """Keep what somebody says about a lead that they see, or as a rep have.

    Raises
    ------
    NotFoundError : there is no such lead, or not for the caller
    """
    lead = held_lead(holdings, who, new.lead_id)
    if Right.READ not in who.rights and lead.rep_id != who.rep_id:
        raise NotFoundError(f"there is no lead {new.lead_id!r} in your book")
    row = FeedbackRow(
        id=new_id(),
        lead_id=new.lead_id,
        rep_id=lead.rep_id,
        publication_number=holdings.number,
        verdict=new.verdict,
        text=new.text,
        created_at=now(session),
        created_by=who.id,
    )
    session.add(row)
    detail = {"lead": row.lead_id, "rep": row.rep_id, "verdict": row.verdict}
    append_audit(session, who.id, "feedback_given", row.id, detail)
    return row


def summary(session: Session, sight: Sight) -> list[FeedbackCount]:
    """Return how often each verdict was given, of leads that the caller sees, by rep and
    publication.
    """
    keys = (FeedbackRow.rep_id, FeedbackRow.publication_number, FeedbackRow.verdict)
    query = select(FeedbackRow.lead_id, *keys, func.count()).group_by(FeedbackRow.lead_id, *keys)
    found = session.execute(query).all()
    seen = sight.of({lead_id for lead_id, *_ in found})
    counts: Counter[tuple[str | None, int, str]] = Counter()
    for lead_id, rep_id, number, verdict, count in found:
        if lead_id in seen:
            counts[rep_id, number, verdict] += count
    ordered = sorted(counts.items(), key=lambda item: (item[0][1], item[0][0] or "", item[0][2]))
    return [
        FeedbackCount.model_validate(
            {"rep_id": rep, "publication_number": number, "verdict": verdict, "count": count}
        )
        for (rep, number, verdict), count in ordered
    ]

"""Makes a plan the current one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from api.store.audit import append_audit
from api.store.columns import new_id
from api.store.dialect import now
from api.store.tables import CurrentRow, PublicationRow, PublicationStatus

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def publish(session: Session, plan_id: str, actor: str) -> int:
    """Publish a plan in the caller's transaction; return the publication's number.

    The one before it is superseded. Numbers are 1, 2, 3 ... because whoever publishes locks the
    pointer to the current one.
    """
    current = session.scalars(select(CurrentRow).with_for_update()).one()
    if current.publication_id is not None:
        before = session.get_one(PublicationRow, current.publication_id)
        before.status = PublicationStatus.SUPERSEDED
    moment = now(session)
    publication = PublicationRow(
        id=new_id(),
        plan_id=plan_id,
        number=current.number + 1,
        status=PublicationStatus.PUBLISHED,
        created_at=moment,
        published_at=moment,
    )
    session.add(publication)
    # The pointer's foreign key needs the row.
    session.flush()
    detail = {"number": publication.number, "plan": plan_id, "before": current.publication_id}
    current.number, current.publication_id = current.number + 1, publication.id
    append_audit(session, actor, "published", publication.id, detail)
    return current.number

"""The pointer to the current publication."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from api.store.audit import append_audit
from api.store.dialect import now
from api.store.tables import CurrentRow, PublicationRow, PublicationStatus

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def lock_current(session: Session) -> CurrentRow:
    """Make other transactions that publish, claim or return wait until this one ends; return the
    pointer.
    """
    return session.scalars(select(CurrentRow).with_for_update()).one()


def make_current(session: Session, publication: PublicationRow, actor: str) -> int:
    """Publish in the caller's transaction; return the publication's number.

    The one before it is superseded. Numbers are 1, 2, 3 ... because whoever publishes locks the
    pointer.

    Parameters
    ----------
    publication : in the session, not numbered yet
    """
    current = lock_current(session)
    before = current.publication_id
    if before is not None:
        session.get_one(PublicationRow, before).status = PublicationStatus.SUPERSEDED
    publication.number = current.number + 1
    publication.status = PublicationStatus.PUBLISHED
    publication.published_at, publication.published_by = now(session), actor
    session.add(publication)
    # The pointer's foreign key needs the row.
    session.flush()
    current.number, current.publication_id = publication.number, publication.id
    detail = {"number": publication.number, "plan": publication.plan_id, "before": before}
    append_audit(session, actor, "published", publication.id, detail)
    return publication.number

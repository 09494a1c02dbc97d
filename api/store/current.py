"""The pointer to the current publication."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from api.errors import IllegalStepError
from api.store.audit import append_audit
from api.store.dialect import now
from api.store.tables import CurrentRow, PlanRow, PublicationRow, PublicationStatus

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

    Raises
    ------
    IllegalStepError : its plan has not passed the independent checker
    """
    _refuse_unchecked(session, publication)
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


def _refuse_unchecked(session: Session, publication: PublicationRow) -> None:
    """Raise IllegalStepError unless the checker found every rule kept by what is published."""
    if publication.plan_id is None:
        # It restores what was published before.
        return
    plan = session.get_one(PlanRow, publication.plan_id)
    if plan.record.get("feasible") is not True:
        raise IllegalStepError(
            f"plan {plan.id} has not passed the independent checker: it breaks rules of its "
            "policy. It can be compared and reported, not published"
        )

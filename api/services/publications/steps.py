"""Which step of a publication is legal when."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import select

from api.errors import IllegalStepError, NotFoundError
from api.store.tables import PublicationRow, PublicationStatus

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class Step(StrEnum):
    """What is done to a publication, as one says that it was done."""

    EDIT = "edited"
    SUBMIT = "submitted"
    APPROVE = "approved"
    REJECT = "rejected"
    PUBLISH = "published"
    ROLL_BACK = "rolled back to"


ON_THE_WAY = (PublicationStatus.DRAFT, PublicationStatus.SUBMITTED, PublicationStatus.APPROVED)
"""The statuses of what may still be published."""
BEFORE: dict[Step, tuple[PublicationStatus, ...]] = {
    Step.EDIT: (PublicationStatus.DRAFT,),
    Step.SUBMIT: (PublicationStatus.DRAFT,),
    Step.APPROVE: (PublicationStatus.SUBMITTED,),
    # Until it is published: one that waits for its date can be taken back.
    Step.REJECT: ON_THE_WAY,
    Step.PUBLISH: (PublicationStatus.APPROVED,),
    Step.ROLL_BACK: (PublicationStatus.SUPERSEDED,),
}
"""The statuses in which each step is legal."""


def is_legal(row: PublicationRow, step: Step) -> bool:
    """Return whether the status of a publication allows a step."""
    return row.status in BEFORE[step]


def refuse_illegal(row: PublicationRow, step: Step) -> None:
    """Raise IllegalStepError unless the status of a publication allows a step."""
    if not is_legal(row, step):
        raise IllegalStepError(
            f"publication {row.id} is {row.status}; only one that is {' or '.join(BEFORE[step])} "
            f"can be {step}"
        )


def get_publication(session: Session, publication_id: str) -> PublicationRow:
    """Return a publication; NotFoundError if there is none."""
    row = session.get(PublicationRow, publication_id)
    if row is None:
        raise NotFoundError(f"there is no publication {publication_id!r}")
    return row


def lock_publication(session: Session, publication_id: str) -> PublicationRow:
    """Return a publication that nobody else changes until the transaction ends.

    Raises
    ------
    NotFoundError : there is none
    """
    row = session.scalars(
        select(PublicationRow).where(PublicationRow.id == publication_id).with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFoundError(f"there is no publication {publication_id!r}")
    return row

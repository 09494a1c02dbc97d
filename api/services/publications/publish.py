"""Publishing: the whole assignment is made beside the database, and becomes current in it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import select

from api.errors import BreachError, LeavesOutError, WithdrawnError
from api.services.publications.approval import refuse_harmful, turn_down
from api.services.publications.basis import basis_of
from api.services.publications.breaches import in_short
from api.services.publications.drafts import refuse_unpublishable
from api.services.publications.prepare import Prepared, as_of_plan, is_early, prepared
from api.services.publications.steps import (
    Step,
    get_publication,
    is_legal,
    lock_publication,
    refuse_illegal,
)
from api.services.turns import MovedError, turn, until_it_holds
from api.store.audit import append_audit
from api.store.current import lock_current, make_current
from api.store.dialect import now
from api.store.files import store_files
from api.store.tables import PublicationRow, PublicationStatus
from models.errors import FairleadError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from api.services.access.principal import Principal
    from api.services.publications.breaches import Judged
    from api.services.service import Service

LOG = logging.getLogger(__name__)
Told = TypeVar("Told")


def publish(
    service: Service, publication_id: str, finish: Callable[[Prepared | None], Told]
) -> Told:
    """Prepare a publication, and return what `finish` makes of it, which calls `take_effect`.

    Parameters
    ----------
    finish : is called again with what was prepared anew if something moved meanwhile; it gets None
        where nothing is to be prepared, because the step is illegal or the date is still to come

    Raises
    ------
    NotFoundError : there is no such publication
    InvalidRequestError : its plan cannot be published
    ConflictError : something moved each time
    BusyError : others publish for too long
    """

    def attempt() -> Told:
        with prepared(service, publication_id, Step.PUBLISH) as ready:
            return finish(ready)

    with turn(service.turns.publishing, service.settings.publish_seconds):
        return until_it_holds(attempt)


def take_effect(
    session: Session,
    publication_id: str,
    actor: str,
    ready: Prepared | None,
    who: Principal | None = None,
) -> PublicationRow:
    """Make an approved publication the current one, or, before its date, have it become so then.

    Parameters
    ----------
    who : is told why it is refused; None is told all

    Raises
    ------
    IllegalStepError : it is not approved
    LeavesOutError : most leads would be gone, and whoever submitted it did not say so
    BreachError : it would break rules that hold today
    WithdrawnError : the tables of its plan are withdrawn
    MovedError : what was prepared no longer fits what is stored
    """
    row = lock_publication(session, publication_id)
    refuse_illegal(row, Step.PUBLISH)
    refuse_unpublishable(session, row)
    if is_early(session, row):
        if row.published_by is None:
            row.published_by = actor
            row.version += 1
            detail = {"effective_at": str(row.effective_at)}
            append_audit(session, actor, "publication_due", row.id, detail)
        return row
    # Whoever publishes, claims or returns waits here, so that nothing moves after the look at it.
    lock_current(session)
    if ready is None or ready.basis != basis_of(session, as_of_plan(session, row)):
        raise MovedError
    refuse_harmful(ready, who, drop_most=row.drops_most)
    row.version += 1
    enter(session, row, ready, actor)
    return row


def enter(session: Session, row: PublicationRow, ready: Prepared, actor: str) -> None:
    """Keep a publication's files and make it current, in the caller's transaction."""
    assembled = ready.assembled
    row.breaches = None if ready.judged is None else ready.judged.row()
    row.hash, row.counts = assembled.hash, assembled.counts
    store_files(session, row.id, assembled.files)
    make_current(session, row, actor)


def publish_due(service: Service) -> list[str]:
    """Publish all approved publications whose date has come; return the ids of those that are.

    What cannot be published now is logged and left for the next time; workers call this again and
    again, and of several who do at the same moment one publishes.
    """
    with service.database.reading() as session:
        query = select(PublicationRow).where(
            PublicationRow.status == PublicationStatus.APPROVED,
            PublicationRow.effective_at <= now(session),
        )
        rows = list(session.scalars(query.order_by(PublicationRow.effective_at, PublicationRow.id)))
    return [row.id for row in rows if _published(service, row)]


def _published(service: Service, row: PublicationRow) -> bool:
    actor = row.published_by or row.decided_by or row.created_by
    judged: Judged | None = None

    def finish(ready: Prepared | None) -> None:
        nonlocal judged
        judged = None if ready is None else ready.judged
        with service.database.writing() as session:
            take_effect(session, row.id, actor, ready)

    try:
        publish(service, row.id, finish)
    # Each would be refused again and again until somebody plans anew.
    except (LeavesOutError, WithdrawnError) as error:
        _reject(service, row.id, actor, str(error), judged)
        return False
    except BreachError as error:
        # Who sees the publication need not see the reps: the list tells each what they may see.
        why = str(error)
        if judged is not None and error.breaches:
            why = f"when it was due, {in_short(judged)}: see its breaches"
        _reject(service, row.id, actor, why, judged)
        return False
    except FairleadError as error:
        # The others must not wait for one at fault; and another worker may have been faster.
        if _is_approved(service, row.id):
            LOG.warning("publication %s is due and was not published: %s", row.id, error)
        return False
    return True


def _is_approved(service: Service, publication_id: str) -> bool:
    with service.database.reading() as session:
        return get_publication(session, publication_id).status == PublicationStatus.APPROVED


def _reject(
    service: Service, publication_id: str, actor: str, reason: str, judged: Judged | None
) -> None:
    with service.database.writing() as session:
        row = lock_publication(session, publication_id)
        if is_legal(row, Step.REJECT):
            turn_down(session, row, actor, reason)
            row.breaches = None if judged is None else judged.row()
    LOG.warning("publication %s was due and is rejected: %s", publication_id, reason)

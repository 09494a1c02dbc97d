"""Publishing: the whole assignment is made beside the database, and becomes current in it."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import select

from api.services.desk.assemble import Parts, Tables, assemble
from api.services.publications.basis import (
    basis_of,
    current_of,
    moved_of,
    newest_or_none,
    transfers_since,
)
from api.services.publications.drafts import get_feasible_plan
from api.services.publications.scope import regions_of, teams_of
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
from api.store.tables import PlanRow, PublicationRow, PublicationStatus, SnapshotRow
from models.errors import FairleadError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy.orm import Session

    from api.services.desk.publication_files import Assembled
    from api.services.publications.basis import Basis
    from api.services.service import Service

LOG = logging.getLogger(__name__)
Told = TypeVar("Told")


@dataclass(frozen=True)
class Prepared:
    """A publication that is ready to become current, while its basis holds."""

    basis: Basis
    assembled: Assembled


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
        with _prepared(service, publication_id) as ready:
            return finish(ready)

    with turn(service.turns.publishing, service.settings.publish_seconds):
        return until_it_holds(attempt)


def take_effect(
    session: Session, publication_id: str, actor: str, ready: Prepared | None
) -> PublicationRow:
    """Make an approved publication the current one, or, before its date, have it become so then.

    Raises
    ------
    IllegalStepError : it is not approved
    MovedError : what was prepared no longer fits what is stored
    """
    row = lock_publication(session, publication_id)
    refuse_illegal(row, Step.PUBLISH)
    if _is_early(session, row):
        if row.published_by is None:
            row.published_by = actor
            row.version += 1
            detail = {"effective_at": str(row.effective_at)}
            append_audit(session, actor, "publication_due", row.id, detail)
        return row
    # Whoever publishes, claims or returns waits here, so that nothing moves after the look at it.
    lock_current(session)
    if ready is None or ready.basis != basis_of(session, _as_of(session, row)):
        raise MovedError
    row.version += 1
    enter(session, row, ready.assembled, actor)
    return row


def enter(session: Session, row: PublicationRow, assembled: Assembled, actor: str) -> None:
    """Keep a publication's files and make it current, in the caller's transaction."""
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

    def finish(ready: Prepared | None) -> None:
        with service.database.writing() as session:
            take_effect(session, row.id, actor, ready)

    try:
        publish(service, row.id, finish)
    except FairleadError as error:
        # The others must not wait for one that is at fault.
        LOG.warning("publication %s is due and was not published: %s", row.id, error)
        return False
    return True


@contextmanager
def _prepared(service: Service, publication_id: str) -> Iterator[Prepared | None]:
    found = _found(service, publication_id)
    if found is None:
        yield None
        return
    basis, parts = found
    with TemporaryDirectory(dir=service.scratch) as scratch:
        yield Prepared(basis, service.clerk.ask(assemble, parts, Path(scratch)))


def _found(service: Service, publication_id: str) -> tuple[Basis, Parts] | None:
    """Return what a publication is made from; None where it is not to be made now."""
    with service.database.reading() as session:
        row = get_publication(session, publication_id)
        if not is_legal(row, Step.PUBLISH) or row.plan_id is None or _is_early(session, row):
            return None
        plan = get_feasible_plan(session, row.plan_id)
        as_of = _as_of(session, row)
        basis = basis_of(session, as_of)
        moved = moved_of(transfers_since(session, basis.number, as_of))
        tables = None if plan.snapshot_id is None else session.get(SnapshotRow, plan.snapshot_id)
        newest = newest_or_none(session)
        moment = now(session)
    parts = Parts(
        plan=service.copies.directory(plan.id),
        plan_hash=plan.hash,
        tables=Tables(_files(service, tables), as_of),
        newest=_newer(service, newest, as_of),
        current=current_of(basis, service.copies),
        moved=moved,
        teams=teams_of(row.part),
        regions=regions_of(row.part),
        moment=moment,
    )
    return basis, parts


def _files(service: Service, tables: SnapshotRow | None) -> Path | None:
    """Return the directory of a snapshot; None where there is none, or retention took it away."""
    if tables is None or tables.removed_at is not None:
        return None
    return service.copies.directory(tables.id)


def _newer(service: Service, newest: SnapshotRow | None, as_of: datetime) -> Tables | None:
    if newest is None or newest.as_of <= as_of:
        return None
    return Tables(_files(service, newest), newest.as_of)


def _as_of(session: Session, row: PublicationRow) -> datetime:
    """Return when the tables of a publication's plan were true."""
    plan = session.get_one(PlanRow, row.plan_id)
    return datetime.fromisoformat(plan.record["as_of"])


def _is_early(session: Session, row: PublicationRow) -> bool:
    return row.effective_at is not None and row.effective_at > now(session)

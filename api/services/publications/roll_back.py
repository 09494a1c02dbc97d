"""Rolling back: a new publication that restores the assignment of an earlier one.

One person may do it alone, whoever submitted the earlier one: what was approved and current once
needs no second approval, and whoever must take back a wrong plan at night finds nobody to ask.
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TypeVar

from api.errors import ForbiddenError
from api.services.desk.restore import restore
from api.services.publications.basis import basis_of, current_of, moved_of, transfers_since
from api.services.publications.prepare import Prepared
from api.services.publications.publish import enter
from api.services.publications.steps import (
    Step,
    get_publication,
    is_legal,
    lock_publication,
    refuse_illegal,
)
from api.services.turns import MovedError, turn, until_it_holds
from api.store.columns import new_id
from api.store.current import lock_current
from api.store.dialect import now
from api.store.tables import PublicationRow, PublicationStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy.orm import Session

    from api.services.access.principal import Principal
    from api.services.service import Service

Told = TypeVar("Told")


def roll_back(
    service: Service, publication_id: str, finish: Callable[[Prepared | None], Told]
) -> Told:
    """Prepare the restoring of an earlier publication, and return what `finish` makes of it, which
    calls `take_back`.

    Raises
    ------
    NotFoundError : there is no such publication
    ConflictError : something moved each time
    BusyError : others publish for too long
    """

    def attempt() -> Told:
        with _prepared(service, publication_id) as ready:
            return finish(ready)

    with turn(service.turns.publishing, service.settings.publish_seconds):
        return until_it_holds(attempt)


def take_back(
    session: Session, publication_id: str, note: str, who: Principal, ready: Prepared | None
) -> PublicationRow:
    """Make a new publication current that restores an earlier one; return the new one.

    What was claimed, returned or overridden since is undone with the rest.

    Raises
    ------
    IllegalStepError : it was never published, or is the current one
    ForbiddenError : the caller is limited to teams or regions, and it concerns all
    MovedError : what was prepared no longer fits what is stored
    """
    old = lock_publication(session, publication_id)
    refuse_illegal(old, Step.ROLL_BACK)
    if who.teams is not None or who.regions is not None:
        raise ForbiddenError(
            "rolling back changes all teams and regions, and you are limited to some; ask somebody "
            "without limits"
        )
    lock_current(session)
    if ready is None or ready.basis != basis_of(session, None):
        raise MovedError
    moment = now(session)
    row = PublicationRow(
        id=new_id(),
        restores=old.number,
        status=PublicationStatus.APPROVED,
        version=1,
        note=note,
        created_at=moment,
        created_by=who.id,
        decided_at=moment,
        decided_by=who.id,
    )
    session.add(row)
    enter(session, row, ready, who.id)
    return row


@contextmanager
def _prepared(service: Service, publication_id: str) -> Iterator[Prepared | None]:
    with service.database.reading() as session:
        row = get_publication(session, publication_id)
        basis = basis_of(session, None)
        moved = moved_of(transfers_since(session, basis.number, None))
    current = current_of(basis, service.copies)
    if not is_legal(row, Step.ROLL_BACK) or current is None:
        yield None
        return
    old = service.copies.directory(row.id)
    with TemporaryDirectory(dir=service.scratch) as scratch:
        assembled = service.clerk.ask(restore, old, current, moved, Path(scratch))
        yield Prepared(basis, assembled)

"""Snapshots: tables that were taken in, and are kept as they are."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from api.errors import InvalidRequestError, NotFoundError
from api.schemas.snapshots import SnapshotGiven
from api.store.audit import append_audit
from api.store.columns import new_id
from api.store.dialect import now
from api.store.files import store_files
from api.store.tables import SnapshotRow
from api.store.withdrawal import refuse_withdrawn

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from api.services.desk.intake import Taken

UPLOAD = "upload"
AHEAD = timedelta(days=1)
"""What clocks of other machines may be ahead of the database's."""


def add_snapshot(session: Session, taken: Taken, source: str, actor: str) -> SnapshotRow:
    """Keep tables that were taken in."""
    row = SnapshotRow(
        id=new_id(),
        as_of=taken.as_of,
        timezone=taken.timezone,
        currency=taken.currency,
        content_hash=taken.content_hash,
        source=source,
        summary={"rows": taken.rows, "issues": taken.issues},
        created_at=now(session),
        created_by=actor,
    )
    session.add(row)
    session.flush()
    store_files(session, row.id, taken.files)
    detail = {"source": source, "rows": taken.rows, "content_hash": taken.content_hash}
    append_audit(session, actor, "snapshot_added", row.id, detail)
    return row


def get_snapshot(session: Session, snapshot_id: str) -> SnapshotRow:
    """Return a snapshot; NotFoundError if there is none."""
    row = session.get(SnapshotRow, snapshot_id)
    if row is None:
        raise NotFoundError(f"there is no snapshot {snapshot_id!r}")
    return row


def withdraw_snapshot(session: Session, row: SnapshotRow, why: str, actor: str) -> None:
    """Have nothing go by tables any more, as by wrong ones, however often they were taken: who
    reads a folder takes the same again and again. What is published stays.

    Raises
    ------
    WithdrawnError : they were withdrawn before
    """
    refuse_withdrawn(row)
    same = session.scalars(
        select(SnapshotRow)
        .where(SnapshotRow.content_hash == row.content_hash, SnapshotRow.withdrawn_at.is_(None))
        .order_by(SnapshotRow.created_at, SnapshotRow.id)
    ).all()
    moment = now(session)
    for one in same:
        one.withdrawn_at, one.withdrawn_by, one.withdrawn_why = moment, actor, why
    detail = {"content_hash": row.content_hash, "snapshots": [one.id for one in same]}
    append_audit(session, actor, "snapshot_withdrawn", row.id, detail)


def refuse_read_again(session: Session, content_hash: str) -> None:
    """Raise WithdrawnError if tables that nobody sends are those that were withdrawn last; a folder
    holds them until somebody writes others there.
    """
    row = session.scalars(
        select(SnapshotRow)
        .where(SnapshotRow.content_hash == content_hash)
        .order_by(SnapshotRow.created_at.desc())
        .limit(1)
    ).one_or_none()
    if row is not None:
        refuse_withdrawn(row)


def snapshots_given(session: Session, rows: Iterable[SnapshotRow]) -> list[SnapshotGiven]:
    """Return snapshots as they are told."""
    newest = newest_or_none(session)
    return [SnapshotGiven.of(row, is_newest=row is newest) for row in rows]


def refuse_to_come(session: Session, as_of: datetime) -> None:
    """Raise InvalidRequestError if tables are of a moment that is still to come: until then nothing
    would go by any that are taken after them.
    """
    moment = now(session)
    if as_of > moment + AHEAD:
        raise InvalidRequestError(
            f"the tables are of {as_of:%Y-%m-%d %H:%M} UTC (as_of), which is still to come: it is "
            f"{moment:%Y-%m-%d %H:%M} UTC. Say when they were true"
        )


def newest_or_none(session: Session) -> SnapshotRow | None:
    """Return the snapshot that was true last and may be gone by; None if there is none."""
    return session.scalars(
        select(SnapshotRow)
        .where(SnapshotRow.removed_at.is_(None), SnapshotRow.withdrawn_at.is_(None))
        .order_by(SnapshotRow.as_of.desc(), SnapshotRow.created_at.desc())
        .limit(1)
    ).one_or_none()


def newest_snapshot(session: Session) -> SnapshotRow:
    """Return what `newest_or_none` does; NotFoundError if there is none."""
    row = newest_or_none(session)
    if row is None:
        left = session.scalars(select(SnapshotRow.withdrawn_at).limit(1)).first()
        why = "yet" if left is None else "that was not withdrawn"
        raise NotFoundError(f"there is no snapshot {why}; send one to /v1/snapshots")
    return row

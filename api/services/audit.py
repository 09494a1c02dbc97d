"""Reads the audit trail, and checks it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from api.schemas.audit import AuditCheck, AuditHead
from api.services.paging import decode_cursor, encode_cursor
from api.store.audit import FIRST_HASH, find_faults
from api.store.tables import AuditRow

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from api.services.paging import Paging

SHOWN = 100


@dataclass(frozen=True)
class Wanted:
    """Which rows are asked for; None is all.

    Attributes
    ----------
    since, until : from this moment on, and before this one
    """

    subject: str | None = None
    actor: str | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def audit_page(
    session: Session, wanted: Wanted, paging: Paging
) -> tuple[Sequence[AuditRow], str | None]:
    """Return a page of the trail, newest first, and the cursor of the next page."""
    query = select(AuditRow)
    for column, value in (
        (AuditRow.subject, wanted.subject),
        (AuditRow.actor, wanted.actor),
        (AuditRow.action, wanted.action),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.since is not None:
        query = query.where(AuditRow.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(AuditRow.at < wanted.until)
    if paging.cursor is not None:
        query = query.where(AuditRow.number < decode_cursor(paging.cursor, int)[0])
    rows = session.scalars(query.order_by(AuditRow.number.desc()).limit(paging.limit + 1)).all()
    page = rows[: paging.limit]
    return page, encode_cursor(page[-1].number) if len(rows) > len(page) else None


def audit_head(session: Session, before: datetime | None = None) -> AuditHead:
    """Return the newest row, or the newest that was written before a moment."""
    query = select(AuditRow).order_by(AuditRow.number.desc()).limit(1)
    if before is not None:
        query = query.where(AuditRow.at < before)
    row = session.scalars(query).one_or_none()
    if row is None:
        return AuditHead(number=0, hash=FIRST_HASH)
    return AuditHead(number=row.number, hash=row.hash, at=row.at)


def check_audit(session: Session) -> AuditCheck:
    """Read the whole trail and tell whether it is as it was written."""
    faults = list(islice(find_faults(session), SHOWN))
    return AuditCheck(
        whole=not faults,
        rows=session.scalar(select(func.count()).select_from(AuditRow)) or 0,
        first_bad=min((fault.number for fault in faults), default=None),
        faults=[fault.sentence for fault in faults],
    )

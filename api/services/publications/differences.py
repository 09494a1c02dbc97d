"""The file of what changed hands between an earlier publication and now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import select

from api.errors import NotFoundError
from api.services.access.visibility import is_visible
from api.services.desk.differences import GONE, NEW, write_differences
from api.services.desk.publication_files import Current
from api.services.publications.basis import moved_of
from api.store.private import make_private
from api.store.tables import PublicationRow

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from api.services.access.principal import Principal
    from api.services.holdings import Holdings
    from api.services.service import Service

DIRECTORY = "differences"
KEPT = 10
"""Files that are kept at least, so that all pages of a list come from one."""


def get_number(session: Session, number: int) -> PublicationRow:
    """Return the publication of a number; NotFoundError if there is none."""
    query = select(PublicationRow).where(PublicationRow.number == number)
    row = session.scalars(query).one_or_none()
    if row is None:
        raise NotFoundError(f"there is no publication of the number {number}")
    return row


def differences(service: Service, since: PublicationRow, now: Holdings) -> Path:
    """Return the file of the leads that have another rep than in an earlier publication, or are in
    only one of the two.
    """
    root = service.settings.data / DIRECTORY
    last = now.transfers[-1].id if now.transfers else "0"
    path = root / f"{since.id}-{now.publication_id}-{last}.parquet"
    if not path.exists():
        make_private(root)
        old = Current(since.number or 0, service.copies.directory(since.id))
        current = Current(now.number, now.directory)
        moved = moved_of(list(now.transfers))
        service.clerk.ask(write_differences, old, current, moved, path)
        _thin(root)
    return path


def seen_changes(who: Principal, rows: pa.Table) -> pa.ChunkedArray:
    """Return which are changes of which somebody sees the lead as it was, or as it is."""
    before = is_visible(who, rows, rep="from_rep", team="from_team")
    after = is_visible(who, rows, rep="to_rep", team="to_team")
    # What was not there, or is not any more, was in no pool for everybody to see.
    before = pc.and_(before, pc.not_equal(rows["change"], NEW))
    return pc.or_(before, pc.and_(after, pc.not_equal(rows["change"], GONE)))


def _thin(root: Path) -> None:
    found = sorted(root.glob("*.parquet"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in found[KEPT:]:
        path.unlink(missing_ok=True)

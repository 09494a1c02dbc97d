"""The plan behind a publication."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from api.store.tables import PlanRow, PublicationRow, SnapshotRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Origin:
    """Ids of a plan and of the snapshot that it was made from, both with their files."""

    plan: str
    tables: str


def origin_of(session: Session, publication_id: str) -> Origin | None:
    """Return the plan behind a publication; None where its tables are not kept any more."""
    row = session.get_one(PublicationRow, publication_id)
    while row.restores is not None:
        query = select(PublicationRow).where(PublicationRow.number == row.restores)
        row = session.scalars(query).one()
    plan = session.get_one(PlanRow, row.plan_id)
    tables = None if plan.snapshot_id is None else session.get(SnapshotRow, plan.snapshot_id)
    if tables is None or tables.removed_at is not None:
        return None
    return Origin(plan.id, tables.id)

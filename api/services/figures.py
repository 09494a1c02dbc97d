"""How much there is of what the service works on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from api.store.dialect import now
from api.store.tables import AuditHeadRow, CurrentRow, RunRow, RunStatus

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Figures:
    """What metrics tell of the database.

    Attributes
    ----------
    runs : how many have each status that some run has
    queue_seconds : since when the run that waits longest has waited; 0 if none waits
    publication : the number of the current one; 0 before the first
    """

    runs: Mapping[str, int]
    queue_seconds: float
    publication: int
    audit_rows: int


def figures(session: Session) -> Figures:
    """Return the figures of this moment."""
    counted = session.execute(select(RunRow.status, func.count()).group_by(RunRow.status))
    oldest = session.scalars(
        select(RunRow.queued_at)
        .where(RunRow.status == RunStatus.QUEUED)
        .order_by(RunRow.queued_at)
        .limit(1)
    ).one_or_none()
    waited = 0.0 if oldest is None else (now(session) - oldest).total_seconds()
    return Figures(
        runs=dict(iter(counted)),
        queue_seconds=max(0.0, waited),
        publication=session.scalars(select(CurrentRow.number)).one(),
        audit_rows=session.scalars(select(AuditHeadRow.number)).one(),
    )

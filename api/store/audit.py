"""The audit trail: rows that each carry the hash of the one before, so that a change is seen."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from sqlalchemy import select

from api.store.dialect import now
from api.store.tables import AuditHeadRow, AuditRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from api.store.columns import Json

FIRST_HASH = "0" * 64
"""What the first row of all has for the hash of the one before it."""


def lock_audit(session: Session) -> AuditHeadRow:
    """Make other transactions that append wait until this one ends; return the trail's head."""
    return session.scalars(select(AuditHeadRow).with_for_update()).one()


def append_audit(session: Session, actor: str, action: str, subject: str, detail: Json) -> None:
    """Add a row to the trail, in the transaction of the change that it tells.

    Parameters
    ----------
    actor : who did it; subject : the id of what was changed
    detail : old and new values
    """
    # The lock makes appending transactions follow each other, so that numbers have no gap.
    head = lock_audit(session)
    row = AuditRow(
        number=head.number + 1,
        at=now(session),
        actor=actor,
        action=action,
        subject=subject,
        detail=detail,
        previous_hash=head.hash,
    )
    row.hash = _hash(row)
    session.add(row)
    head.number, head.hash = row.number, row.hash
    session.flush()


def audit_faults(session: Session) -> list[str]:
    """Return where the trail is broken, as sentences; none if it is whole."""
    faults: list[str] = []
    previous, count = FIRST_HASH, 0
    for count, row in enumerate(session.scalars(select(AuditRow).order_by(AuditRow.number)), 1):
        if row.number != count:
            return [*faults, f"audit row {count} is missing"]
        if row.previous_hash != previous or row.hash != _hash(row):
            faults.append(f"audit row {count} was changed after it was written")
        previous = row.hash
    head = session.scalars(select(AuditHeadRow)).one()
    if (head.number, head.hash) != (count, previous):
        faults.append(f"the audit trail ends at row {count}, and its head says {head.number}")
    return faults


def _hash(row: AuditRow) -> str:
    told = [
        row.number,
        row.at.isoformat(),
        row.actor,
        row.action,
        row.subject,
        row.detail,
        row.previous_hash,
    ]
    text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()

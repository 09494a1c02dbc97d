"""The audit trail: rows that each carry the hash of the one before, so that a change is seen."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import false, select, update

from api.store.dialect import now
from api.store.tables import AuditHeadRow, AuditRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Row
    from sqlalchemy.orm import Session

    from api.store.columns import Json

FIRST_HASH = "0" * 64
"""What the first row of all has for the hash of the one before it."""
AT_A_TIME = 1000


def lock_audit(session: Session) -> AuditHeadRow:
    """Make other transactions that append wait until this one ends; return the trail's head."""
    return session.scalars(select(AuditHeadRow).with_for_update()).one()


def refuse_read_only(session: Session) -> None:
    """Change nothing, in a way that a database refuses if it takes no changes: a start can tell it
    before anybody's change does. Its transaction raises ReadOnlyError then.
    """
    session.execute(update(AuditHeadRow).where(false()).values(number=AuditHeadRow.number))


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


@dataclass(frozen=True)
class Fault:
    """Where the trail is broken.

    Attributes
    ----------
    number : of the row that is not as it was written, or not there
    """

    number: int
    sentence: str


def find_faults(session: Session) -> Iterator[Fault]:
    """Yield where the trail is broken, first things first; none if it is whole."""
    previous, number = FIRST_HASH, 0
    # As plain rows, a few at a time: a trail of years has millions.
    rows = session.execute(select(*AuditRow.__table__.columns).order_by(AuditRow.number))
    for row in rows.yield_per(AT_A_TIME):
        number += 1
        if row.number != number:
            yield Fault(number, f"audit row {number} is missing")
            return
        if row.previous_hash != previous or row.hash != _hash(row):
            yield Fault(number, f"audit row {number} was changed after it was written")
        previous = row.hash
    head = session.scalars(select(AuditHeadRow)).one()
    if (head.number, head.hash) != (number, previous):
        told = f"the audit trail ends at row {number}, and its head says {head.number}"
        yield Fault(min(number, head.number) + 1, told)


def audit_faults(session: Session) -> list[str]:
    """Return where the trail is broken, as sentences; none if it is whole."""
    return [fault.sentence for fault in find_faults(session)]


def _hash(row: AuditRow | Row[Any]) -> str:
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

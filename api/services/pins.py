"""Pins that people set one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from api.errors import ConflictError, NotFoundError
from api.jobs.tasks.task import Pin
from api.store.audit import append_audit
from api.store.columns import new_id
from api.store.dialect import now
from api.store.holding import holding_pins
from api.store.tables import PinRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from api.schemas.pins import NewPin, PinChange


def pin_asked(new: NewPin) -> Pin:
    """Return a pin that somebody asks for, as a run's process would take it."""
    return Pin(
        id="",
        lead_id=new.lead_id,
        kind=new.kind,
        rep_id=new.rep_id,
        team=new.team,
        region=new.region,
        expires=new.expires_at,
    )


def add_pin(session: Session, new: NewPin, actor: str) -> PinRow:
    """Keep a pin."""
    row = PinRow(
        id=new_id(),
        lead_id=new.lead_id,
        kind=new.kind,
        rep_id=new.rep_id,
        team=new.team,
        region=new.region,
        reason=new.reason,
        version=1,
        expires_at=new.expires_at,
        created_at=now(session),
        created_by=actor,
    )
    session.add(row)
    append_audit(session, actor, "pin_added", row.id, _told(row))
    return row


def change_pin(session: Session, row: PinRow, change: PinChange, actor: str) -> None:
    """Change what of a pin is given; ConflictError if it was removed."""
    _refuse_removed(row)
    before = _told(row)
    if "expires_at" in change.model_fields_set:
        row.expires_at = change.expires_at
    if change.reason is not None:
        row.reason = change.reason
    row.version += 1
    detail = {"before": before, "after": _told(row), "reason_changed": change.reason is not None}
    append_audit(session, actor, "pin_changed", row.id, detail)


def remove_pin(session: Session, row: PinRow, actor: str) -> None:
    """Let a pin hold no more; ConflictError if it was removed before."""
    _refuse_removed(row)
    row.removed_at, row.removed_by = now(session), actor
    row.version += 1
    append_audit(session, actor, "pin_removed", row.id, _told(row))


def get_pin(session: Session, pin_id: str) -> PinRow:
    """Return a pin; NotFoundError if there is none."""
    row = session.get(PinRow, pin_id)
    if row is None:
        raise NotFoundError(f"there is no pin {pin_id!r}")
    return row


def lock_pin(session: Session, pin_id: str) -> PinRow:
    """Return a pin that nobody else changes until the transaction ends.

    Raises
    ------
    NotFoundError : there is none
    """
    query = select(PinRow).where(PinRow.id == pin_id).with_for_update()
    row = session.scalars(query).one_or_none()
    if row is None:
        raise NotFoundError(f"there is no pin {pin_id!r}")
    return row


def pins_of(session: Session, lead_id: str) -> list[PinRow]:
    """Return the pins of a lead that hold now."""
    query = holding_pins(session).where(PinRow.lead_id == lead_id).order_by(PinRow.id)
    return list(session.scalars(query))


def _refuse_removed(row: PinRow) -> None:
    if row.removed_at is not None:
        raise ConflictError(f"pin {row.id} was removed at {row.removed_at:%Y-%m-%d %H:%M} UTC")


def _told(row: PinRow) -> dict[str, str | None]:
    return {
        "lead": row.lead_id,
        "kind": row.kind,
        "rep": row.rep_id,
        "team": row.team,
        "region": row.region,
        "expires_at": None if row.expires_at is None else row.expires_at.isoformat(),
    }

"""Which pins hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from api.store.dialect import now
from api.store.tables import PinRow

if TYPE_CHECKING:
    from sqlalchemy import Select
    from sqlalchemy.orm import Session


def holding_pins(session: Session) -> Select[PinRow]:
    """Return the query of pins that hold now: neither removed nor expired."""
    expires = PinRow.expires_at
    return select(PinRow).where(
        PinRow.removed_at.is_(None), or_(expires.is_(None), expires > now(session))
    )

"""The key that a new installation begins with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

ACTOR = "fairlead serve"


@dataclass(frozen=True)
class FirstKey:
    """What is shown once, at the first start.

    Attributes
    ----------
    key : an administrator's
    """

    key: str


def first_key(session: Session) -> FirstKey | None:
    """Make an administrator's key if there is no valid one; None if there is."""
    from sqlalchemy import select

    from api.services.access.keys import add_key, is_valid
    from api.services.access.roles import Role
    from api.store.audit import lock_audit
    from api.store.tables import KeyRow

    # Two servers that start at the same moment must not each make one.
    lock_audit(session)
    admins = session.scalars(select(KeyRow).where(KeyRow.role == Role.ADMIN))
    if any(is_valid(session, row) for row in admins):
        return None
    _, key = add_key(session, "first start", Role.ADMIN, {}, actor=ACTOR)
    return FirstKey(key)

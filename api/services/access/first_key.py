"""The key with which an installation begins."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from api.services.access.key_ring import valid_admins
from api.services.access.keys import add_key
from api.services.access.links import add_way_in, link_of
from api.services.access.roles import Role
from api.store.audit import lock_audit

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from api.settings import Settings

ACTOR = "first_start"


@dataclass(frozen=True)
class FirstKey:
    """What the first start tells once.

    Attributes
    ----------
    key : of an administrator without limits
    link : signs a browser in with it, once
    """

    key: str = field(repr=False)
    link: str = field(repr=False)


def first_key(session: Session, settings: Settings) -> FirstKey | None:
    """Make an administrator's key if there is no valid one; None if there is."""
    # Two servers that start at the same moment must not each make one.
    lock_audit(session)
    if valid_admins(session):
        return None
    row, key = add_key(session, "first start", Role.ADMIN, {}, actor=ACTOR)
    session.flush()
    return FirstKey(key, link_of(settings, add_way_in(session, settings, key_id=row.id)))

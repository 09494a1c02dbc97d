"""Who may make, see, change and revoke which keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from api.errors import (
    ConflictError,
    ForbiddenError,
    IllegalStepError,
    InvalidRequestError,
    NotFoundError,
)
from api.services.access.keys import add_key, is_valid, principal_of_row
from api.services.access.principal import Principal
from api.services.access.roles import Right, Role
from api.store.audit import append_audit
from api.store.dialect import now
from api.store.tables import KeyRow

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from api.schemas.keys import KeyChange, NewKey
    from api.store.columns import Json


def make_key(session: Session, new: NewKey, who: Principal) -> tuple[KeyRow, str]:
    """Make a key, for whom it names or else for its maker; return its row and the key itself.

    Raises
    ------
    ForbiddenError : it would be allowed what its maker is not
    InvalidRequestError : it would already have expired
    """
    limits: Json = {
        name: value if isinstance(value, str) else list(value)
        for name in ("rights", "teams", "regions", "rep_id")
        if (value := getattr(new, name)) is not None
    }
    made = Principal.of("key:", new.name, new.role, limits)
    if not made.rights:
        raise InvalidRequestError(
            f"the role {new.role} has none of the rights {', '.join(limits['rights'])}, so that "
            "the key could do nothing; take another role, or leave rights out"
        )
    if not covers(who, made):
        raise ForbiddenError(
            "a key may have no right, team or region that its maker has not; narrow its role, "
            "rights, teams or regions"
        )
    _refuse_past(session, new.expires_at)
    person = who.person if new.person is None else {new.person}
    return add_key(
        session,
        new.name,
        new.role,
        limits,
        actor=who.id,
        expires_at=new.expires_at,
        person=person,
        for_somebody_else=not who.is_same_person(person),
    )


def get_key(session: Session, key_id: str, who: Principal, *, lock: bool = False) -> KeyRow:
    """Return a key; NotFoundError if there is none, or it may more than who asks."""
    row = session.get(KeyRow, key_id, with_for_update=lock)
    if row is None or not sees(who, row):
        raise NotFoundError(f"there is no key {key_id!r}")
    return row


def change_key(session: Session, row: KeyRow, change: KeyChange, who: Principal) -> None:
    """Give a key another name or expiry.

    Raises
    ------
    IllegalStepError : it was revoked
    InvalidRequestError : it would already have expired; revoke it instead
    """
    if row.revoked_at is not None:
        raise IllegalStepError("the key was revoked, which is for ever; make a new one")
    detail: Json = {}
    if change.name is not None:
        # A name may be a person's, which the audit trail must not keep for ever.
        row.name, detail["name"] = change.name, "changed"
    if "expires_at" in change.model_fields_set:
        _refuse_past(session, change.expires_at)
        detail["expires_at"] = [_told(row.expires_at), _told(change.expires_at)]
        row.expires_at = change.expires_at
    row.version += 1
    append_audit(session, who.id, "key_changed", row.id, detail)


def revoke_key(session: Session, key_id: str, who: Principal) -> KeyRow:
    """End a key for ever, and with it its sessions; nothing happens to one that was revoked.

    Raises
    ------
    NotFoundError : there is none, or it may more than who asks
    ConflictError : it is the last key of an administrator without limits
    """
    # These locks first, and in one order, or two who revoke each other's keys wait for ever.
    admins = valid_admins(session, lock=True)
    row = get_key(session, key_id, who, lock=True)
    if row.revoked_at is not None:
        return row
    if admins == [row.id]:
        raise ConflictError(
            "this is the last valid key of an administrator, without which nobody could make "
            "another; make another one first"
        )
    row.revoked_at, row.revoked_by = now(session), who.id
    row.version += 1
    append_audit(session, who.id, "key_revoked", row.id, {"prefix": row.prefix})
    return row


def valid_admins(session: Session, *, lock: bool = False) -> list[str]:
    """Return the ids of the valid keys that may do everything.

    Parameters
    ----------
    lock : make others who lock them wait until this transaction ends, so that two administrators
        cannot each revoke the other's key
    """
    query = select(KeyRow).where(KeyRow.role == Role.ADMIN, KeyRow.revoked_at.is_(None))
    query = query.order_by(KeyRow.id).execution_options(populate_existing=lock)
    rows = session.scalars(query.with_for_update() if lock else query)
    return [
        row.id
        for row in rows
        if is_valid(session, row) and covers(principal_of_row(row), _EVERYTHING)
    ]


def sees(who: Principal, row: KeyRow) -> bool:
    """Return whether a key may no more than who asks."""
    return covers(who, principal_of_row(row))


def covers(who: Principal, other: Principal) -> bool:
    """Return whether somebody may all that another may."""
    return (
        other.rights <= who.rights
        and (who.teams is None or (other.teams is not None and other.teams <= who.teams))
        and (who.regions is None or _lie_in(other.regions, who.regions))
        # Who may not read all sees an own book at most, and can give nobody another's.
        and (Right.READ in who.rights or other.rep_id in (None, who.rep_id))
    )


_EVERYTHING = Principal("", "", Role.ADMIN, frozenset(Right))


def _lie_in(regions: frozenset[str] | None, around: frozenset[str]) -> bool:
    return regions is not None and all(
        any(region == outer or region.startswith(f"{outer}/") for outer in around)
        for region in regions
    )


def _refuse_past(session: Session, moment: datetime | None) -> None:
    if moment is not None and moment <= now(session):
        raise InvalidRequestError(
            f"expires_at is {moment.isoformat()}, which is over; give a later moment, or revoke "
            "the key"
        )


def _told(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()

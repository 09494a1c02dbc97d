"""Ways in that work once: a link for a browser, and a sign-in under way at an identity provider."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from api.errors import UnauthenticatedError
from api.services.access.keys import hash_of, is_valid
from api.store.dialect import now
from api.store.tables import KeyRow, SignInRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from api.settings import Settings
    from api.store.columns import Json

MARK = "fls_"
"""How the secret of a link begins, so that scanners for lost secrets know one."""


def add_way_in(
    session: Session, settings: Settings, *, key_id: str | None = None, data: Json | None = None
) -> str:
    """Return the secret of a new way in.

    Parameters
    ----------
    key_id : whose key it signs in with; None for an identity provider
    data : what is remembered until it is used
    """
    secret = MARK + secrets.token_urlsafe(32)
    moment = now(session)
    # Anybody may begin a sign-in, so that what is over must not pile up.
    session.execute(delete(SignInRow).where(SignInRow.expires_at <= moment))
    row = SignInRow(
        hash=hash_of(secret),
        key_id=key_id,
        data=data or {},
        created_at=moment,
        expires_at=moment + timedelta(minutes=settings.sign_in_minutes),
    )
    session.add(row)
    return secret


def link_of(settings: Settings, secret: str) -> str:
    """Return the address that signs a browser in, once."""
    return f"{settings.public_url}/sign-in?token={secret}"


def key_of_link(session: Session, secret: str) -> KeyRow:
    """Use up a link; return the key that it signs in with.

    Raises
    ------
    UnauthenticatedError : it is none, was used, or its time or its key's is over
    """
    row = take_way_in(session, secret)
    key = None if row is None or row.key_id is None else session.get(KeyRow, row.key_id)
    if key is None or not is_valid(session, key):
        raise UnauthenticatedError(
            "the link is unknown, was used, or its time is over; sign in with a key"
        )
    return key


def take_way_in(session: Session, secret: str) -> SignInRow | None:
    """Use up a way in; return it, or None if it is none, was used, or its time is over."""
    # The lock makes a second request for the same one wait, and then find it used.
    query = select(SignInRow).where(SignInRow.hash == hash_of(secret)).with_for_update()
    row = session.scalars(query).one_or_none()
    moment = now(session)
    if row is None or row.used_at is not None or moment >= row.expires_at:
        return None
    row.used_at = moment
    return row

"""Browsers that are signed in: a random id in a cookie, of which only a hash is kept.

A sign-in has a new id each time, so that nobody can be given one that another knows; see the OWASP
Session Management Cheat Sheet. What changes something must also show a token that another site
cannot read.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, or_, update

from api.errors import UnauthenticatedError
from api.services.access.keys import hash_of, is_valid, principal_of_row
from api.services.access.principal import Principal
from api.services.access.roles import Role
from api.store.audit import append_audit
from api.store.dialect import now
from api.store.tables import KeyRow, SessionRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from api.settings import Settings

SEEN_KNOWN_FOR = timedelta(seconds=30)
"""A session's last request is written at most so often."""


@dataclass(frozen=True)
class SignedIn:
    """A browser's session.

    Attributes
    ----------
    csrf_hash : of the token that its changes must carry
    seen_at : when it was last used, as far as was written
    expires_at : when it ends at the latest
    """

    who: Principal
    csrf_hash: str
    seen_at: datetime
    expires_at: datetime


def start_session(
    session: Session, who: Principal, key: KeyRow | None, settings: Settings, way: str
) -> str:
    """Sign a browser in; return the secret for its cookie.

    Parameters
    ----------
    key : with which; None for whom an identity provider has told
    way : in which way, for the audit trail
    """
    moment = now(session)
    _forget_ended(session, moment)
    secret = secrets.token_urlsafe(32)
    row = SessionRow(
        hash=hash_of(secret),
        csrf_hash=hash_of(csrf_token(secret)),
        key_id=None if key is None else key.id,
        principal=None if key is not None else _kept(who),
        created_at=moment,
        seen_at=moment,
        expires_at=moment + timedelta(hours=settings.session_hours),
    )
    session.add(row)
    append_audit(session, who.id, "signed_in", who.id, {"way": way})
    return secret


def session_of(session: Session, secret: str, settings: Settings) -> SignedIn:
    """Return whose session a cookie names.

    Raises
    ------
    UnauthenticatedError : it is none, was ended, or its time or its key's is over
    """
    row = session.get(SessionRow, hash_of(secret))
    moment = now(session)
    idle = timedelta(minutes=settings.session_idle_minutes)
    if (
        row is None
        or row.ended_at is not None
        or moment >= row.expires_at
        or moment >= row.seen_at + idle
    ):
        raise _over()
    return SignedIn(_whose(session, row), row.csrf_hash, row.seen_at, row.expires_at)


def end_session(session: Session, secret: str, who: Principal) -> None:
    """Sign a browser out."""
    row = session.get(SessionRow, hash_of(secret), with_for_update=True)
    if row is not None and row.ended_at is None:
        row.ended_at = now(session)
        append_audit(session, who.id, "signed_out", who.id, {})


def end_former(session: Session, secret: str | None) -> None:
    """Forget the session that a browser had before it signs in again, if it had one."""
    if secret is not None:
        session.execute(delete(SessionRow).where(SessionRow.hash == hash_of(secret)))


def note_seen(session: Session, secret: str) -> None:
    """Write that a session was used."""
    query = update(SessionRow).where(SessionRow.hash == hash_of(secret))
    session.execute(query.values(seen_at=now(session)))


def csrf_token(secret: str) -> str:
    """Return the token that goes with a session: only who has the cookie can make it."""
    return hmac.new(secret.encode(), b"csrf", "sha256").hexdigest()


def csrf_fits(signed_in: SignedIn, token: str) -> bool:
    """Return whether a token is a session's."""
    return hmac.compare_digest(signed_in.csrf_hash, hash_of(token))


def _whose(session: Session, row: SessionRow) -> Principal:
    if row.key_id is not None:
        key = session.get(KeyRow, row.key_id)
        if key is None or not is_valid(session, key):
            raise _over()
        return principal_of_row(key)
    kept = row.principal or {}
    role, limits = Role(kept["role"]), kept["limits"]
    return Principal.of(kept["id"], kept["name"], role, limits, kept["person"])


def _kept(who: Principal) -> dict[str, object]:
    limits: dict[str, object] = {
        "teams": None if who.teams is None else sorted(who.teams),
        "regions": None if who.regions is None else sorted(who.regions),
        "rep_id": who.rep_id,
    }
    told = {"id": who.id, "name": who.name, "role": who.role, "limits": limits}
    return {**told, "person": sorted(who.person)}


def _forget_ended(session: Session, moment: datetime) -> None:
    ended = or_(SessionRow.expires_at <= moment, SessionRow.ended_at.is_not(None))
    session.execute(delete(SessionRow).where(ended))


def _over() -> UnauthenticatedError:
    return UnauthenticatedError("nobody is signed in, or no longer; sign in again")

"""Who asks, as it is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.schemas.sign_in import SessionGiven
from api.services.access.sessions import csrf_token

if TYPE_CHECKING:
    from api.services.access.recognize import Known


def session_given(known: Known) -> SessionGiven:
    """Return who asks, what they may, and what a browser's changes must carry."""
    who, signed_in = known.who, known.signed_in
    return SessionGiven(
        name=who.name,
        role=who.role,
        rights=sorted(who.rights),
        teams=None if who.teams is None else sorted(who.teams),
        regions=None if who.regions is None else sorted(who.regions),
        rep_id=who.rep_id,
        way=known.shown.way,
        csrf_token=None if signed_in is None else csrf_token(known.shown.secret),
        expires_at=None if signed_in is None else signed_in.expires_at,
    )

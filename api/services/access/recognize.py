"""Who shows a credential."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from api.errors import UnauthenticatedError, UnavailableError
from api.schemas.sign_in import Way
from api.services.access.keys import USE_KNOWN_FOR, note_use, principal_of_row, valid_key
from api.services.access.sessions import SEEN_KNOWN_FOR, SignedIn, note_seen, session_of
from api.store.dialect import now

if TYPE_CHECKING:
    from datetime import datetime

    from api.services.access.credential import Credential
    from api.services.access.principal import Principal
    from api.services.service import Service

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Known:
    """A caller who was recognized.

    Attributes
    ----------
    shown : the credential
    signed_in : the browser's session, if it is one
    unwritten : whether it is time to write that the credential was used
    """

    who: Principal
    shown: Credential
    signed_in: SignedIn | None = None
    unwritten: bool = False


def recognize(service: Service, shown: Credential) -> Known:
    """Return who shows a credential; a key that was looked up a moment ago is known.

    Raises
    ------
    UnauthenticatedError : nobody, or nobody any longer
    ForbiddenError : the identity provider knows them, and gives them no role here
    UnavailableError : the database or the identity provider does not answer
    """
    if shown.way is not Way.KEY:
        return _looked_up(service, shown)
    return service.callers.get(shown.secret, lambda: _looked_up(service, shown))


def recognized_lately(service: Service, shown: Credential) -> Known | None:
    """Return who shows a key, if it was looked up a moment ago."""
    found = service.callers.known(shown.secret) if shown.way is Way.KEY else None
    # Its use is written by the request for which it was looked up.
    return None if found is None else replace(found, unwritten=False)


def _looked_up(service: Service, shown: Credential) -> Known:
    if shown.way is Way.TOKEN:
        if service.provider is None:
            raise UnauthenticatedError(
                "the key is unknown, revoked or expired; ask an administrator for a new one"
            )
        return Known(service.provider.principal_of_token(shown.secret), shown)
    with service.database.reading() as session:
        if shown.way is Way.KEY:
            row = valid_key(session, shown.secret)
            used: datetime | None = row.last_used_at
            old = used is None or now(session) >= used + USE_KNOWN_FOR
            return Known(principal_of_row(row), shown, unwritten=old)
        signed_in = session_of(session, shown.secret, service.settings)
        old = now(session) >= signed_in.seen_at + SEEN_KNOWN_FOR
        return Known(signed_in.who, shown, signed_in, unwritten=old)


def write_use(service: Service, shown: Credential) -> None:
    """Write that a credential was used, unless the database has no time for it."""
    try:
        with service.database.writing() as session:
            if shown.way is Way.KEY:
                note_use(session, shown.secret)
            else:
                note_seen(session, shown.secret)
    except UnavailableError as error:
        LOG.warning("the last use of a %s was not written: %s", shown.way, error)

"""What a caller shows to say who it is."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from api.errors import UnauthenticatedError
from api.schemas.sign_in import Way
from api.services.access.keys import MARK, hash_of

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST = 8192
"""Characters of a token that are looked at: nobody's own is longer, and parsing costs."""
BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/-]+=*)", re.IGNORECASE)


@dataclass(frozen=True)
class Credential:
    """A key, a token, or a session's id."""

    way: Way
    secret: str = field(repr=False)

    @property
    def bucket(self) -> str:
        """What tells callers apart without telling what they showed."""
        return f"{self.way}:{hash_of(self.secret)[:32]}"


def credential_of(authorization: Sequence[str], cookie: str | None) -> Credential | None:
    """Return what a caller shows; a session counts only where nothing else is shown.

    Parameters
    ----------
    authorization : the values of all headers of this name
    cookie : the session's

    Raises
    ------
    UnauthenticatedError : the header cannot be read; never shows it
    """
    if authorization:
        found = BEARER.fullmatch(authorization[0].strip()) if len(authorization) == 1 else None
        if found is None or len(found[1]) > LONGEST:
            raise UnauthenticatedError(
                "the Authorization header cannot be read; send one, as `Bearer KEY`, with a key "
                f"or a token of at most {LONGEST} characters"
            )
        way = Way.KEY if found[1].startswith(MARK) else Way.TOKEN
        return Credential(way, found[1])
    if cookie:
        return Credential(Way.SESSION, cookie)
    return None

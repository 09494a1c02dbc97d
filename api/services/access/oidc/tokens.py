"""Tokens that an identity provider has signed (RFC 7519, with the advice of RFC 8725)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jwt

from api.errors import UnauthenticatedError
from api.services.access.credential import LONGEST

if TYPE_CHECKING:
    from api.services.access.oidc.key_set import KeySet
    from api.store.columns import Json

LEEWAY_SECONDS = 30
"""How far the provider's clock may be from ours."""
REQUIRED = ("exp", "iat", "aud", "iss", "sub")
LONGEST_SUBJECT = 250
FORBIDDEN = frozenset({"jku", "jwk", "x5u", "x5c", "crit", "b64", "zip"})
"""Headers with which a token names its own key, or asks for what nobody here understands."""


def claims_of(token: str, keys: KeySet, *, algorithm: str, audience: str, issuer: str) -> Json:
    """Return what a token says, once all of it is believed.

    Raises
    ------
    UnauthenticatedError : it is not; says in which respect, and never shows the token
    UnavailableError : the provider's keys are not known
    """
    if len(token) > LONGEST:
        raise UnauthenticatedError(f"the token has {len(token)} characters; at most {LONGEST}")
    try:
        header = jwt.get_unverified_header(token)
        _check(header, algorithm)
        claims: Json = jwt.decode(
            token,
            keys.key_of(header["kid"]),
            algorithms=[algorithm],
            audience=audience,
            issuer=issuer,
            leeway=LEEWAY_SECONDS,
            options={"require": list(REQUIRED)},
        )
    except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError) as error:
        told = str(error).partition("\n")[0][:100]
        raise UnauthenticatedError(f"the token is not believed: {told}") from error
    if not 0 < len(claims["sub"]) <= LONGEST_SUBJECT:
        raise UnauthenticatedError(f"the token's sub has not 1 to {LONGEST_SUBJECT} characters")
    return claims


def _check(header: Json, algorithm: str) -> None:
    if header.get("alg") != algorithm:
        raise UnauthenticatedError(f"the token is not signed with {algorithm}")
    forbidden = sorted(FORBIDDEN & header.keys())
    if forbidden:
        raise UnauthenticatedError(
            f"the token's header has {', '.join(forbidden)}, which is not allowed"
        )
    if not isinstance(header.get("kid"), str):
        raise UnauthenticatedError("the token does not name its key: its header has no kid")

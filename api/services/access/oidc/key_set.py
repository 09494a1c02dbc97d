"""The identity provider's public keys, kept until they are old or an unknown one is named."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from api.errors import UnauthenticatedError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.store.columns import Json

PAUSE_SECONDS = 30.0
"""Unknown names of keys make the provider be asked at most so often: anybody can invent them."""
FIRST_PAUSE_SECONDS = 2.0
"""The same while no keys are known, and nobody who has a token comes in."""
WAIT_SECONDS = 1.0
"""How long a request waits for an answer that another one asks for."""
KEPT_SECONDS = 600.0
"""After so long, keys that the provider no longer names are no longer believed."""
LEAST_RSA_BITS = 2048
"""NIST SP 800-131A, revision 2, section 3."""
KINDS = {"RS256": "RSA", "ES256": "EC"}


class KeySet:
    """The keys of one provider, for one way of signing.

    Parameters
    ----------
    fetch : asks the provider for its JSON Web Key Set (RFC 7517)
    algorithm : RS256 or ES256
    clock : tells seconds that never go back
    """

    def __init__(
        self, fetch: Callable[[], Json], algorithm: str, clock: Callable[[], float]
    ) -> None:
        self._fetch = fetch
        self._algorithm = algorithm
        self._clock = clock
        self._lock = Lock()
        self._keys: dict[str, jwt.PyJWK] = {}
        self._asked_at: float | None = None
        self._told_at: float | None = None

    def key_of(self, name: str) -> jwt.PyJWK:
        """Return the key of a name.

        Raises
        ------
        UnauthenticatedError : the provider has none of this name
        UnavailableError : it does not answer, and no keys are known
        """
        keys = self._fresh(name)
        if name not in keys:
            raise UnauthenticatedError(
                "the token is signed with a key that the identity provider does not name"
            )
        return keys[name]

    def _fresh(self, name: str) -> dict[str, jwt.PyJWK]:
        if not self._wants(name):
            return self._keys
        # Another request may be asking: who has a known key does not wait for it, and nobody waits
        # for long, or a provider that hangs would take all of the server's threads.
        if not self._lock.acquire(timeout=0 if name in self._keys else WAIT_SECONDS):
            return self._known()
        try:
            # Another request may have asked meanwhile.
            if self._wants(name):
                self._ask()
            return self._keys
        finally:
            self._lock.release()

    def _known(self) -> dict[str, jwt.PyJWK]:
        if self._told_at is None:
            raise UnavailableError("the identity provider's keys are not known; try again soon")
        return self._keys

    def _wants(self, name: str) -> bool:
        moment = self._clock()
        pause = FIRST_PAUSE_SECONDS if self._told_at is None else PAUSE_SECONDS
        if self._asked_at is not None and moment < self._asked_at + pause:
            self._known()
            return False
        old = self._told_at is None or moment >= self._told_at + KEPT_SECONDS
        return old or name not in self._keys

    def _ask(self) -> None:
        self._asked_at = self._clock()
        try:
            told = self._fetch()
        except UnavailableError:
            # What was known is better than nobody's coming in while the provider is away.
            if self._told_at is None:
                raise
            return
        self._keys = _usable(told, self._algorithm)
        self._told_at = self._asked_at


def _usable(told: Json, algorithm: str) -> dict[str, jwt.PyJWK]:
    listed = told.get("keys")
    found = {}
    for given in listed if isinstance(listed, list) else []:
        key = _key(given, algorithm) if isinstance(given, dict) else None
        if key is not None:
            found[str(given["kid"])] = key
    return found


def _key(given: dict[str, Any], algorithm: str) -> jwt.PyJWK | None:
    """Return a public key that may sign in this way; None for any other."""
    fits = (
        isinstance(given.get("kid"), str)
        and given.get("kty") == KINDS[algorithm]
        and given.get("use", "sig") == "sig"
        and given.get("alg", algorithm) == algorithm
        and (algorithm != "ES256" or given.get("crv") == "P-256")
    )
    if not fits:
        return None
    try:
        key = jwt.PyJWK(given, algorithm=algorithm)
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    if isinstance(key.key, RSAPublicKey) and key.key.key_size < LEAST_RSA_BITS:
        return None
    return key

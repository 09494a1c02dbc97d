"""An identity provider: whom its tokens stand for, and how a browser signs in with it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

from api.errors import UnauthenticatedError, UnavailableError
from api.services.access.oidc.claims import principal_of_claims
from api.services.access.oidc.door import Door
from api.services.access.oidc.key_set import KeySet
from api.services.access.oidc.tokens import claims_of
from models.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.services.access.principal import Principal
    from api.settings import Settings
    from api.store.columns import Json

DISCOVERY = "/.well-known/openid-configuration"


@dataclass(frozen=True)
class Endpoints:
    """Where a provider is asked for what."""

    authorization: str
    token: str
    keys: str


class Provider:
    """The identity provider that settings name.

    Parameters
    ----------
    clock : tells seconds that never go back

    Raises
    ------
    UsageError : the settings contradict each other
    """

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        if settings.oidc_issuer is None:
            raise UsageError("FAIRLEAD_OIDC_ISSUER is not set; there is no identity provider")
        if settings.oidc_audience is None and settings.oidc_client_id is None:
            raise UsageError(
                "FAIRLEAD_OIDC_ISSUER is set, and neither FAIRLEAD_OIDC_AUDIENCE (to take its "
                "tokens) nor FAIRLEAD_OIDC_CLIENT_ID (to sign browsers in); set one or both"
            )
        if not settings.oidc_roles:
            raise UsageError(
                "FAIRLEAD_OIDC_ISSUER is set, and FAIRLEAD_OIDC_ROLES is empty, so that nobody "
                'could do anything; set it to JSON such as {"sales-ops": "planner"}'
            )
        self.settings = settings
        self.issuer = settings.oidc_issuer
        self.door = Door.of(settings)
        self._lock = Lock()
        self._endpoints: Endpoints | None = None
        self._keys = KeySet(self._fetch_keys, settings.oidc_algorithm, clock)

    def principal_of_token(self, token: str) -> Principal:
        """Return whom a token for this API stands for.

        Raises
        ------
        UnauthenticatedError : it is not believed
        ForbiddenError : it gives no role here
        UnavailableError : the provider does not answer
        """
        if self.settings.oidc_audience is None:
            raise UnauthenticatedError("tokens are not taken here; send an API key, or sign in")
        return self.principal_of(self.claims(token, self.settings.oidc_audience))

    def claims(self, token: str, audience: str) -> Json:
        """Return what a token for an audience says; UnauthenticatedError if it is not believed."""
        return claims_of(
            token,
            self._keys,
            algorithm=self.settings.oidc_algorithm,
            audience=audience,
            issuer=self.issuer,
        )

    def principal_of(self, claims: Json) -> Principal:
        """Return whom claims stand for; ForbiddenError if they give no role here."""
        return principal_of_claims(claims, self.settings)

    def endpoints(self) -> Endpoints:
        """Return where the provider is asked for what; UnavailableError if it does not answer."""
        if self._endpoints is not None:
            return self._endpoints
        # One asks, and nobody waits: a provider that hangs would take all of the server's threads.
        if not self._lock.acquire(blocking=False):
            raise UnavailableError("the identity provider is being asked; try again soon")
        try:
            self._endpoints = self._discover()
        finally:
            self._lock.release()
        return self._endpoints

    def _discover(self) -> Endpoints:
        told = self.door.get(self.issuer.rstrip("/") + DISCOVERY)
        # Another's description would send browsers and secrets to another's addresses.
        if told.get("issuer") != self.issuer:
            raise UnavailableError(
                f"the identity provider's description is of another issuer than {self.issuer}; set "
                "FAIRLEAD_OIDC_ISSUER as its tokens name it"
            )
        return Endpoints(
            authorization=self._address(told, "authorization_endpoint"),
            token=self._address(told, "token_endpoint"),
            keys=self._address(told, "jwks_uri"),
        )

    def _address(self, told: Json, name: str) -> str:
        address: Any = told.get(name)
        fault = self.door.fault_of(address) if isinstance(address, str) else "it does not tell"
        if fault is not None:
            raise UnavailableError(f"the identity provider's {name} cannot be used: {fault}")
        return str(address)

    def _fetch_keys(self) -> Json:
        return self.door.get(self.settings.oidc_jwks_url or self.endpoints().keys)

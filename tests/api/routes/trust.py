"""An installation that trusts an identity provider of the tests' own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from api.services.access.oidc.provider import Provider
from tests.api.services.access.issuer import AUDIENCE, CLIENT_ID, CLIENT_SECRET

if TYPE_CHECKING:
    from api.services.service import Service
    from tests.api.services.access.issuer import Issuer

ROLES = {"sales-ops": "planner", "seller": "rep", "everybody": "viewer"}


class Clock:
    """A clock that only the test moves on."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def trusting_service(service: Service, issuer: Issuer, clock: Clock, **more: Any) -> Service:
    """Return an installation that trusts a provider."""
    settings = type(service.settings)(
        **{
            **service.settings.model_dump(),
            "oidc_issuer": issuer.url,
            "oidc_audience": AUDIENCE,
            "oidc_algorithm": issuer.algorithm,
            "oidc_client_id": CLIENT_ID,
            "oidc_client_secret": CLIENT_SECRET,
            "oidc_roles": ROLES,
            "oidc_on_loopback": True,
            **more,
        }
    )
    return replace(service, settings=settings, provider=Provider(settings, clock))

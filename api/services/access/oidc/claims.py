"""What an identity provider says about somebody, as a role and its limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.errors import ForbiddenError
from api.services.access.principal import Principal
from api.services.access.roles import Role

if TYPE_CHECKING:
    from api.settings import Settings
    from api.store.columns import Json

NO_LIMIT = "*"
LONGEST = 255


def principal_of_claims(claims: Json, settings: Settings) -> Principal:
    """Return whom a believed token stands for.

    Raises
    ------
    ForbiddenError : it says no role, or a rep without saying which
    """
    role = _role(claims, settings)
    limits: Json = {
        name: _limit(claims, claim)
        for name, claim in (
            ("teams", settings.oidc_teams_claim),
            ("regions", settings.oidc_regions_claim),
        )
        if claim is not None
    }
    if role is Role.REP:
        rep_id = claims.get(settings.oidc_rep_claim)
        if not isinstance(rep_id, str) or not 0 < len(rep_id) <= LONGEST:
            raise ForbiddenError(
                f"the identity provider says that you are a rep, but not which: the claim "
                f"{settings.oidc_rep_claim!r} must be a rep's id; ask an administrator"
            )
        limits["rep_id"] = rep_id
    principal_id = f"oidc:{claims['sub']}"
    person = [principal_id]
    # Who can choose an address freely could choose another's.
    email = claims.get("email")
    if isinstance(email, str) and 0 < len(email) <= LONGEST and claims.get("email_verified", True):
        person.append(email)
    return Principal.of(principal_id, _name(claims), role, limits, person)


def _role(claims: Json, settings: Settings) -> Role:
    had = set(_words(claims.get(settings.oidc_role_claim)))
    for value, role in settings.oidc_roles.items():
        if value in had:
            return role
    raise ForbiddenError(
        f"the identity provider gives you no role here: its claim {settings.oidc_role_claim!r} has "
        "none of the values that FAIRLEAD_OIDC_ROLES lists; ask an administrator"
    )


def _limit(claims: Json, claim: str) -> list[str] | None:
    """Return what somebody is limited to: nothing at all if the provider does not say."""
    words = _words(claims.get(claim))
    return None if NO_LIMIT in words else words


def _words(value: Any) -> list[str]:
    listed = value if isinstance(value, list) else [value]
    return [word for word in listed if isinstance(word, str) and word]


def _name(claims: Json) -> str:
    for claim in ("name", "preferred_username", "email"):
        if isinstance(claims.get(claim), str) and claims[claim]:
            return str(claims[claim][:LONGEST])
    return str(claims["sub"])

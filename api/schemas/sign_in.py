"""Signing in, and who is signed in."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from api.schemas.common import Given, Moment, Taken
from api.schemas.roles import Right, Role


class Way(StrEnum):
    """How a caller shows who it is."""

    KEY = "key"
    TOKEN = "token"  # noqa: S105  a word, no secret
    SESSION = "session"


class SignIn(Taken):
    """A key, to sign a browser in with."""

    key: str = Field(min_length=1, max_length=200)


class SessionGiven(Given):
    """Who asks, and what they may."""

    name: str
    role: Role
    rights: list[Right]
    teams: list[str] | None = Field(description="null is all")
    regions: list[str] | None = Field(description="null is all")
    rep_id: str | None
    way: Way = Field(description="how the caller showed who it is")
    csrf_token: str | None = Field(
        default=None,
        description="what each change of a session must send as X-CSRF-Token; null without one",
    )
    expires_at: Moment | None = Field(
        default=None, description="when the session ends at the latest; null without one"
    )

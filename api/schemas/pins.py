"""Pins."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from api.schemas.common import Given, Id, Key, Moment, Reason, Taken


class PinKind(StrEnum):
    """What a pin does."""

    FIXED = "fixed"
    FORBIDDEN = "forbidden"


class NewPin(Taken):
    """A lead fixed to, or kept from, a rep, the reps of a team, or those who cover a region."""

    lead_id: Key
    kind: PinKind
    rep_id: Key | None = None
    team: Key | None = None
    region: Key | None = None
    reason: Reason
    expires_at: Moment | None = Field(default=None, description="since when it holds no more")

    @model_validator(mode="after")
    def _check(self) -> Self:
        given = [name for name in ("rep_id", "team", "region") if getattr(self, name) is not None]
        if len(given) != 1:
            told = " and ".join(given) or "none of them"
            raise ValueError(f"names {told}; name exactly one of rep_id, team and region")
        return self


class PinChange(Taken):
    """What of a pin shall change; what is left out stays."""

    reason: Reason | None = None
    expires_at: Moment | None = None


class PinGiven(Given):
    """A pin."""

    id: Id
    lead_id: str
    kind: PinKind
    rep_id: str | None
    team: str | None
    region: str | None
    reason: str
    version: int = Field(description="of its ETag")
    expires_at: Moment | None
    created_at: Moment
    created_by: str
    removed_at: Moment | None
    removed_by: str | None

"""The audit trail."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from api.schemas.common import Given, Moment


class AuditGiven(Given):
    """An accepted change."""

    number: int = Field(description="1, 2, 3 ... without a gap")
    at: Moment
    actor: str = Field(description="who did it")
    action: str
    subject: str = Field(description="the id of what was changed")
    detail: dict[str, Any] = Field(description="old and new values; never a name or a secret")
    previous_hash: str = Field(description="the hash of the row before")
    hash: str = Field(description="SHA-256 of this row and the hash of the one before")


class AuditHead(Given):
    """The newest row, or that of a day: what is kept elsewhere proves that none of those up to it
    was changed since.
    """

    number: int = Field(description="0 if there is none")
    hash: str
    at: Moment | None = Field(default=None, description="null if there is none")


class AuditCheck(Given):
    """Whether the trail is as it was written."""

    whole: bool
    rows: int = Field(description="how many there are")
    first_bad: int | None = Field(description="the first row that was changed or is missing")
    faults: list[str] = Field(description="the first 100")

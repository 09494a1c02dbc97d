"""The pool, books, and leads that change hands."""

from __future__ import annotations

from pydantic import Field

from api.schemas.common import Given, Id, Key, Moment, Reason, Taken


class PoolLead(Given):
    """A lead that nobody has."""

    lead_id: str
    region: str | None
    grade: str | None
    since: Moment | None = Field(description="when it was returned, if it was")


class Claim(Taken):
    """Who claims a lead."""

    rep_id: Key | None = Field(default=None, description="null is the caller's own rep")


class Why(Taken):
    """Why a lead changes hands."""

    reason: Reason


class TransferGiven(Given):
    """A lead that changed hands."""

    id: Id
    publication_number: int = Field(description="the current one when it happened")
    lead_id: str
    from_rep: str | None = Field(description="null is the pool")
    to_rep: str | None = Field(description="null is the pool")
    kind: str = Field(description="claim, return or override")
    reason: str
    at: Moment


class BookLead(Given):
    """A lead of a book."""

    lead_id: str
    region: str | None
    grade: str | None
    expected_value: float | None = Field(
        description="money; null if the lead came by a claim or an override"
    )
    score: float | None
    since: Moment | None


class BookGiven(Given):
    """What a rep works now."""

    rep_id: str
    team: str | None
    publication: int = Field(description="number of the current publication")
    leads: int = Field(description="how many the caller sees of them")
    expected_value: float = Field(description="sum of what is known, money")
    items: list[BookLead]
    next: str | None = Field(description="cursor of the next page; null if this is the last")

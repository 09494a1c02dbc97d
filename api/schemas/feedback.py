"""What people say about assignments."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from api.schemas.common import Given, Id, Key, Moment, Taken, Told


class FeedbackVerdict(StrEnum):
    """Whether somebody finds an assignment right."""

    GOOD = "good"
    BAD = "bad"


class NewFeedback(Taken):
    """What somebody says about who has a lead now."""

    lead_id: Key
    verdict: FeedbackVerdict
    text: Told = ""


class FeedbackGiven(Given):
    """What somebody said about who had a lead then."""

    id: Id
    lead_id: str
    rep_id: str | None
    publication_number: int
    verdict: FeedbackVerdict
    text: str
    created_at: Moment
    created_by: str


class FeedbackCount(Given):
    """How often something was said."""

    rep_id: str | None
    publication_number: int
    verdict: FeedbackVerdict
    count: int


class FeedbackSummary(Given):
    """All that was said, counted."""

    items: list[FeedbackCount] = Field(description="by rep, publication and verdict")

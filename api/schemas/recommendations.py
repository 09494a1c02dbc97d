"""Recommendations of reps for new leads."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, FiniteFloat

from api.schemas.common import Given, Id, Taken

MOST_NUMBER = 10**18
Cell = (
    Annotated[str, Field(max_length=10_000)]
    | bool
    | Annotated[int, Field(ge=-MOST_NUMBER, le=MOST_NUMBER)]
    | FiniteFloat
    | None
)
"""A cell of a table: as in the file of leads; null where it is empty."""
Lead = Annotated[
    dict[Annotated[str, Field(min_length=1, max_length=255)], Cell],
    Field(
        min_length=1,
        max_length=200,
        examples=[{"lead_id": "N1", "region": "US/West", "amount": 1200, "win_probability": 0.3}],
    ),
]


class NewRecommendation(Taken):
    """New leads, each looked at as if it came alone."""

    plan: Id | None = Field(
        default=None, description="whose prices to go by; the current publication's if not given"
    )
    leads: Annotated[list[Lead], Field(min_length=1, max_length=100)]
    top: int = Field(default=5, ge=1, le=100, description="how many reps to tell of per lead")


class RecommendationGiven(Given):
    """A rep for a new lead."""

    rep_id: str
    expected_value: float = Field(description="money")
    score: float = Field(description="money")
    prices: dict[str, float] = Field(description="what the lead pays, in money, per limit")
    net: float = Field(description="score - prices, in money")
    has_room: bool = Field(description="whether every hard limit holds with the lead")
    full: list[str] = Field(description="the limits that do not")
    reasons: list[str] = Field(description="stable codes")


class RankingGiven(Given):
    """The best reps for a new lead: those with room first, by net."""

    lead_id: str
    rep_id: str | None = Field(description="who should have it; null to leave it in the pool")
    reason: str = Field(description="stable code: why the first one, or why nobody")
    nobody: float | None = Field(
        description="money, the score of leaving it in the pool; null where it must have a rep"
    )
    num_eligible: int = Field(description="how many reps the rules allow")
    reps: list[RecommendationGiven]
    notes: list[str] = Field(
        description="rules that could not be held against it, and remarks on its cells"
    )


class Recommendations(Given):
    """A ranking for each lead, in their order."""

    plan: Id = Field(description="whose prices they go by")
    rankings: list[RankingGiven]

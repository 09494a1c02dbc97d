"""Comparisons of plans."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from api.schemas.common import OF_WHOLE, Given, Id, Taken

By = Literal["rep", "team", "region", "grade"]
Values = list[float | None]
OF_REP = "money; null where you do not see the rep who brings it"


class NewComparison(Taken):
    """Which plans to compare; deltas are against the first."""

    plans: list[Id] = Field(min_length=2, max_length=10, json_schema_extra={"uniqueItems": True})
    by: By | None = Field(default=None, description="also tell what each of these has")
    moves: int = Field(
        default=100, ge=0, le=1000, description="how many leads that change hands to list, at most"
    )


class ComparedMetric(Given):
    """A figure of each plan, in the order in which they were named."""

    name: str
    title: str
    description: str
    unit: str = Field(description="money (in the plans' currency), leads, hours, share or nothing")
    better: str = Field(description="more, less, or nothing where neither is better")
    values: Values = Field(
        description="null where a plan has no such figure, or it tells of the whole company and "
        "you see a part"
    )
    deltas: Values = Field(description="against the first plan; null for it")
    marks: list[str] = Field(
        description="better, worse, same, within gap (the difference is no more than what solving "
        "on may still bring), or nothing"
    )


class SharedLeads(Given):
    """The leads that all plans have."""

    leads: int | None = Field(description=OF_WHOLE)
    metrics: list[ComparedMetric]


class Remarks(Given):
    """In what a plan differs from the first beside its answer."""

    plan: Id
    remarks: list[str] = Field(description="none where you see a part of the company")


class Handover(Given):
    """What one rep hands over to another."""

    rep_id_before: str | None = Field(description="null for nobody")
    rep_id_after: str | None = Field(description="null for nobody")
    leads: int
    expected_value_before: float | None = Field(description=OF_REP)
    expected_value_after: float | None = Field(description=OF_REP)
    difference: float | None = Field(description=OF_REP)


class ChangedHands(Given):
    """A lead that has another rep in the later plan."""

    lead_id: str
    rep_id_before: str | None = Field(description="null for nobody")
    rep_id_after: str | None = Field(description="null for nobody")
    expected_value_before: float | None = Field(description=OF_REP)
    expected_value_after: float | None = Field(description=OF_REP)
    difference: float | None = Field(description=OF_REP)
    owner: str | None = Field(description="as of the later plan")
    reason: str = Field(description="stable code, as of the later plan")


class MovesBetween(Given):
    """Who changes hands between a plan and the one named after it."""

    before: Id
    after: Id
    leads: int = Field(description="how many change hands")
    handovers: list[Handover] = Field(description="most leads first")
    moves: list[ChangedHands] = Field(description="those whose value changes most")


class ComparisonGiven(Given):
    """Plans side by side."""

    plans: list[Id]
    currency: str
    metrics: list[ComparedMetric]
    shared: SharedLeads
    remarks: list[Remarks]
    groups: list[dict[str, Any]] | None = Field(
        description="a row per group and plan; `FIGURE delta` is against the first plan"
    )
    between: list[MovesBetween]

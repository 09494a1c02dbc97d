"""Plans, their tables and their figures; each figure tells its title, meaning and unit."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel, Field, JsonValue

from api.schemas.common import Given, Id, Moment
from api.schemas.metrics import MetricGiven
from api.schemas.people import Named
from api.schemas.snapshots import IssueGiven
from models.explanation import WhyRep

MONEY: Final[dict[str, JsonValue]] = {"unit": "money"}
"""Of the plan's currency."""


class PlanGiven(Given):
    """What a solved run left."""

    id: Id
    run_id: Id
    snapshot_id: Id | None
    policy_id: Id | None
    scenario_id: Id | None
    created_at: Moment
    hash: str = Field(description="SHA-256 of who has which lead")
    policy: str = Field(description="name of the policy")
    engine: str
    reason: str = Field(description="why the engine stopped")
    detail: str = Field(description="empty where you see a part of the company")
    feasible: bool = Field(description="whether the checker found every rule kept")
    as_of: Moment
    starts: Moment
    ends: Moment
    timezone: str
    currency: str = Field(description="of all money")
    bound_source: str = Field(description="what proved the bound")
    seed: int
    metrics: list[MetricGiven]


class LoadGiven(Given):
    """How a measure is shared among the reps."""

    measure: str
    unit: str
    metrics: list[MetricGiven]


class GroupGiven(Given):
    """What a grade, a region or a team has of a plan."""

    by: str = Field(description="grade, region or team")
    name: str = Field(description="of the group; empty where the cell is")
    metrics: list[MetricGiven]


class KpisGiven(Given):
    """The figures of a plan: of the whole, of the reps' loads, and of groups."""

    currency: str
    metrics: list[MetricGiven]
    loads: list[LoadGiven] = Field(description="none where you see a part of the company")
    groups: list[GroupGiven] = Field(description="those of which you see all")


class AssignmentGiven(Given):
    """A lead and who works it."""

    lead_id: str
    rep_id: str | None = Field(title="Rep", description="null for nobody")
    owner: str | None = Field(title="Owner before", description="null for nobody")
    moved: bool = Field(title="Moved", description="an owned lead that its owner does not keep")
    expected_value: float = Field(
        title="Expected value", description="amount x win probability", json_schema_extra=MONEY
    )
    score: float = Field(
        title="Score", description="what the objective adds up", json_schema_extra=MONEY
    )
    effort_hours: float = Field(
        title="Effort",
        description="that it costs its rep",
        json_schema_extra={"unit": "hours/week"},
    )
    reason: str = Field(title="Reason", description="stable code: why it is where it is")
    runner_up: str | None = Field(title="Runner-up", description="the next best rep")
    runner_up_loss: float | None = Field(
        title="Runner-up's loss",
        description="what the plan would lose with that rep, by its prices",
        json_schema_extra=MONEY,
    )
    region: str | None = Field(title="Region", description="of the lead")
    grade: str | None = Field(title="Grade", description="of the lead")
    team: str | None = Field(title="Team", description="of the rep")
    owner_team: str | None = Field(title="Team before", description="of the owner")


class NamedAssignment(AssignmentGiven, Named):
    """The same, with names and contacts."""


class UnassignedGiven(Given):
    """A lead that nobody works, and why."""

    lead_id: str
    owner: str | None = Field(title="Owner before", description="null for nobody")
    reason: str = Field(title="Reason", description="stable code: why nobody has it")
    effort_hours: float = Field(
        title="Effort",
        description="that it would cost its rep",
        json_schema_extra={"unit": "hours/week"},
    )
    region: str | None = Field(title="Region", description="of the lead")
    grade: str | None = Field(title="Grade", description="of the lead")


class MoveGiven(Given):
    """An owned lead that its owner does not keep."""

    lead_id: str
    owner: str = Field(title="From", description="who had it before the plan")
    rep_id: str | None = Field(title="To", description="null for nobody")
    expected_value: float | None = Field(
        title="Value moved",
        description="with the new rep; null where you do not see that rep",
        json_schema_extra=MONEY,
    )
    reason: str = Field(title="Reason", description="stable code: why it is where it is")
    region: str | None = Field(title="Region", description="of the lead")
    grade: str | None = Field(title="Grade", description="of the lead")
    owner_team: str | None = Field(title="From team", description="of the owner")
    team: str | None = Field(title="To team", description="of the new rep")


class PriceGiven(Given):
    """What one more unit of a limit is worth."""

    resource: str = Field(title="Limit", description="name of what is limited")
    group: int = Field(title="Group", description="its number in the limit")
    label: str = Field(title="Whose", description="the rep, team or region whose limit it is")
    price: float = Field(
        title="Price", description="money per unit", json_schema_extra={"unit": "money/unit"}
    )
    unit: str = Field(title="Unit", description="of what is limited")


class RepGiven(BaseModel):
    """A rep's loads, limits and prices: a column `MEASURE limit` or `LIMIT price` for each."""

    model_config = {"extra": "allow", "frozen": True}

    rep_id: str
    team: str | None
    active: bool
    count: float = Field(title="Leads", json_schema_extra={"unit": "leads"})
    effort_hours: float = Field(
        title="Effort", description="in the period", json_schema_extra={"unit": "hours"}
    )
    expected_value: float = Field(title="Expected value", json_schema_extra=MONEY)


class PlanSentence(Given):
    """A rule of the policy in English, and whether the plan keeps it."""

    rule: str
    text: str
    kept: bool
    soft: bool = Field(description="whether breaches cost money, but are allowed")
    violations: int
    amount: float = Field(description="sum of the breaches, in the rule's unit")


class PlanSentences(Given):
    """A plan's rules in plain English."""

    sentences: list[PlanSentence]
    breaches: list[str] = Field(description="the first of what the checker found")


class PlanSource(Given):
    """What a program needs besides the tables to have the whole plan."""

    record: dict[str, Any] = Field(description="plan.json, as `fairlead plan` writes it")
    policy: str = Field(description="the policy as it was written")
    issues: list[IssueGiven] = Field(description="what validation and compile remarked")


class HeldNow(Given):
    """Who has a lead now."""

    publication: int = Field(description="number of the current one")
    rep_id: str | None = Field(description="with what changed hands since; null is the pool")


class Explanation(WhyRep):
    """Why a plan has a lead where it is, and who has it now."""

    now: HeldNow | None = Field(
        description="null where nothing is published, or not this lead; the plan may be another one"
    )

"""Publications."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, field_validator, model_validator

from api.schemas.common import Given, Id, Key, Moment, Reason, Taken, Told
from api.schemas.people import Named

Keys = Annotated[list[Key], Field(max_length=1000)]


class Part(Taken):
    """What of a plan is published; leads must lie in both, where both are given."""

    teams: Keys = Field(
        default_factory=list,
        description="leads whose rep in the plan, or now, is in one of these teams",
    )
    regions: Keys = Field(default_factory=list, description="leads that lie under one of these")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.teams and not self.regions:
            raise ValueError("names no team and no region; send null to publish the whole plan")
        return self


class NewPublication(Taken):
    """A draft."""

    plan: Id
    part: Part | None = Field(default=None, description="null is the whole plan")
    note: Told = ""
    effective_at: Moment | None = Field(
        default=None,
        description="when it becomes current, once approved (in a year at most); null is by hand",
    )


class DraftChange(Taken):
    """What of a draft shall change; what is left out stays."""

    part: Part | None = None
    note: Told | None = None
    effective_at: Moment | None = None


class Rejection(Taken):
    """Why a publication is rejected."""

    reason: Reason


class RollBack(Taken):
    """A remark on a roll-back."""

    note: Told = ""


class PublicationCounts(Given):
    """What a publication did."""

    leads: int
    assigned: int = Field(description="leads that have a rep")
    taken: int = Field(description="leads that came from the plan")
    changed: int = Field(description="leads that got another rep than before, or none")
    refused: int = Field(
        description="leads whose owner had changed since the plan's tables, or that a pin keeps "
        "from the planned rep"
    )
    new: int = Field(description="leads that the publication before had not")
    gone: int = Field(description="leads of the publication before that nobody has any more")


class Foreseen(Given):
    """What a draft would do to the leads of the current publication."""

    against: int = Field(description="number of the publication that it was held against; 0: none")
    leads: int
    new: int = Field(description="leads that the current publication has not")
    gone: int = Field(description="leads of the current one that nobody would have any more")


class Submission(Taken):
    """What is said when a draft is submitted."""

    drop_most_leads: bool = Field(
        default=False,
        description="whether most leads of the current publication may be gone afterwards",
    )


class BreachGiven(Given):
    """A rule that a publication would break, or breaks."""

    cause: str = Field(
        description="choice (of the part, or of leads given by hand: it is refused), kept_owners "
        "(of leads that keep an owner whom the plan did not know), current (it is broken today, "
        "and gets no worse)"
    )
    rule: str
    sentence: str = Field(description="the rule in words")
    text: str = Field(description="what breaks it")
    lead_id: str = Field(description="empty where it concerns none")
    rep_id: str = Field(description="empty where it concerns none")
    group: str = Field(description="what is counted for whom, where that is no lead or rep only")
    load: float | None = Field(description="of a sum, in the rule's unit")
    limit: float | None
    advice: str = Field(description="what to do")


class BreachCounts(Given):
    """How many rules a publication breaks, by where that comes from."""

    checked: bool = Field(
        description="whether the rules could be read; not where the plan's tables are gone"
    )
    choice: int = Field(description="of the part, or of leads given by hand; none once published")
    kept_owners: int = Field(description="of leads that keep an owner whom the plan did not know")
    current: int = Field(description="broken before already, and no worse")


class PublicationGiven(Given):
    """A plan, or a part of one, on its way to being the current assignment."""

    # Its row calls the plan by another name than its JSON does.
    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    id: Id
    plan: Id | None = Field(validation_alias="plan_id")
    restores: int | None = Field(description="the number that it rolled back to")
    number: int | None = Field(description="1, 2, 3 ..., given when it is published")
    status: str
    version: int = Field(description="of its ETag")
    part: Part | None
    note: str
    effective_at: Moment | None
    created_at: Moment
    created_by: str
    submitted_at: Moment | None
    submitted_by: str | None
    decided_at: Moment | None
    decided_by: str | None
    reason: str | None = Field(description="of a rejection")
    published_at: Moment | None
    published_by: str | None
    hash: str | None = Field(description="SHA-256 of the whole assignment, once published")
    counts: PublicationCounts | None = Field(
        description="of the whole company; null before it is published, and where you see a part"
    )
    foreseen: Foreseen | None = Field(
        description="which leads it would bring and drop, as of when it was drafted, changed or "
        "submitted; null where a roll-back made it, and where you see a part of the company"
    )
    breaches: BreachCounts | None = Field(
        description="rules that the whole breaks, known once it is submitted; null where it rolls "
        "back"
    )

    @field_validator("breaches", mode="before")
    @classmethod
    def _of_row(cls, kept: Any) -> Any:
        if isinstance(kept, dict) and "counts" in kept:
            return {"checked": kept["checked"], **kept["counts"]}
        return kept


class PublishedLead(Given):
    """A lead of a publication, and who has it."""

    lead_id: str
    rep_id: str | None = Field(description="null is the pool")
    owner: str | None = Field(description="who had it in the plan's tables")
    region: str | None
    grade: str | None
    team: str | None = Field(description="of the rep")
    expected_value: float | None = Field(description="money a plan expects of lead and rep")
    score: float | None = Field(description="money, with preferences and switching cost")
    since: Moment | None = Field(description="since when the rep has it, where that is known")


class NamedPublishedLead(PublishedLead, Named):
    """The same, with names and contacts."""


class RefusedGiven(Given):
    """A lead that kept its owner, who was not the one that the plan knew, or because of a pin."""

    lead_id: str
    planned: str | None = Field(description="the rep in the plan")
    owner: str | None = Field(description="who had it in the plan's tables")
    rep_id: str | None = Field(description="who has it, and keeps it")
    region: str | None
    team: str | None = Field(description="of who keeps it")
    reason: str = Field(
        description="transferred (by a claim, a return, an override), newer_tables, pinned (a pin "
        "that holds now keeps the lead from the planned rep)"
    )


class ChangeGiven(Given):
    """A lead that has another rep than it had in an earlier publication, or is in only one of the
    two.
    """

    lead_id: str
    change: str = Field(description="moved, new (it was not there), gone (it is not any more)")
    from_rep: str | None
    to_rep: str | None
    region: str | None

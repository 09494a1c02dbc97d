"""Schedules."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field, model_validator

from api.schemas.common import Given, Id, Moment, Name, Taken


class Then(StrEnum):
    """What becomes of a plan that its acceptance rules pass."""

    PUBLISH = "publish"
    SUBMIT = "submit"
    NOTHING = "nothing"


class Rebalance(Taken):
    """A plan that is made again and again, from the newest tables and the current publication."""

    policy: Name = Field(description="name of a policy; its newest version is taken each time")
    folder: str | None = Field(
        default=None,
        max_length=1000,
        description="folder on the server that an export is read from; without it, the newest "
        "snapshot is taken",
    )
    mapping: str | None = Field(
        default=None,
        max_length=1_000_000,
        description="the export's mapping, in YAML; without it, the folder holds snapshot.yaml and "
        "tables",
    )
    seconds: float = Field(default=60.0, gt=0, le=86_400, description="time limit of the plan")
    gap: float = Field(default=0.0001, ge=0, le=1, description="good enough: 0.0001 is 0.01 %")
    seed: int = Field(default=0, ge=0, le=2**31 - 1)
    acceptance: str | None = Field(
        default=None,
        max_length=100_000,
        description="rules that the plan must pass, in YAML; `base` is the current publication",
    )
    then: Then = Field(
        default=Then.SUBMIT,
        description="publish it, submit it for approval, or leave it; a plan that breaks a rule "
        "stops there, with the reason",
    )

    @model_validator(mode="after")
    def _goes_together(self) -> Rebalance:
        if self.mapping is not None and self.folder is None:
            raise ValueError("a mapping goes with a folder")
        if self.then is Then.PUBLISH and self.acceptance is None:
            raise ValueError("what publishes itself needs acceptance rules")
        return self


class NewSchedule(Taken):
    """A run that is asked for again and again."""

    name: Name
    cron: str = Field(
        max_length=255,
        description="minute, hour, day of the month, month, day of the week",
        examples=["0 6 * * MON"],
    )
    timezone: str = Field(max_length=255, description="IANA name", examples=["Europe/Berlin"])
    task: Rebalance
    enabled: bool = True


class ScheduleEdit(Taken):
    """What changes of a schedule; what is left out stays."""

    name: Name | None = None
    cron: str | None = Field(default=None, max_length=255)
    timezone: str | None = Field(default=None, max_length=255)
    task: Rebalance | None = None
    enabled: bool | None = None


class ScheduleGiven(Given):
    """A schedule."""

    id: Id
    name: str
    cron: str
    timezone: str
    explained: str = Field(description="the cron expression in English")
    task: Rebalance
    enabled: bool
    next_at: Moment | None
    version: int
    created_at: Moment
    created_by: str


class SlotGiven(Given):
    """A moment at which a schedule was due."""

    at: Moment
    status: str = Field(description="fired, or missed because a later slot was due, too")
    run_id: Id | None
    fired_at: Moment

"""Runs: what is asked for, and how far it is."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from api.schemas.common import OF_WHOLE, Given, Id, Moment, Taken

Kind = Literal["solve", "evaluate", "diagnose", "rebalance"]


class RunLimits(Taken):
    """When a run must stop; the installation may allow less."""

    seconds: float = Field(default=60.0, gt=0, le=1_000_000, description="of solving")
    iterations: int | None = Field(
        default=None,
        ge=1,
        le=1_000_000_000,
        description="stop after so many steps, whatever the time: repeatable",
    )
    gap: float = Field(
        default=0.0001, ge=0, le=1, description="good enough: 0.0001 is 0.01 % of the score"
    )
    seed: int = Field(default=0, ge=0, lt=2**63, description="breaks ties")
    threads: int = Field(default=1, ge=1, le=1024)


class About(Taken):
    """Tables and a policy, or a scenario, which names both."""

    snapshot: Id | None = Field(default=None, description="the tables")
    policy: Id | None = Field(default=None, description="a version of a policy")
    scenario: Id | None = Field(default=None, description="instead of both: changes to a base")
    limits: RunLimits = RunLimits()

    @model_validator(mode="after")
    def _name_one(self) -> Self:
        named = (self.snapshot is not None, self.policy is not None)
        if named != ((False, False) if self.scenario is not None else (True, True)):
            raise ValueError("name a snapshot and a policy, or a scenario alone")
        return self


class NewRun(About):
    """A plan that is wanted."""

    engine: Literal["auto", "flow", "exact", "prices", "greedy", "round_robin"] = "auto"
    from_plan: Id | None = Field(
        default=None,
        description="a plan to begin with, and never be worse than where it is possible; for a "
        "scenario, the newest plan of its base if none is named, whose fair shares are held",
    )
    skip_rule_prices: bool = Field(
        default=False,
        description="do not tell what fairness and continuity cost, which takes one more solve",
    )
    validate_only: bool = Field(
        default=False, description="tell every fault, and make no plan: created or invalid"
    )


class NewDiagnosis(About):
    """A question why there is no plan, and what to relax."""


class Progress(Given):
    """How far a run is; figures are of the best plan so far, in the policy's currency."""

    stage: str = Field(default="", description="what it is doing: read, compile, solve, check ...")
    message: str = ""
    seconds: float | None = Field(default=None, description="since it began")
    objective: float | None = Field(default=None, description=OF_WHOLE)
    bound: float | None = Field(default=None, description=f"no plan can be better; {OF_WHOLE}")
    gap: float | None = Field(default=None, description="as a share of the score")


class RunGiven(Given):
    """One execution of an engine."""

    id: Id
    kind: str = Field(description="solve, evaluate, diagnose or rebalance")
    status: str = Field(
        description="created, invalid, queued, solving, solved, failed or cancelled"
    )
    asked: dict[str, Any] = Field(
        description="what it was asked for, as the request names it; besides, the tables and the "
        "policy of a scenario"
    )
    caller: str
    attempts: int = Field(description="how many workers have begun it")
    cancel_requested: bool
    progress: Progress | None
    reason: str | None = Field(description="why it ended, or was put back")
    result: dict[str, Any] | None = Field(
        description="what it found besides a plan: a diagnosis, faults, pins left out"
    )
    plan_id: Id | None
    created_at: Moment
    queued_at: Moment | None
    started_at: Moment | None = Field(description="when its last worker took it")
    progressed_at: Moment | None = Field(description="when its problem was built")
    ended_at: Moment | None

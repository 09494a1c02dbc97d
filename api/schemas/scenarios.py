"""Scenarios."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from api.schemas.common import Given, Id, Moment, Name, Taken


class NewScenario(Taken):
    """A base and named changes."""

    name: Name
    description: str = Field(default="", max_length=10_000)
    snapshot: Id = Field(description="the tables of the base")
    policy: Id = Field(description="the policy of the base")
    changes: list[dict[str, Any]] = Field(
        min_length=1,
        max_length=1000,
        description="one after the other, each `{name: {parameters}}`",
        examples=[[{"rep_leaves": {"reps": ["R1"]}}]],
    )


class ScenarioGiven(Given):
    """A base and named changes."""

    id: Id
    name: str
    snapshot_id: Id
    policy_id: Id
    text: str = Field(description="the scenario file, in YAML")
    sentences: list[str] = Field(description="the changes in plain English")
    created_at: Moment
    created_by: str

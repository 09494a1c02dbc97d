"""Policies."""

from __future__ import annotations

from pydantic import Field

from api.schemas.common import Given, Id, Moment, Name, Taken


class NewPolicy(Taken):
    """A policy, or a new version of one."""

    name: Name = Field(description="versions of the same name follow each other")
    text: str = Field(min_length=1, max_length=1_000_000, description="the policy file, in YAML")


class PolicyText(Taken):
    """A policy that is only looked at."""

    text: str = Field(min_length=1, max_length=1_000_000, description="the policy file, in YAML")
    snapshot: Id | None = Field(default=None, description="the tables it must fit, if any")


class PolicyGiven(Given):
    """A version of a policy."""

    id: Id
    name: str
    version: int = Field(description="1, 2, 3 ... of the same name")
    text: str
    hash: str = Field(description="SHA-256 of the text")
    created_at: Moment
    created_by: str


class Sentences(Given):
    """A policy in plain English."""

    sentences: list[str]


class Validity(Given):
    """Whether something can be used."""

    valid: bool
    faults: list[str] = Field(description="every fault, with its line and what to do")
    sentences: list[str] = Field(default_factory=list, description="what it says, if it is valid")

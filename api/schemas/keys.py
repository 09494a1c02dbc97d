"""Keys."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from api.schemas.common import Given, Id, Moment, Name, RecordId, Taken
from api.schemas.roles import Right, Role

Names = Annotated[tuple[Name, ...], Field(min_length=1, max_length=1000)]


class Limits(Taken):
    """What narrows a role; null is no limit."""

    rights: Annotated[tuple[Right, ...], Field(min_length=1, max_length=len(Right))] | None = Field(
        default=None, description="only these of the role's rights"
    )
    teams: Names | None = Field(default=None, description="only these teams")
    regions: Names | None = Field(default=None, description="only these regions, and what is below")
    rep_id: RecordId | None = Field(default=None, description="which rep it is, for the role rep")


class NewKey(Limits):
    """A key for a person or a program."""

    name: Name = Field(description="for people, to tell keys apart")
    role: Role
    person: Annotated[Name, Field(pattern=r"\S")] | None = Field(
        default=None,
        description="whose it is, by the e-mail address that the identity provider tells; null is "
        "yours. Keys of one person are one person where two are needed",
    )
    expires_at: Moment | None = Field(default=None, description="null is never")

    @model_validator(mode="after")
    def _names_a_rep(self) -> NewKey:
        if (self.role is Role.REP) != (self.rep_id is not None):
            raise ValueError(
                "rep_id is which rep works with the key: for the role rep, and no other"
            )
        return self


class KeyChange(Taken):
    """What may be changed of a key; what is not sent stays."""

    name: Name | None = None
    expires_at: Moment | None = Field(default=None, description="null is never")

    @model_validator(mode="after")
    def _changes_something(self) -> KeyChange:
        if not self.model_fields_set:
            raise ValueError("send name, expires_at or both")
        if "name" in self.model_fields_set and self.name is None:
            raise ValueError("name may not be null")
        return self


class KeyGiven(Given):
    """A key, but for the key itself."""

    id: Id
    name: str
    prefix: str = Field(description="how it begins, to tell keys apart")
    role: Role
    person: list[str] = Field(description="whose it is: names of one person")
    rights: list[Right] | None = Field(description="null is all of the role")
    teams: list[str] | None
    regions: list[str] | None
    rep_id: str | None
    version: int = Field(description="of its name and expiry, as in its ETag")
    created_at: Moment
    created_by: str
    expires_at: Moment | None
    revoked_at: Moment | None
    revoked_by: str | None
    last_used_at: Moment | None = Field(description="to within five minutes")


class KeyMade(KeyGiven):
    """A key that was made."""

    key: str | None = Field(
        description="the key itself, told only once; null when a request was repeated"
    )
    note: str = Field(default="", description="why there is no key, where it is null")
    warnings: list[str] = Field(
        default_factory=list,
        description="the rep, teams and regions that the newest tables do not have: the key shows "
        "nothing of them until they do",
    )

"""Names and contacts."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from api.schemas.common import Given, RecordId, Taken


class PeopleTable(StrEnum):
    """A table whose records are about people."""

    LEADS = "leads"
    REPS = "reps"


class PersonGiven(Given):
    """The names and contacts of a record."""

    id: str = Field(description="of the lead or the rep")
    values: dict[str, str] = Field(description="per column, what the company's tables say")


class Named(Given):
    """Names and contacts beside a lead; null where the tables tell none."""

    company: str | None = Field(description="of the lead")
    email: str | None = Field(description="of the lead")
    phone: str | None = Field(description="of the lead")
    rep_name: str | None = Field(description="of the rep")


class Erasure(Taken):
    """Whose names and contacts are to be removed."""

    table: PeopleTable
    id: RecordId


class ErasedGiven(Given):
    """What was removed."""

    snapshots: int = Field(description="how many told something")
    values: int = Field(description="how many cells were emptied")

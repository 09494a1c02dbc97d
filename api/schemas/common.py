"""What all schemas share."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Generic, Self, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from models.snapshot import written_out

Item = TypeVar("Item")

ID = "^[0-9a-f]{32}$"
Id = Annotated[str, Field(pattern=ID, examples=["0f8fad5bd9cb469fa16570867728950e"])]
"""An id that the service gave."""
NO_NUL = r"^[^\x00]*$"
"""PostgreSQL keeps no text with a NUL."""
NOT_BLANK = r"^[^\x00]*[^\x00\s][^\x00]*$"
Name = Annotated[str, Field(min_length=1, max_length=255, pattern=NO_NUL)]
RecordId = Annotated[str, Field(min_length=1, max_length=255, pattern=NO_NUL)]
"""An id of the company's own: of a lead or a rep."""
Key = RecordId
"""What a company calls a lead, a rep, a team or a region, where it is kept as it was sent."""
Told = Annotated[str, Field(max_length=2000, pattern=NO_NUL)]
"""A remark; may be empty."""
Reason = Annotated[str, Field(min_length=1, max_length=2000, pattern=NOT_BLANK)]
"""Why something is done; must be told."""
OF_WHOLE = "null where you see a part of the company"
"""What is said of a figure of the whole company."""


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("is beyond the years 1 to 9999 in UTC") from None


Moment = Annotated[AwareDatetime, BeforeValidator(written_out), AfterValidator(_in_utc)]
"""A moment, in UTC when it is told."""


class Taken(BaseModel):
    """Base of what the API takes: a field that it does not know is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Given(BaseModel):
    """Base of what the API gives; a client keeps what a newer server tells besides."""

    model_config = ConfigDict(frozen=True, extra="ignore", from_attributes=True)

    @classmethod
    def of(cls, row: object, **more: Any) -> Self:
        """Return what a row of the database tells, with what it does not tell by itself."""
        told = {name: getattr(row, name) for name in cls.model_fields.keys() - more.keys()}
        return cls.model_validate({**told, **more})


class Page(Given, Generic[Item]):
    """A page of a list."""

    items: list[Item]
    next: str | None = Field(description="cursor of the next page; null if this is the last")


class Problem(Given):
    """Why a request was not done (RFC 9457)."""

    type: str = Field(default="about:blank")
    title: str = Field(description="the status in words")
    status: int
    detail: str = Field(description="what is wrong, where, and what to do")
    code: str = Field(description="what programs compare; it never changes")
    faults: list[str] = Field(
        default_factory=list, description="every fault found, if there are more"
    )
    issues: list[dict[str, Any]] = Field(
        default_factory=list, description="faults of tables, each with its place"
    )
    breaches: list[dict[str, Any]] = Field(
        default_factory=list,
        description="rules that what is published would break, as its breaches tell them",
    )
    request_id: str = Field(default="", description="what the server's log calls this request")

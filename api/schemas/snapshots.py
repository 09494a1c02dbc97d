"""Snapshots."""

from __future__ import annotations

from pydantic import Field

from api.schemas.common import Given, Id, Moment, Reason, Taken
from api.schemas.metrics import MetricGiven


class IssueGiven(Given):
    """A fault or a remark about tables."""

    code: str
    severity: str = Field(description="error, warning or info")
    table: str
    line: int | None = None
    column: str = ""
    got: str = ""
    allowed: str = ""
    fix: str = Field(default="", description="what to do")
    record: str = ""
    count: int = Field(default=1, description="records that share it")
    source: str = ""


class SnapshotSummary(Given):
    """What tables hold."""

    rows: dict[str, int] = Field(description="records per table")
    issues: dict[str, int] = Field(description="how many warnings and remarks, per code")


class SnapshotGiven(Given):
    """The company's tables at a moment."""

    id: Id
    as_of: Moment = Field(description="when the tables were true")
    timezone: str
    currency: str
    content_hash: str = Field(description="equal facts have equal hashes")
    source: str
    summary: SnapshotSummary
    created_at: Moment
    created_by: str
    is_newest: bool = Field(
        description="whether schedules, pins and the pool go by it: of those that are neither "
        "withdrawn nor removed, the one that was true last (`as_of`), whenever it came"
    )
    removed_at: Moment | None = Field(description="when retention took the tables away")
    withdrawn_at: Moment | None = Field(description="since when nothing goes by them any more")
    withdrawn_by: str | None
    withdrawn_why: str | None


class Withdrawal(Taken):
    """Why nothing may go by tables any more."""

    reason: Reason


class IssueType(Given):
    """A kind of fault or remark."""

    code: str
    severity: str
    title: str
    fix: str


class SourceGiven(Given):
    """What came from a source channel."""

    source: str
    leads: int
    outcomes: int = Field(description="leads won or lost before")
    won: int
    conversion: float | None = Field(description="won share of outcomes; null where there are none")


class SnapshotMetrics(Given):
    """What tables hold, in figures."""

    currency: str
    metrics: list[MetricGiven]
    sources: list[SourceGiven] = Field(description="by source channel, most leads first")

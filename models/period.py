"""The stretch of time that a plan is for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator

from models.units import Duration

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
NEXT = re.compile(r"next (\w+)")
ONE_WEEK = timedelta(weeks=1)


@dataclass(frozen=True)
class Period:
    """A half-open interval of UTC instants."""

    starts: datetime
    ends: datetime

    @property
    def weeks(self) -> float:
        """Length in weeks."""
        return (self.ends - self.starts) / ONE_WEEK


class PeriodRule(BaseModel):
    """How a policy names its period.

    Attributes
    ----------
    starts : `next monday` (or another weekday), `as_of`, or a date such as 2026-12-01
    length : such as `1 week`
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    starts: str = "next monday"
    length: Duration = Field(default=ONE_WEEK, validate_default=True)

    @field_validator("starts")
    @classmethod
    def _is_known_start(cls, starts: str) -> str:
        match = NEXT.fullmatch(starts)
        if (match and match[1] in WEEKDAYS) or starts == "as_of":
            return starts
        try:
            date.fromisoformat(starts)
        except ValueError:
            raise ValueError("must be `next monday`, `as_of` or a date as 2026-12-01") from None
        return starts

    @field_validator("length")
    @classmethod
    def _is_positive(cls, length: timedelta) -> timedelta:
        if not timedelta(0) < length <= timedelta(days=366):
            raise ValueError("must be longer than nothing and at most 366 days")
        return length

    def resolve(self, as_of: datetime, zone: str) -> Period:
        """Return the period: the first such day at 00:00 in `zone` after `as_of`."""
        local = ZoneInfo(zone)
        if self.starts == "as_of":
            starts = as_of
        else:
            starts = datetime.combine(self._first_day(as_of.astimezone(local)), datetime.min.time(), local)
        whole_days = self.length % timedelta(days=1) == timedelta(0)
        ends = starts + self.length if whole_days else (starts.astimezone(UTC) + self.length)
        return Period(starts.astimezone(UTC), ends.astimezone(UTC))

    def _first_day(self, now: datetime) -> date:
        match = NEXT.fullmatch(self.starts)
        if match is None:
            return date.fromisoformat(self.starts)
        ahead = (WEEKDAYS.index(match[1]) - now.weekday()) % 7
        return now.date() + timedelta(days=ahead or 7)

    def sentence(self) -> str:
        """Return the period in plain English."""
        days = self.length / timedelta(days=1)
        length = f"{days / 7:g} week(s)" if days % 7 == 0 else f"{days:g} day(s)"
        start = "the as-of time" if self.starts == "as_of" else self.starts
        return f"The plan is for {length} from {start}."

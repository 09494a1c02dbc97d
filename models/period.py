"""The stretch of time that a plan is for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator

from models.snapshot import FIRST_YEAR, LAST_YEAR
from models.units import Duration, number_text

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
NEXT = re.compile(r"next ([a-z]+)")
AS_OF = "as_of"
ONE_DAY, ONE_WEEK = timedelta(days=1), timedelta(weeks=1)
LONGEST = timedelta(days=366)


@dataclass(frozen=True)
class Period:
    """A half-open interval of UTC instants.

    Attributes
    ----------
    starts, ends : its limits
    weeks : its length on the wall clock: a week stays one where the clocks change within it
    """

    starts: datetime
    ends: datetime
    weeks: float


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
        if starts == AS_OF or (match and match[1] in WEEKDAYS):
            return starts
        try:
            year = date.fromisoformat(starts).year
        except ValueError:
            raise ValueError("must be `next monday`, `as_of` or a date as 2026-12-01") from None
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise ValueError(f"must lie in the years {FIRST_YEAR} to {LAST_YEAR}")
        return starts

    @field_validator("length")
    @classmethod
    def _is_positive(cls, length: timedelta) -> timedelta:
        if not timedelta(0) < length <= LONGEST:
            raise ValueError(f"must be longer than nothing and at most {LONGEST.days} days")
        return length

    def resolve(self, as_of: datetime, zone: str) -> Period:
        """Return the period: from the day named, at 00:00 in `zone`, or from `as_of`."""
        local = as_of.astimezone(ZoneInfo(zone))
        if self.starts != AS_OF:
            local = datetime.combine(self._first_day(local), datetime.min.time(), local.tzinfo)
        starts = local.astimezone(UTC)
        # Days are added on the wall clock, hours are hours.
        ends = local + self.length if self._is_days else starts + self.length
        return Period(starts, ends.astimezone(UTC), self.length / ONE_WEEK)

    @property
    def _is_days(self) -> bool:
        return self.length % ONE_DAY == timedelta(0)

    def _first_day(self, now: datetime) -> date:
        match = NEXT.fullmatch(self.starts)
        if match is None:
            return date.fromisoformat(self.starts)
        ahead = (WEEKDAYS.index(match[1]) - now.weekday()) % 7
        return now.date() + timedelta(days=ahead or 7)

    def sentence(self) -> str:
        """Return the period in plain English."""
        unit, one = "hour", timedelta(hours=1)
        if self._is_days:
            is_weeks = self.length % ONE_WEEK == timedelta(0)
            unit, one = ("week", ONE_WEEK) if is_weeks else ("day", ONE_DAY)
        count = self.length / one
        length = f"{number_text(count)} {unit}{'' if count == 1 else 's'}"
        start = re.sub(NEXT, lambda match: f"next {match[1].title()}", self.starts)
        return f"The plan is for {length} from {'the as-of time' if start == AS_OF else start}."

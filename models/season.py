"""The days on which a rule holds; before and after it does not, without anybody's doing."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator


def _day(value: Any) -> Any:
    try:
        return value if isinstance(value, date) else date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError("must be a date, such as 2026-11-21") from None


Day = Annotated[date, BeforeValidator(_day)]
"""A date, as 2026-11-21."""


class Season(BaseModel):
    """A rule holds for plans whose period starts on one of these days.

    Attributes
    ----------
    starts, ends : the first and the last of them, in the snapshot's time zone
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    starts: Day
    ends: Day

    @model_validator(mode="after")
    def _is_in_order(self) -> Season:
        if self.ends < self.starts:
            raise ValueError("`ends` must not lie before `starts`")
        return self

    def holds(self, moment: datetime, zone: str) -> bool:
        """Return whether a moment lies on one of the days."""
        return self.starts <= moment.astimezone(ZoneInfo(zone)).date() <= self.ends

    def overlaps(self, other: Season) -> bool:
        """Return whether two seasons share a day."""
        return self.starts <= other.ends and other.starts <= self.ends

    def sentence(self) -> str:
        """Return the days in words, to stand before a rule's sentence."""
        return f"For periods that start from {self.starts} to {self.ends}:"

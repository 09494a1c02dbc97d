"""Working hours, such as `Mon-Fri 09:00-17:00; Sat 10:00-14:00`, and working time in a period."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DEFAULT_HOURS = "Mon-Fri 09:00-17:00"
SHIFT = re.compile(r"([A-Za-z]{3})(?:-([A-Za-z]{3}))?\s+(\d{2}):(\d{2})-(\d{2}):(\d{2})")
MINUTES_PER_DAY = 24 * 60


@dataclass(frozen=True)
class Shift:
    """Working hours of one weekday: 0 is Monday; minutes after local midnight."""

    weekday: int
    starts: int
    ends: int


@lru_cache(maxsize=1024)
def parse_working_hours(text: str) -> tuple[Shift, ...]:
    """Return the shifts of a week.

    Raises
    ------
    ValueError : the text is not of the form `Mon-Fri 09:00-17:00; Sat 10:00-14:00`

    >>> parse_working_hours("Mon 09:00-17:00")
    (Shift(weekday=0, starts=540, ends=1020),)
    """
    shifts: list[Shift] = []
    for part in text.split(";"):
        match = SHIFT.fullmatch(part.strip())
        days = [day.lower() for day in match.groups()[:2] if day] if match else []
        if not match or not set(days) <= set(DAYS):
            raise ValueError(f"working hours {part.strip()!r} are not like 'Mon-Fri 09:00-17:00'")
        hours = [int(number) for number in match.groups()[2:]]
        starts, ends = hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
        if not 0 <= starts < ends <= MINUTES_PER_DAY or max(hours[1], hours[3]) > 59:
            raise ValueError(f"working hours {part.strip()!r} must start before they end, by 24:00")
        first, last = DAYS.index(days[0]), DAYS.index(days[-1])
        weekdays = range(first, last + 1 if first <= last else last + 8)
        shifts += [Shift(day % 7, starts, ends) for day in weekdays]
    return tuple(shifts)


def working_seconds(
    hours: str, zone: str, starts: datetime, ends: datetime, absences: Iterable[Interval] = ()
) -> float:
    """Return the seconds of working time between two instants that no absence covers.

    Parameters
    ----------
    hours : as `Mon-Fri 09:00-17:00`, in local time
    zone : IANA name of that local time; a shift keeps its wall-clock hours over a DST change
    starts, ends : aware instants
    absences : intervals of aware instants; they may overlap
    """
    away = _merged(absences)
    total = 0.0
    for shift_starts, shift_ends in _shifts(hours, zone, starts, ends):
        total += (shift_ends - shift_starts).total_seconds()
        for away_starts, away_ends in away:
            covered = min(shift_ends, away_ends) - max(shift_starts, away_starts)
            total -= max(covered.total_seconds(), 0.0)
    return total


Interval = tuple[datetime, datetime]


def _shifts(hours: str, zone: str, starts: datetime, ends: datetime) -> Iterator[Interval]:
    local = ZoneInfo(zone)
    utc = ZoneInfo("UTC")
    day = starts.astimezone(local).date() - timedelta(days=1)
    while day <= ends.astimezone(local).date():
        midnight = datetime(day.year, day.month, day.day, tzinfo=local)
        for shift in parse_working_hours(hours):
            if shift.weekday == day.weekday():
                opens = (midnight + timedelta(minutes=shift.starts)).astimezone(utc)
                closes = (midnight + timedelta(minutes=shift.ends)).astimezone(utc)
                opens, closes = max(opens, starts), min(closes, ends)
                if opens < closes:
                    yield opens, closes
        day += timedelta(days=1)


def _merged(intervals: Iterable[Interval]) -> list[Interval]:
    merged: list[Interval] = []
    for starts, ends in sorted(intervals):
        if merged and starts <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], ends))
        else:
            merged.append((starts, ends))
    return merged

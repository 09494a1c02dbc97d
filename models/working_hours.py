"""Working hours, such as `Mon-Fri 09:00-17:00; Sat 10:00-14:00`, and working time in a period."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo

from models.lists import split_list

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DEFAULT_HOURS = "Mon-Fri 09:00-17:00"
SHIFT = re.compile(
    r"([A-Za-z]{3})(?:-([A-Za-z]{3}))?\s+([0-9]{2}):([0-9]{2})-([0-9]{2}):([0-9]{2})"
)
MINUTES_PER_DAY = 24 * 60

Interval = tuple[datetime, datetime]
Point = TypeVar("Point", int, datetime)


@dataclass(frozen=True)
class Shift:
    """Working hours of one weekday: 0 is Monday; minutes after local midnight."""

    weekday: int
    starts: int
    ends: int


@lru_cache(maxsize=1024)
def parse_working_hours(text: str) -> tuple[Shift, ...]:
    """Return the shifts of a week by weekday; those of a day that meet or overlap are one.

    Raises
    ------
    ValueError : the text is not of the form `Mon-Fri 09:00-17:00; Sat 10:00-14:00`

    >>> parse_working_hours("Mon 09:00-12:00; Mon 11:00-17:00")
    (Shift(weekday=0, starts=540, ends=1020),)
    """
    by_day: dict[int, list[tuple[int, int]]] = {}
    for part in split_list(text):
        days, starts, ends = _parse_shift(part)
        for day in days:
            by_day.setdefault(day, []).append((starts, ends))
    if not by_day:
        raise ValueError("working hours are empty; write them like 'Mon-Fri 09:00-17:00'")
    return tuple(
        Shift(day, starts, ends) for day in sorted(by_day) for starts, ends in _merged(by_day[day])
    )


def _parse_shift(part: str) -> tuple[list[int], int, int]:
    """Return the weekdays of a part of working hours, and its start and end in minutes."""
    match = SHIFT.fullmatch(part)
    days = [day.lower() for day in match.groups()[:2] if day] if match else []
    if not match or not set(days) <= set(DAYS):
        raise ValueError(f"working hours {part!r} are not like 'Mon-Fri 09:00-17:00'")
    hours = [int(number) for number in match.groups()[2:]]
    starts, ends = hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
    if not 0 <= starts < ends <= MINUTES_PER_DAY or max(hours[1], hours[3]) > 59:
        raise ValueError(f"working hours {part!r} must start before they end, by 24:00")
    first, last = DAYS.index(days[0]), DAYS.index(days[-1])
    return [day % 7 for day in range(first, last + 1 if first <= last else last + 8)], starts, ends


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

    Raises
    ------
    ValueError : an instant without an offset, which would be taken for this machine's local time
    """
    spans = [(starts, ends), *absences]
    if any(instant.tzinfo is None for span in spans for instant in span):
        raise ValueError("working time needs instants with an offset, as 2026-11-21T09:00:00Z")
    total, away = 0.0, _merged(spans[1:])
    # Where clocks go forward, two shifts of one day can fall on the same hour.
    for opens, closes in _merged(_shifts(hours, zone, starts, ends)):
        total += (closes - opens).total_seconds()
        for leaves, returns in away:
            covered = min(closes, returns) - max(opens, leaves)
            total -= max(covered.total_seconds(), 0.0)
    return total


def _shifts(hours: str, zone: str, starts: datetime, ends: datetime) -> Iterator[Interval]:
    """Yield the shifts between two instants, in UTC, cut to fit."""
    local = ZoneInfo(zone)
    shifts = parse_working_hours(hours)
    day = starts.astimezone(local).date() - timedelta(days=1)
    while day <= ends.astimezone(local).date():
        midnight = datetime(day.year, day.month, day.day, tzinfo=local)
        for shift in shifts:
            if shift.weekday == day.weekday():
                opens = (midnight + timedelta(minutes=shift.starts)).astimezone(UTC)
                closes = (midnight + timedelta(minutes=shift.ends)).astimezone(UTC)
                opens, closes = max(opens, starts), min(closes, ends)
                if opens < closes:
                    yield opens, closes
        day += timedelta(days=1)


def _merged(intervals: Iterable[tuple[Point, Point]]) -> list[tuple[Point, Point]]:
    """Return intervals in order, those that meet or overlap as one; empty ones are dropped."""
    merged: list[tuple[Point, Point]] = []
    for starts, ends in sorted(interval for interval in intervals if interval[0] < interval[1]):
        if merged and starts <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], ends))
        else:
            merged.append((starts, ends))
    return merged

"""Working hours keep to the wall clock, count no hour twice, and shrink by absences."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.working_hours import (
    DAYS,
    DEFAULT_HOURS,
    Interval,
    Shift,
    parse_working_hours,
    working_seconds,
)

HOUR = 3600.0
ZONES = (
    *("America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Cairo"),
    *("America/Sao_Paulo", "Pacific/Apia", "UTC"),
)
CHANGES = ((2026, 3, 8), (2026, 3, 29), (2026, 4, 5), (2026, 10, 25), (2026, 11, 1))
"""Days on which clocks change in one of the zones."""


def week(zone: str, year: int, month: int, day: int) -> Interval:
    """Return the week that starts on a local date."""
    local = ZoneInfo(zone)
    first = datetime(year, month, day, tzinfo=local)
    return first.astimezone(UTC), (first + timedelta(days=7)).astimezone(UTC)


def test_a_range_of_days_may_pass_the_week_end() -> None:
    shifts = parse_working_hours("Sat-Mon 10:00-12:00")
    assert [shift.weekday for shift in shifts] == [0, 5, 6]
    assert parse_working_hours("tue 09:00-24:00") == (Shift(1, 540, 1440),)


@pytest.mark.parametrize(
    "text",
    [
        "", ";", "Mon", "09:00-17:00", "Mon 9:00-17:00", "Mon 09:00", "Mon 22:00-06:00",
        "Mon 09:00-09:00", "Mon 09:60-10:00", "Mon 10:00-24:30", "Foo 09:00-17:00",
        "Mon-Foo 09:00-17:00", "Mo 09:00-17:00", "Mon 09:00-17:00, Tue 09:00-17:00",
        "Mon \u0660\u0669:00-17:00", "Mon 09:00-17:00 x",
    ],
)  # fmt: skip
def test_other_writings_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="working hours"):
        parse_working_hours(text)


def test_shifts_of_a_day_that_overlap_count_once() -> None:
    start, end = week("UTC", 2026, 11, 16)
    hours = "Mon-Fri 09:00-17:00; Mon 16:00-18:00; Mon 17:00-19:00; Mon-Tue 09:00-17:00"
    assert working_seconds(hours, "UTC", start, end) == 42 * HOUR


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("day", CHANGES)
def test_office_hours_are_forty_in_every_week(zone: str, day: tuple[int, int, int]) -> None:
    assert working_seconds(DEFAULT_HOURS, zone, *week(zone, *day)) == 40 * HOUR


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("America/New_York", (2026, 3, 8), 23),
        ("America/New_York", (2026, 11, 1), 25),
        ("Europe/Berlin", (2026, 3, 29), 23),
        ("Europe/Berlin", (2026, 10, 25), 25),
        ("Australia/Lord_Howe", (2026, 4, 5), 24.5),
        ("Asia/Kolkata", (2026, 3, 29), 24),
    ],
)
def test_a_whole_day_lasts_as_long_as_the_clocks_say(
    zone: str, day: tuple[int, int, int], hours: float
) -> None:
    start, end = week(zone, *day)
    whole = "Mon-Sun 00:00-24:00"
    assert working_seconds(whole, zone, start, end) == (end - start).total_seconds()
    next_day = datetime(*day, tzinfo=ZoneInfo(zone)) + timedelta(days=1)
    assert working_seconds(whole, zone, start, next_day.astimezone(UTC)) == hours * HOUR


def test_two_shifts_that_the_clocks_lay_over_each_other_count_once() -> None:
    # On 8 March 2026, 02:00-02:30 does not exist in New York: it falls on 03:00-03:30.
    start, end = week("America/New_York", 2026, 3, 8)
    hours = "Sun 02:00-02:30; Sun 03:00-03:30"
    assert working_seconds(hours, "America/New_York", start, end) == 0.5 * HOUR


def test_absences_that_overlap_are_taken_off_once() -> None:
    start, end = week("UTC", 2026, 11, 16)
    monday = (start, start + timedelta(days=1))
    noon = start + timedelta(hours=12)
    assert working_seconds(DEFAULT_HOURS, "UTC", start, end, [monday, monday]) == 32 * HOUR
    assert working_seconds(DEFAULT_HOURS, "UTC", start, end, [(noon, end), monday]) == 0
    backwards = [(end, start)]
    assert working_seconds(DEFAULT_HOURS, "UTC", start, end, backwards) == 40 * HOUR


def test_instants_need_an_offset() -> None:
    naive = datetime(2026, 11, 16)  # noqa: DTZ001
    start, end = week("UTC", 2026, 11, 16)
    with pytest.raises(ValueError, match="instants with an offset"):
        working_seconds(DEFAULT_HOURS, "UTC", naive, end)
    with pytest.raises(ValueError, match="instants with an offset"):
        working_seconds(DEFAULT_HOURS, "UTC", start, end, [(naive, end)])


times = st.integers(0, 95).map(lambda quarter: f"{quarter // 4:02}:{quarter % 4 * 15:02}")
shifts = st.builds(
    lambda day, span: f"{day.title()} {min(span)}-{max(span)}",
    st.sampled_from(DAYS),
    st.lists(times, min_size=2, max_size=2, unique=True),
)
instants = st.integers(0, 365 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
spans = st.tuples(instants, st.integers(0, 20 * 24)).map(
    lambda span: (span[0], span[0] + timedelta(hours=span[1]))
)


@given(
    hours=st.lists(shifts, min_size=1, max_size=5).map("; ".join),
    zone=st.sampled_from(ZONES),
    span=spans,
    absences=st.lists(spans, max_size=5),
)
def test_absent_time_never_exceeds_working_time(
    hours: str, zone: str, span: Interval, absences: list[Interval]
) -> None:
    start, end = span
    whole = working_seconds(hours, zone, start, end)
    left = working_seconds(hours, zone, start, end, absences)
    assert 0 <= left <= whole <= (end - start).total_seconds()
    assert working_seconds(hours, zone, start, end, [*absences, span]) == 0
    assert left == working_seconds(hours, zone, start, end, absences * 2)
    middle = start + (end - start) / 2
    parts = [
        working_seconds(hours, zone, *half, absences) for half in ((start, middle), (middle, end))
    ]
    assert sum(parts) == pytest.approx(left)


@given(
    hours=st.lists(shifts, min_size=1, max_size=4).map("; ".join),
    zone=st.sampled_from(ZONES),
    span=spans,
)
def test_working_time_is_what_a_clock_on_the_wall_counts(
    hours: str, zone: str, span: Interval
) -> None:
    start, end = span[0].replace(minute=0, second=0, microsecond=0), span[1]
    end = start + timedelta(hours=(end - span[0]) // timedelta(hours=1))
    local, step = ZoneInfo(zone), timedelta(minutes=15)
    week_shifts = parse_working_hours(hours)
    counted, at = 0.0, start
    while at < end:
        wall = at.astimezone(local)
        minute = wall.hour * 60 + wall.minute
        if any(
            shift.weekday == wall.weekday() and shift.starts <= minute < shift.ends
            for shift in week_shifts
        ):
            counted += step.total_seconds()
        at += step
    # A shift that starts or ends while the clocks change may be an hour off on that day.
    tolerance = (
        2 * HOUR if len({at.astimezone(local).utcoffset() for at in (start, end)}) > 1 else 0
    )
    assert working_seconds(hours, zone, start, end) == pytest.approx(counted, abs=tolerance)

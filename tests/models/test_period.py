"""The period of a plan: which days, in which zone, how many weeks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from models.period import WEEKDAYS, PeriodRule

NEW_YORK = "America/New_York"  # clocks go back on Sunday, 1 November 2026, and forward on 14 March


def resolved(as_of: str, zone: str = NEW_YORK, **rule: Any) -> tuple[str, str, float]:
    """Return start and end, as UTC without seconds, and the length in weeks."""
    period = PeriodRule.model_validate(rule).resolve(datetime.fromisoformat(as_of), zone)
    return f"{period.starts:%m-%d %H:%M}", f"{period.ends:%m-%d %H:%M}", period.weeks


def test_the_next_monday_is_the_companys_own() -> None:
    assert resolved("2026-11-20T18:00Z") == ("11-23 05:00", "11-30 05:00", 1)
    assert resolved("2026-11-20T18:00Z", zone="Asia/Tokyo") == ("11-22 15:00", "11-29 15:00", 1)
    # It is Monday already in Tokyo, and still Sunday in New York.
    assert resolved("2026-11-22T20:00Z", zone="Asia/Tokyo")[0] == "11-29 15:00"
    assert resolved("2026-11-22T20:00Z")[0] == "11-23 05:00"


def test_on_a_monday_the_next_one_is_meant() -> None:
    assert resolved("2026-11-23T05:00Z")[0] == "11-30 05:00"
    assert resolved("2026-11-23T04:59Z")[0] == "11-23 05:00"


def test_a_week_in_which_the_clocks_change_is_one_week() -> None:
    assert resolved("2026-10-28T12:00Z", starts="next friday") == ("10-30 04:00", "11-06 05:00", 1)
    assert resolved("2026-10-28T12:00Z", starts="as_of") == ("10-28 12:00", "11-04 13:00", 1)
    by_hours = {"starts": "next friday", "length": "168 hours"}
    assert resolved("2026-10-28T12:00Z", **by_hours) == ("10-30 04:00", "11-06 05:00", 1)


def test_hours_are_hours() -> None:
    rule = {"starts": "2026-10-31", "length": "36 hours"}
    assert resolved("2026-10-28T12:00Z", **rule) == ("10-31 04:00", "11-01 16:00", 36 / 168)


def test_a_midnight_that_never_comes_is_the_hour_after() -> None:
    # In Havana, clocks go from 00:00 to 01:00 on 8 March 2026.
    period = resolved("2026-03-05T12:00Z", zone="America/Havana", starts="next sunday")
    assert period == ("03-08 05:00", "03-15 04:00", 1)


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ({}, "The plan is for 1 week from next Monday."),
        ({"length": "14 days"}, "The plan is for 2 weeks from next Monday."),
        ({"starts": "as_of", "length": "10 days"}, "The plan is for 10 days from the as-of time."),
        (
            {"starts": "2026-12-01", "length": "1.5 days"},
            "The plan is for 36 hours from 2026-12-01.",
        ),
        ({"starts": "next friday", "length": "1 hour"}, "The plan is for 1 hour from next Friday."),
    ],
)
def test_sentence(rule: dict[str, str], sentence: str) -> None:
    assert PeriodRule.model_validate(rule).sentence() == sentence


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"starts": "next week"}, "must be `next monday`, `as_of` or a date as 2026-12-01"),
        ({"starts": "Monday"}, "must be `next monday`, `as_of` or a date as 2026-12-01"),
        ({"starts": "2026-02-30"}, "must be `next monday`, `as_of` or a date as 2026-12-01"),
        ({"starts": "9999-12-31"}, "must lie in the years 1900 to 2200"),
        ({"starts": 1}, "valid string"),
        ({"length": "0 days"}, "must be longer than nothing and at most 366 days"),
        ({"length": "53 weeks"}, "must be longer than nothing and at most 366 days"),
        ({"length": 7}, "a length of time is a number of hours, days or weeks"),
        ({"ends": "2026-12-01"}, "Extra inputs"),
    ],
)
def test_what_is_no_period_is_refused(rule: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        PeriodRule.model_validate(rule)


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.sampled_from([NEW_YORK, "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu"]),
    st.sampled_from(WEEKDAYS),
    st.integers(1, 52),
)
def test_the_next_weekday_is_ahead_by_a_week_at_most(
    as_of: datetime, zone: str, weekday: str, weeks: int
) -> None:
    rule = PeriodRule(starts=f"next {weekday}", length=timedelta(weeks=weeks))
    period, local = rule.resolve(as_of, zone), ZoneInfo(zone)
    starts, ends = period.starts.astimezone(local), period.ends.astimezone(local)
    assert as_of < period.starts <= as_of + timedelta(days=7, hours=1)
    assert WEEKDAYS[starts.weekday()] == WEEKDAYS[ends.weekday()] == weekday
    assert {starts.time(), ends.time()} == {datetime.min.time()}
    assert period.weeks == weeks

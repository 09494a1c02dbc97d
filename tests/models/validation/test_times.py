"""Dates and times become instants, days are counted on the wall, and nothing is guessed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

from models.columns import TABLES, Column
from models.issues import Issue, IssueLog
from models.raw_table import RawTable
from models.validation.cells import CellReader
from models.validation.reporter import Reporter

AS_OF = datetime(2026, 11, 21, tzinfo=UTC)
COLUMNS = {column.name: column for column in (*TABLES["leads"], *TABLES["absences"])}


def read(
    column: Column, cells: Any, zone: str = "America/New_York"
) -> tuple[list[str], list[Issue]]:
    """Return instants as text, and the issues."""
    raw = RawTable.from_frame("leads", pd.DataFrame({column.name: cells}))
    issues = IssueLog()
    reader = CellReader(Reporter(issues, raw), AS_OF, zone)
    typed = reader.read(column, raw.frame[column.name])
    assert str(typed.dtype) == "datetime64[us, UTC]"
    return ["" if pd.isna(time) else f"{time:%Y-%m-%d %H:%M}" for time in typed], list(issues)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-20", "2026-11-20 05:00"),
        ("2026-07-20", "2026-07-20 04:00"),
        ("2026-07-20 10:30", "2026-07-20 14:30"),
        ("2026-07-20T10:30:15.5", "2026-07-20 14:30"),
        ("2026-07-20T10:30Z", "2026-07-20 10:30"),
        ("2026-07-20 10:30:00+0530", "2026-07-20 05:00"),
        ("2026-07-20T10:30:00.1234567-05:00", "2026-07-20 15:30"),
        ("1900-01-02", "1900-01-02 05:00"),
    ],
)
def test_times_are_read_in_the_companys_zone(text: str, instant: str) -> None:
    times, issues = read(COLUMNS["created"], [text, "2026-01-01T00:00:00Z", ""])
    assert times == [instant, "2026-01-01 00:00", ""]
    assert not issues


@pytest.mark.parametrize(
    ("text", "instant"),
    [("2026-11-01 01:30", "2026-11-01 05:30"), ("2026-03-08 02:30", "2026-03-08 07:00")],
)
def test_a_time_that_comes_twice_or_never_is_remarked_on(text: str, instant: str) -> None:
    times, issues = read(COLUMNS["created"], [text, "2026-01-01", text[:10]])
    assert times[0] == instant
    assert [(issue.code, issue.line) for issue in issues] == [("unclear_time", 1)]


def test_a_day_may_begin_after_midnight() -> None:
    # In Cairo, 24 April 2026 begins at 01:00; a date is that day's first moment all the same.
    times, issues = read(COLUMNS["created"], ["2026-04-24"], "Africa/Cairo")
    assert times == ["2026-04-23 22:00"]
    assert not issues


@pytest.mark.parametrize(
    ("day", "end"),
    [
        ("2026-12-05", "2026-12-06 05:00"),
        ("2026-11-01", "2026-11-02 05:00"),
        ("2026-03-08", "2026-03-09 04:00"),
        ("2026-10-31", "2026-11-01 04:00"),
    ],
)
def test_an_absence_lasts_to_the_end_of_its_last_day(day: str, end: str) -> None:
    dates: list[Any] = [[day], [date.fromisoformat(day)], pd.to_datetime([day])]
    for cells in dates:
        assert read(COLUMNS["ends"], cells) == ([end], [])
    assert read(COLUMNS["starts"], [day])[0] != [end]


def test_times_are_ends_as_they_are() -> None:
    times, _ = read(COLUMNS["ends"], pd.to_datetime(["2026-12-05 00:00", "2026-12-05 17:00"]))
    assert times == ["2026-12-05 05:00", "2026-12-05 22:00"]
    assert read(COLUMNS["ends"], ["2026-12-05 00:00"])[0] == ["2026-12-05 05:00"]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize(
    ("zone", "hour"), [(None, "14:30"), ("UTC", "10:30"), ("Asia/Tokyo", "01:30")]
)
def test_typed_times_of_any_unit(unit: str, zone: str | None, hour: str) -> None:
    times = pd.Series(np.array(["2026-07-20T10:30", "NaT"], dtype=f"datetime64[{unit}]"))
    expected = [f"2026-07-20 {hour}", ""]
    assert read(COLUMNS["created"], times.dt.tz_localize(zone)) == (expected, [])


def test_typed_times_too_far_away() -> None:
    far = pd.Series(
        [pd.Timestamp("2026-07-20"), pd.Timestamp("9000-01-01"), pd.Timestamp("0001-01-01")]
    )
    times, issues = read(COLUMNS["created"], far.astype("datetime64[s]"))
    assert times == ["2026-07-20 04:00", "", ""]
    assert [(issue.code, issue.line, issue.got) for issue in issues] == [
        ("not_a_time", 2, "9000-01-01T00:00:00"),
        ("not_a_time", 3, "0001-01-01T00:00:00"),
    ]


def test_one_long_fraction_does_not_spoil_the_other_times() -> None:
    times, issues = read(COLUMNS["created"], ["2026-07-20 10:30:00.123456789", "2199-12-31 10:00"])
    assert times == ["2026-07-20 14:30", "2199-12-31 15:00"]
    assert not [issue for issue in issues if issue.code != "date_after_as_of"]

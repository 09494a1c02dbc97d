"""Numbers, names and days as charts say them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.charts.context import Context, days
from scenarios.charts.theme import wrapped
from scenarios.charts.words import (
    LONGEST_NAME,
    counted,
    difference,
    name_text,
    part_of,
    percent,
    quantity,
    short,
)

SIZES = {"k": 1e3, "M": 1e6, "B": 1e9, "": 1.0}


@given(st.floats(min_value=-1e12, max_value=1e12, allow_nan=False))
def test_a_short_number_is_nearly_the_number(value: float) -> None:
    digits, _, letter = short(value).partition(" ")
    read = float(digits.replace(",", "")) * SIZES[letter]
    assert read == pytest.approx(value, rel=5.1e-3, abs=1e-9)
    assert abs(float(digits.replace(",", ""))) < 1_000 or letter == "B"


@given(st.floats(min_value=0, max_value=1, exclude_max=True))
def test_what_is_not_whole_is_not_said_to_be(share: float) -> None:
    assert percent(share) != "100 %"


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1_234_567, "money", "1.23 M USD"),
        (999_999, "money", "1 M USD"),
        (1, "hours", "1 hour"),
        (0.5, "hours", "0.5 hours"),
        (45_300, "leads", "45.3 k leads"),
        (0.1234, "", "0.123"),
        (0, "money", "0 USD"),
    ],
)
def test_quantities(value: float, unit: str, text: str) -> None:
    assert Context("USD").told(value, unit) == text
    assert quantity(value, unit, "USD") == text


def test_counts_and_differences() -> None:
    assert counted(1, "rep") == "1 rep"
    assert counted(1_000, "rep") == "1,000 reps"
    assert part_of(3, 40, "rep") == "three of 40 reps"
    assert part_of(0, 40, "rep") == "none of 40 reps"
    assert part_of(40, 40, "rep") == "all 40 reps"
    assert part_of(1, 1, "rep") == "the only rep"
    assert difference(108, 100) == "8 % above"
    assert difference(97, 100) == "3 % below"
    assert difference(100, 100) == "level with"
    assert difference(1, 0) == "above"


@given(st.integers(1, 60), st.integers(40, 60))
def test_no_line_ends_between_a_number_and_its_unit(before: int, columns: int) -> None:
    text = f"{'x ' * before}is worth 1.93 k USD, 75 % of 12 USD in all"
    lines = wrapped(text, columns)
    assert " ".join(lines) == text
    for told in ("1.93 k USD", "75 %", "12 USD"):
        assert any(told in line for line in lines)


@given(st.text(max_size=60))
def test_a_name_is_one_short_line(name: str) -> None:
    told = name_text(name)
    assert 0 < len(told) <= LONGEST_NAME
    assert len(told.splitlines()) == 1
    if len(name) <= LONGEST_NAME and name == " ".join(name.split()) and name:
        assert told == name


def test_long_names_are_told_apart_by_their_ends() -> None:
    names = [f"Australia and New Zealand (AU-VIC) {number}" for number in (1, 2)]
    assert name_text(names[0]) != name_text(names[1])


@pytest.mark.parametrize(
    ("first", "last", "text"),
    [
        (date(2026, 11, 23), date(2026, 11, 29), "23 to 29 November 2026"),
        (date(2026, 11, 30), date(2026, 12, 6), "30 November to 6 December 2026"),
        (date(2026, 12, 28), date(2027, 1, 3), "28 December 2026 to 3 January 2027"),
        (date(2026, 2, 1), date(2026, 2, 1), "1 February 2026"),
    ],
)
def test_days_say_nothing_twice(first: date, last: date, text: str) -> None:
    assert days(first, last) == text

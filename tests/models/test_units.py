"""Shares, lengths of time and numbers, as people write them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from models.units import (
    Number,
    Part,
    Share,
    number_text,
    parse_duration,
    parse_share,
    plain_number,
    share_text,
)

A_SHARE = "a share is written with a percent sign, such as 15%"
A_LENGTH = (
    "a length of time is a number of hours, days or weeks, such as 2 weeks; at most 41,666 days"
)


@pytest.mark.parametrize(
    ("written", "share"),
    [("15%", 0.15), (" 0.5 % ", 0.005), ("+100%", 1), ("-5%", -0.05), ("07%", 0.07)],
)
def test_a_share_has_its_sign(written: str, share: float) -> None:
    assert parse_share(written) == share


@pytest.mark.parametrize(
    "written",
    [0.15, 15, "0.15", "15 percent", "%", "1e2%", "\u0663%", None, True, "9" * 400 + "%"],
    ids=repr,
)
def test_what_is_no_share_is_refused(written: Any) -> None:
    with pytest.raises(ValueError, match=A_SHARE):
        parse_share(written)


def test_shares_have_ranges() -> None:
    share, part = TypeAdapter(Share), TypeAdapter(Part)
    assert share.validate_python("150%") == 1.5
    with pytest.raises(ValidationError, match="a share must not be negative"):
        share.validate_python("-1%")
    with pytest.raises(ValidationError, match="this share must not be above 100%"):
        part.validate_python("100.01%")


@pytest.mark.parametrize(
    ("written", "length"),
    [
        ("1 week", timedelta(weeks=1)),
        ("1.5 weeks", timedelta(days=10, hours=12)),
        ("10 days", timedelta(days=10)),
        (" 36hours ", timedelta(hours=36)),
        (timedelta(days=3), timedelta(days=3)),
    ],
)
def test_a_length_of_time_has_its_unit(written: Any, length: timedelta) -> None:
    assert parse_duration(written) == length


@pytest.mark.parametrize(
    "written", [7, "7", "a week", "-1 week", "1 month", None, "9" * 30 + " weeks"], ids=repr
)
def test_what_is_no_length_is_refused(written: Any) -> None:
    with pytest.raises(ValueError, match=A_LENGTH):
        parse_duration(written)


@pytest.mark.parametrize(
    "written",
    ["1", True, float("nan"), float("inf"), 10**400, None, [1]],
    ids=lambda written: repr(written)[:9],
)
def test_a_number_is_finite_and_written_as_one(written: Any) -> None:
    assert TypeAdapter(Number).validate_python(5) == 5
    with pytest.raises(ValidationError):
        TypeAdapter(Number).validate_python(written)


@pytest.mark.parametrize(
    ("number", "for_people", "in_a_table"),
    [
        (1200, "1,200", "1200"),
        (0.1 + 0.2, "0.3", "0.3"),
        (1e9, "1,000,000,000", "1000000000"),
        (12_345_678_901.5, "12,345,678,901.5", "12345678901.5"),
        (1234567890123456789, "1.23456789012346e+18", "1234567890123456789"),
    ],
)
def test_numbers_in_words(number: float, for_people: str, in_a_table: str) -> None:
    assert number_text(number) == for_people
    assert plain_number(number) == in_a_table


@given(st.integers(0, 100_000))
def test_a_share_survives_its_words(hundredths: int) -> None:
    share = hundredths / 10_000
    assert parse_share(share_text(share)) == pytest.approx(share, rel=1e-12)

"""What a CRM or a spreadsheet wrote gets advice that fits its look."""

from __future__ import annotations

import doctest
import importlib

import pytest

from models.nearest import nearest, nearest_advice
from models.validation.advice import advice

FAILED = "A spreadsheet formula failed: correct it, or clear the cell."


@pytest.mark.parametrize(
    ("code", "value", "words"),
    [
        ("not_a_number", "1,200.50", "commas between the thousands"),
        ("not_a_number", "1,200", "commas between the thousands"),
        ("not_a_number", "1.200,50", "Write 1200.50"),
        ("not_a_number", "1 200", "Write 1200.50"),
        ("not_a_number", "1200,5", "a point, not a comma"),
        ("not_a_number", "12%", "12% as 0.12"),
        ("not_a_number", "(1200)", "minus sign"),
        ("not_a_number", "USD 1200", "without currency or unit"),
        ("not_a_number", "$1,200.50", "without currency or unit"),
        ("not_a_number", "1200 €", "without currency or unit"),
        ("not_a_number", "12 h", "without currency or unit"),
        ("not_a_number", "n/a", "Leave the cell empty"),
        ("not_a_number", "-", "Leave the cell empty"),
        ("not_a_number", "#REF!", FAILED),
        ("not_a_number", "abc", ""),
        ("not_a_time", "31/12/2017", "year first"),
        ("not_a_time", "12/31/17 10:00 PM", "year first"),
        ("not_a_time", "31.12.2017", "year first"),
        ("not_a_time", "2017/12/31", "hyphens"),
        ("not_a_time", "20171231", "hyphens"),
        ("not_a_time", "2017-1-3", "two digits"),
        ("not_a_time", "2017-02-30", "a real day"),
        ("not_a_time", "43100", "day number"),
        ("not_a_time", "43100.5", "day number"),
        ("not_a_time", "1514678400000", "since 1970"),
        ("not_a_time", "#N/A", FAILED),
        ("not_a_time", "never", "Leave the cell empty"),
        ("not_a_flag", "Yes", "Write 1"),
        ("not_a_flag", "no", "Write 0"),
        ("bad_path", "US//CA", "doubled"),
        ("bad_path", "US > CA >", "Divide the parts by /"),
        ("bad_time_zone", "EST", "Short names"),
        ("bad_time_zone", "UTC+1", "summer time"),
        ("bad_working_hours", "Mon-Fri 9:00-17:00", "two digits"),
        ("bad_working_hours", "Mon-Fri 9:00 AM-5:00 PM", "24-hour"),
        ("duplicate_id", "L1", ""),
        ("not_a_number", 5, ""),
    ],
)
def test_advice_fits_the_look(code: str, value: object, words: str) -> None:
    text = advice(code, value)
    assert words in text
    assert bool(words) == bool(text)


@pytest.mark.parametrize(
    ("word", "known", "found"),
    [
        ("r1", ["R2", "R1"], "R1"),
        ("Lead ID", ["rep_id", "lead_id"], "lead_id"),
        ("Ko\u0308ln", ["Bonn", "K\u00f6ln"], "K\u00f6ln"),
        ("US/Wset", ["US/East", "US/West"], "US/West"),
        ("xyz", ["abc"], ""),
        ("", [], ""),
    ],
)
def test_the_nearest_name_is_found(word: str, known: list[str], found: str) -> None:
    assert nearest(word, known) == found
    assert (found in nearest_advice(word, known)) if found else nearest_advice(word, known) == ""


def test_it_is_said_that_case_counts() -> None:
    text = "The nearest is 'R1'; case, spaces, hyphens and coding of accents count."
    assert nearest_advice("r1", ["R1"]) == text


@pytest.mark.parametrize(
    "module",
    ["cell_text", "lists", "nearest", "working_hours", "validation.advice", "validation.customers"],
)
def test_the_examples_in_docstrings_hold(module: str) -> None:
    result = doctest.testmod(importlib.import_module(f"models.{module}"))
    assert result.attempted
    assert not result.failed

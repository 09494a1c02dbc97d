"""Filters: columns and single records give the same answer, and every condition means one thing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from models.where import Condition, Where, holds

if TYPE_CHECKING:
    from collections.abc import Iterable

BERLIN = "Europe/Berlin"  # clocks go forward on 29 March 2026 and back on 25 October
TEXT = pd.Series(["A", "B", "US/West", "true", "1", "1.5", "", None], dtype="str")
NUMBERS = pd.Series([0.0, 1.0, -2.5, 1e9, np.nan])


def times(*instants: str | None) -> pd.Series:
    """Return a column of instants, written in UTC."""
    text = pd.Series(instants, dtype="str")
    return pd.to_datetime(text, utc=True, format="ISO8601").astype("datetime64[us, UTC]")


TIMES = times(
    "2026-03-28T22:59:59.999999",
    "2026-03-28T23:00",
    "2026-03-29T21:59:59.999999",
    "2026-03-29T22:00",
    "2026-10-24T22:00",
    "2026-10-25T22:59:59",
    "2026-10-25T23:00",
    None,
)


def kept(cells: pd.Series, condition: Any) -> list[Any]:
    """Return the positions of the cells that satisfy a condition, after both readings agreed."""
    where = Where.model_validate({"column": condition})
    assert not list(where.faults(pd.DataFrame({"column": cells})))
    mask = where.mask(pd.DataFrame({"column": cells}), BERLIN)
    plain = [holds(where, {"column": cell}, BERLIN) for cell in cells.tolist()]
    assert mask.tolist() == plain
    return np.flatnonzero(mask).tolist()


@pytest.mark.parametrize(
    ("cells", "condition", "expected"),
    [
        (TEXT, "A", [0]),
        (TEXT, ["A", "B"], [0, 1]),
        (TEXT, {"any_of": ["A", "B"]}, [0, 1]),
        (TEXT, True, [3]),
        (TEXT, [1, 1.5], [4, 5]),
        (TEXT, {"not": "A"}, [1, 2, 3, 4, 5, 6]),
        (TEXT, {"not": ["A", "B", True]}, [2, 4, 5, 6]),
        (TEXT, {"under": "US"}, [2]),
        (TEXT, {"under": "*"}, [0, 1, 2, 3, 4, 5, 6]),
        (TEXT, {"missing": True}, [7]),
        (TEXT, {"missing": False}, [0, 1, 2, 3, 4, 5, 6]),
        (TEXT, {"missing": False, "not": "A"}, [1, 2, 3, 4, 5, 6]),
        (NUMBERS, 1, [1]),
        (NUMBERS, True, [1]),
        (NUMBERS, [0, 1e9], [0, 3]),
        (NUMBERS, {"at_least": 0, "at_most": 1}, [0, 1]),
        (NUMBERS, {"at_most": 1e9, "not": 0}, [1, 2, 3]),
        (NUMBERS, {"missing": True}, [4]),
    ],
)
def test_conditions(cells: pd.Series, condition: Any, expected: list[int]) -> None:
    assert kept(cells, condition) == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        # The 29th of March has 23 hours, the 25th of October 25.
        ("2026-03-29", [1, 2]),
        ({"at_least": "2026-03-29"}, [1, 2, 3, 4, 5, 6]),
        ({"at_most": "2026-03-29"}, [0, 1, 2]),
        ("2026-10-25", [4, 5]),
        ({"at_most": "2026-10-25", "at_least": "2026-10-25"}, [4, 5]),
        ({"not": ["2026-03-29", "2026-10-25"]}, [0, 3, 6]),
        ("2026-03-29T00:00", [1]),
        ("2026-03-29T00:00+01:00", [1]),
        ({"at_most": "2026-03-28T23:00Z"}, [0, 1]),
        # This hour never comes: it means the one after.
        ({"at_least": "2026-03-29 02:30"}, [2, 3, 4, 5, 6]),
    ],
)
def test_a_date_is_a_whole_day_on_the_wall(condition: Any, expected: list[int]) -> None:
    assert kept(TIMES, condition) == expected


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        ("A", "column is A"),
        (["A", 1.0, True], "column is A or 1 or true"),
        ({"not": "A"}, "column is not A"),
        ({"not": ["A", "B"]}, "column is neither A nor B"),
        ({"at_least": 0.5, "at_most": 10_000}, "column is at least 0.5 and is at most 10000"),
        ({"under": "US/West"}, "column lies under US/West"),
        ({"missing": True}, "column is empty"),
        ({"missing": False}, "column is filled"),
    ],
)
def test_sentence(condition: Any, sentence: str) -> None:
    assert Where.model_validate({"column": condition}).sentence() == sentence


def test_all_conditions_must_hold() -> None:
    where = Where.model_validate({"grade": ["A", "B"], "amount": {"at_least": 5}})
    frame = pd.DataFrame({"grade": ["A", "A", "C", None], "amount": [5, 1, 9, 9.0]})
    frame["grade"] = frame["grade"].astype("str")
    assert where.mask(frame, BERLIN).tolist() == [True, False, False, False]
    assert where.columns == ("grade", "amount")
    assert where.sentence() == "grade is A or B and amount is at least 5"


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ({}, "needs a value, a list, or one of at_least, at_most, not, under, missing"),
        (None, "needs a value, a list, or one of at_least, at_most, not, under, missing"),
        ({"not": None}, "needs a value, a list, or one of at_least, at_most, not, under, missing"),
        (["A", None], "must be text, a number, true or false"),
        ([["A"]], "must be text, a number, true or false"),
        ({"at_least": float("nan")}, "must be text, a number, true or false"),
        ({"at_most": 10**400}, "must be text, a number, true or false"),
        ([], "at least 1 item"),
        ({"under": "US//CA"}, "must be a region path without empty parts, such as US/West"),
        (
            {"missing": True, "not": "A"},
            "`missing: true` stands alone: an empty cell satisfies nothing else",
        ),
        ({"missing": "yes"}, "valid boolean"),
        ({"atleast": 5}, "Extra inputs"),
    ],
)
def test_a_condition_that_makes_no_sense_is_refused(condition: Any, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Condition.model_validate(condition)


@pytest.mark.parametrize(
    ("cells", "condition", "faults"),
    [
        (NUMBERS, "A", ["'A' is text, but the column holds numbers"]),
        (
            NUMBERS,
            {"not": ["1", 2], "under": "US"},
            [
                "'1' is text, but the column holds numbers",
                "under needs a column of region paths; this one holds numbers",
            ],
        ),
        (
            TEXT,
            {"at_least": "A"},
            ["at_least and at_most need a column of numbers or dates; this one is text"],
        ),
        (TIMES, {"at_least": "soon"}, ["'soon' is not a date, such as 2026-11-21"]),
        (TIMES, 2026, ["2026 is not a date, such as 2026-11-21"]),
        (TIMES, "now", ["'now' is not a date, such as 2026-11-21"]),
        (TIMES, {"at_most": "9999-12-31"}, ["'9999-12-31' is not in the years 1900 to 2200"]),
        (TIMES, {"under": "US"}, ["under needs a column of region paths; this one holds dates"]),
    ],
)
def test_a_condition_that_does_not_fit_the_column_is_told(
    cells: pd.Series, condition: Any, faults: list[str]
) -> None:
    where = Where.model_validate({"column": condition})
    told = list(where.faults(pd.DataFrame({"column": cells})))
    assert told == [("column", fault) for fault in faults]


def test_a_column_that_the_table_lacks_is_for_others_to_tell() -> None:
    where = Where.model_validate({"grad": "A"})
    assert list(where.faults(pd.DataFrame({"grade": TEXT}))) == []


TEXTS = st.sampled_from(["A", "B", "US", "US/West", "US/West/CA", "US/Western", "1", "true", "1.5"])
VALUES = st.sampled_from([-2.5, 0, 1, 1.0, True, 1e9])
MOMENTS = st.datetimes(datetime(2026, 3, 27), datetime(2026, 10, 27))  # noqa: DTZ001
DAYS = MOMENTS.map(lambda moment: moment.date().isoformat())
POINTS = DAYS | MOMENTS.map(datetime.isoformat) | MOMENTS.map(lambda m: f"{m:%Y-%m-%dT%H:%M}Z")


def conditions(
    values: st.SearchStrategy[Any], limits: st.SearchStrategy[Any] | None, *, paths: bool = False
) -> st.SearchStrategy[dict[str, Any]]:
    """Draw conditions out of what fits a kind of column."""
    several = st.lists(values, min_size=1, max_size=3)
    parts = {"any_of": several, "not": several, "missing": st.just(value=False)}
    parts |= {"at_least": limits, "at_most": limits} if limits is not None else {}
    parts |= {"under": TEXTS} if paths else {}
    some = st.fixed_dictionaries({}, optional=parts).filter(len)
    return some | st.just({"missing": True})


def cells_of(values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    """Draw some cells, about half of them missing."""
    return st.lists(st.none() | values, min_size=1, max_size=8)


@given(cells_of(TEXTS), conditions(TEXTS | VALUES, None, paths=True))
def test_both_readings_agree_on_text(cells: list[Any], condition: dict[str, Any]) -> None:
    kept(pd.Series(cells, dtype="str"), condition)


@given(cells_of(VALUES), conditions(VALUES, VALUES))
def test_both_readings_agree_on_numbers(cells: list[Any], condition: dict[str, Any]) -> None:
    kept(pd.Series(cells, dtype="float64"), condition)


@given(cells_of(MOMENTS), conditions(POINTS, POINTS))
def test_both_readings_agree_on_times(
    cells: list[datetime | None], condition: dict[str, Any]
) -> None:
    kept(times(*(_in_utc(cells))), condition)


def _in_utc(cells: Iterable[datetime | None]) -> list[str | None]:
    return [None if cell is None else cell.replace(tzinfo=UTC).isoformat() for cell in cells]

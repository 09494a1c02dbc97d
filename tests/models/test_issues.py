"""Issues are one printable line each, never too many, and travel between processes."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

from models.errors import SHOWN_AT_MOST, InputError, PolicyError
from models.issues import AND_MORE, COLUMNS, LISTED_ONE_BY_ONE, IssueLog, Severity, label, shown


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "'a'"),
        ("it's", '"it\'s"'),
        ("a\nb", "'a\\nb'"),
        ("\u200b", "'\\u200b'"),
        ("half \ud800", "'half \\ud800'"),
        (np.float64(1.5), "1.5"),
        (np.int64(3), "3"),
        (pd.Timestamp("2026-01-02 03:04"), "2026-01-02T03:04:00"),
        (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02T00:00:00+00:00"),
        (np.array(["L1"]), "array(['L1'], dtype='<U2')"),
        ({"a": [1, 2]}, "{'a': [1, 2]}"),
        (None, "None"),
    ],
)
def test_values_are_shown_on_one_line(value: Any, text: str) -> None:
    assert shown(value) == text


@pytest.mark.parametrize("value", ["x" * 10**6, "\n" * 10**6, list(range(10**4)), "é" * 81])
def test_long_values_are_cut(value: Any) -> None:
    assert len(shown(value)) == 80
    assert shown(value).endswith("…")


def test_names_are_shown_without_quotes() -> None:
    assert label("lead_id") == "lead_id"
    assert label("lead\nid") == "lead\\nid"
    assert len(label("x" * 1_000)) == 80


def test_nothing_in_an_issue_can_break_a_line() -> None:
    issues = IssueLog()
    nasty = "a\nerror fake: b\x1b[31m\u2028"
    issues.add("missing_id", nasty, column=nasty, record=nasty, got=nasty)
    (issue,) = issues
    assert issue.text().isprintable()
    assert len(issues.to_frame().to_csv().splitlines()) == 2


def test_beyond_a_thousand_issues_are_counted() -> None:
    issues = IssueLog()
    for line in range(LISTED_ONE_BY_ONE + 500):
        issues.add("missing_id", "leads", line=line, column="lead_id", record=str(line), count=2)
        issues.add("missing_value", "pins", line=line)
    assert len(issues) == 2 * (LISTED_ONE_BY_ONE + 1)
    rest = issues.issues[-2]
    assert (rest.code, rest.line, rest.record, rest.got, rest.count) == (
        "missing_id", LISTED_ONE_BY_ONE, "", AND_MORE, 1_000,
    )  # fmt: skip


def test_a_frame_has_one_row_per_issue() -> None:
    empty = IssueLog().to_frame()
    assert (tuple(empty.columns), len(empty)) == (COLUMNS, 0)
    issues = IssueLog()
    issues.add("missing_id", "leads", line=3, source="a.csv")
    issues.add("stale_table", "leads")
    frame = issues.to_frame()
    assert frame["line"].isna().tolist() == [False, True]
    assert frame["severity"].tolist() == [Severity.ERROR, Severity.WARNING]
    assert issues.issues[0].text().startswith("error missing_id: leads from a.csv, line 3: ")


def many_errors(count: int) -> InputError:
    """Return an error with some issues, and a warning before them."""
    issues = IssueLog()
    issues.add("stale_table", "leads")
    for line in range(count):
        issues.add("missing_id", "leads", line=line)
    return InputError("company cannot be planned", issues)


def test_an_error_shows_the_first_hundred() -> None:
    lines = str(many_errors(SHOWN_AT_MOST + 7)).splitlines()
    assert lines[0] == "company cannot be planned"
    assert len(lines) == 1 + SHOWN_AT_MOST + 1
    assert lines[-1] == "... and 7 more"
    assert not any("stale_table" in line for line in lines)
    assert str(many_errors(SHOWN_AT_MOST)).splitlines()[-1].startswith("error")
    faults = [f"fault {at}" for at in range(SHOWN_AT_MOST + 1)]
    assert str(PolicyError("policy.yaml", faults)).splitlines()[-1] == "... and 1 more"


@pytest.mark.parametrize("error", [many_errors(2), PolicyError("policy.yaml", ["line 1: bad"])])
def test_errors_survive_a_process(error: InputError | PolicyError) -> None:
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert type(copy) is type(error)
    assert str(copy) == str(error)


def test_logs_add_up() -> None:
    first, second = IssueLog(), IssueLog()
    second.add("missing_id", "leads")
    first.extend(second)
    assert [issue.code for issue in first] == ["missing_id"]

"""Columns and ids of a table: every fault is counted, however many there are."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
import pytest

from models.errors import InputError
from models.issues import AND_MORE, LISTED_ONE_BY_ONE, Issue, IssueLog
from models.raw_table import RawTable
from models.snapshot import SnapshotHeader
from models.validation.validate import snapshot_from_frames, validate

HEADER = SnapshotHeader(as_of=datetime(2026, 11, 21, tzinfo=UTC), currency="USD")
LEADS = pd.DataFrame({"lead_id": ["L1"], "region": ["US"]})
REPS = pd.DataFrame({"rep_id": ["R1"], "regions": ["US"]})


def issues_of(leads: pd.DataFrame, code: str) -> list[Issue]:
    """Return the issues of one code that a table of leads has."""
    issues = IssueLog()
    tables = {"leads": leads, "reps": REPS}
    raw = {name: RawTable.from_frame(name, frame) for name, frame in tables.items()}
    validate(raw, HEADER, issues)
    return [issue for issue in issues if issue.code == code]


@pytest.mark.parametrize(
    "leads",
    [
        pd.DataFrame([["L1", "US", "CA"]], columns=["lead_id", "region", "region"]),
        LEADS.rename_axis("region"),
        pd.DataFrame({"lead_id": ["L1"], 1: ["a"], "1": ["b"]}),
    ],
    ids=["twice", "in the index", "as a number"],
)
def test_a_column_twice_is_refused(leads: pd.DataFrame) -> None:
    (issue,) = issues_of(leads, "duplicate_column")
    assert issue.column in {"region", "1"}


def test_a_frame_that_is_missing_is_named() -> None:
    with pytest.raises(InputError, match="Give the frame 'reps'") as caught:
        snapshot_from_frames({"leads": LEADS}, HEADER)
    assert [issue.code for issue in caught.value.issues] == ["file_missing"]


def test_each_copy_of_an_id_names_the_first() -> None:
    leads = pd.DataFrame({"lead_id": ["L1", "L2", "L1", "L2", "L1"]})
    issues = issues_of(leads, "duplicate_id")
    assert [(issue.line, issue.allowed) for issue in issues] == [
        (3, "an id of its own; line 1 has it already"),
        (4, "an id of its own; line 2 has it already"),
        (5, "an id of its own; line 1 has it already"),
    ]


def test_thousands_of_copies_are_counted() -> None:
    issues = issues_of(pd.DataFrame({"lead_id": ["L1"] * 3_000}), "duplicate_id")
    assert len(issues) == LISTED_ONE_BY_ONE + 1
    assert sum(issue.count for issue in issues) == 2_999


def test_thousands_of_uncovered_regions_are_counted() -> None:
    count = 2_500
    regions = [f"FR/{at // 2:04}" for at in range(2 * count)]
    leads = pd.DataFrame({"lead_id": [f"L{at}" for at in range(2 * count)], "region": regions})
    issues = issues_of(leads, "uncovered_region")
    assert len(issues) == LISTED_ONE_BY_ONE + 1
    assert (issues[0].got, issues[0].count, issues[0].record) == ("'FR/0000'", 2, "L0")
    assert issues[-1].got == AND_MORE
    assert sum(issue.count for issue in issues) == 2 * count

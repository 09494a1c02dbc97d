"""Tables are checked against each other: who covers what, and which pins contradict."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
import pytest

from models.issues import IssueLog
from models.raw_table import RawTable
from models.snapshot import SnapshotHeader
from models.validation.validate import validate

HEADER = SnapshotHeader(as_of=datetime(2026, 11, 21, tzinfo=UTC), currency="USD")
LEADS = pd.DataFrame({"lead_id": ["L1", "L2", "L3"], "family": ["F", "F", ""]})
REPS = pd.DataFrame({"rep_id": ["R1", "R2"], "regions": ["US/West", "MX;CA/ON"]})


def found(
    code: str, leads: pd.DataFrame = LEADS, reps: pd.DataFrame = REPS, **more: pd.DataFrame
) -> list[str]:
    """Return what the issues of one code say."""
    issues = IssueLog()
    tables = {"leads": leads, "reps": reps, **more}
    raw = {name: RawTable.from_frame(name, frame) for name, frame in tables.items()}
    validate(raw, HEADER, issues)
    return [issue.got for issue in issues if issue.code == code]


def conflicts(*pins: str) -> list[str]:
    """Return the conflicts of pins, each written as `lead rep kind [expires]`."""
    rows = [
        dict(zip(("lead_id", "rep_id", "kind", "expires"), pin.split(), strict=False))
        for pin in pins
    ]
    return found("conflicting_pins", pins=pd.DataFrame(rows))


@pytest.mark.parametrize(
    "pins",
    [
        ("L1 R1 fixed", "L3 R2 fixed"),
        ("L1 R1 fixed", "L1 R1 fixed", "L2 R1 fixed"),
        ("L1 R1 fixed", "L1 R2 forbidden", "L2 R2 forbidden"),
        ("L1 R1 forbidden", "L1 R2 forbidden"),
        ("L1 R1 fixed", "L1 R2 fixed 2026-11-20"),
        ("L3 R1 fixed", "L1 R1 forbidden"),
    ],
)
def test_pins_that_agree(pins: tuple[str, ...]) -> None:
    assert not conflicts(*pins)


@pytest.mark.parametrize(
    ("pins", "got"),
    [
        (("L3 R1 fixed", "L3 R2 fixed"), "lead L3 fixed to R1, R2"),
        (("L3 R1 fixed", "L3 R1 forbidden"), "lead L3 fixed to R1, forbidden to R1"),
        (("L1 R1 fixed", "L2 R2 fixed"), "family F fixed to R1, R2"),
        (("L1 R1 fixed", "L2 R1 forbidden 2027-01-01"), "family F fixed to R1, forbidden to R1"),
    ],
)
def test_pins_that_contradict(pins: tuple[str, ...], got: str) -> None:
    assert conflicts(*pins) == [got]
    assert conflicts(*reversed(pins)) == [got]


@pytest.mark.parametrize(
    ("region", "covered"),
    [
        ("US/West", True), ("US/West/CA", True), ("US / West/CA", True), ("", True),
        ("CA/ON/Toronto/" + "x/" * 30 + "y", True),
        ("US", False), ("US/Western", False), ("us/west", False), ("CA", False),
    ],
)  # fmt: skip
def test_a_region_is_covered_by_segments(region: str, covered: bool) -> None:
    leads = pd.DataFrame({"lead_id": ["L1"], "region": [region]})
    assert (not found("uncovered_region", leads)) == covered


def test_who_has_left_covers_nothing() -> None:
    leads = pd.DataFrame({"lead_id": ["L1"], "region": ["MX"]})
    left = REPS.assign(active=["1", "0"])
    assert found("uncovered_region", leads, left) == ["'MX'"]
    everywhere = REPS.assign(regions=["*", ""], active=["1", "0"])
    assert not found("uncovered_region", leads, everywhere)
    assert not found("rep_without_region", leads, everywhere)


@pytest.mark.parametrize("newest", ["2026-10-21", "2026-10-22"])
def test_leads_are_stale_after_thirty_days(newest: str) -> None:
    leads = pd.DataFrame({"lead_id": ["L1", "L2"], "created": ["2020-01-01", newest]})
    stale = found("stale_table", leads)
    assert bool(stale) == (newest == "2026-10-21")

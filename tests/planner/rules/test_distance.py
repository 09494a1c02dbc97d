"""`distance`: the nearer a rep is to the customer, the more a pair counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.companies import hand_made, snapshots
from tests.planner.rules.readings import assert_prefer_agrees, factors
from tests.policies import BASE, faults_of, policy

if TYPE_CHECKING:
    from models.snapshot import Snapshot

QUARTER_OF_MERIDIAN_KM = 10_007.557
PREFER = [{"distance": {"half_at_km": QUARTER_OF_MERIDIAN_KM}}]


def test_sentence() -> None:
    assert policy(prefer=[{"distance": {"half_at_km": 1500}}]).prefer[0].sentence() == (
        "A pair counts half for every 1,500 km between them."
    )


def test_a_pair_counts_half_at_that_distance() -> None:
    snapshot = hand_made(
        {"latitude": [0, 90, -90, 0, None, 12], "longitude": [0, 77, 0, 180, 0, None]},
        {"latitude": [0, 90, None], "longitude": [0, -13, 5]},
    )
    worth = factors(snapshot, prefer=PREFER)
    expected = [[1, 0.5, 1], [0.5, 1, 1], [0.5, 0.25, 1], [0.25, 0.5, 1], [1, 1, 1], [1, 1, 1]]
    assert worth == [pytest.approx(row, rel=1e-5) for row in expected]


def test_faults() -> None:
    text = BASE + "  prefer:\n    - distance: {half_at_km: 0}\n"
    assert faults_of(text) == ["line 8: value.prefer.distance.half_at_km: got 0; must be above 0"]
    text = BASE + "  prefer:\n    - distance: {half_at_km: 300 km}\n"
    assert faults_of(text) == [
        "line 8: value.prefer.distance.half_at_km: got '300 km'; must be a number"
    ]
    text = BASE + "  prefer:\n    - distance: {half_at_km: 300}\n"
    snapshot = hand_made({"latitude": [1], "longitude": [1]}, {"latitude": [1]})
    assert faults_of(text, snapshot) == [
        "line 8: distance: table reps has no column 'longitude'; add it, or leave the rule out"
    ]


@given(snapshots(), st.sampled_from([0.001, 300, 20_000]))
def test_both_readings_agree(snapshot: Snapshot, km: float) -> None:
    assert_prefer_agrees(policy(prefer=[{"distance": {"half_at_km": km}}]), snapshot)

"""`region`: the lead's region lies under one of the rep's regions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given

from tests.companies import hand_made, snapshots
from tests.planner.rules.readings import allowed, assert_must_agrees, broken
from tests.policies import BASE, faults_of, policy, wheres

if TYPE_CHECKING:
    from models.snapshot import Snapshot


def test_sentence() -> None:
    (told,) = policy(must=[{"region": {}}]).must
    assert told.sentence() == "A rep works only leads whose region lies under the rep's regions."
    (told,) = policy(must=[{"region": {"where": {"grade": "A"}}}]).must
    assert told.sentence() == (
        "Where grade is A, a rep works only leads whose region lies under the rep's regions."
    )


def test_regions_are_compared_by_segment() -> None:
    snapshot = hand_made(
        {"region": ["US/West/CA", "US/Western", "US", None, "DE"]},
        {"regions": ["US/West", "US / West;DE", "*", "US"]},
    )
    assert allowed(snapshot, must=[{"region": {}}]) == {
        "L1": "R1 R2 R3 R4 nobody",
        "L2": "R3 R4 nobody",
        "L3": "R3 R4 nobody",
        "L4": "R1 R2 R3 R4 nobody",  # an empty cell asks for nothing
        "L5": "R2 R3 nobody",
    }


def test_two_spellings_of_a_region_are_one() -> None:
    snapshot = hand_made(
        {"region": ["US/West", "US / West"]}, {"regions": ["US/West", "US / West"]}
    )
    assert set(allowed(snapshot, must=[{"region": {}}]).values()) == {"R1 R2 nobody"}


def test_a_violation_tells_both_places() -> None:
    snapshot = hand_made({"region": ["US", "DE"]}, {"regions": ["DE;FR"]})
    assert broken(snapshot, {"L1": "R1", "L2": "R1"}, must=[{"region": {}}]) == [
        "region: L1 R1: region 'US' is not under 'DE;FR'"
    ]


def test_a_table_without_regions_is_refused() -> None:
    text = BASE + "must:\n  - region: {}\n"
    assert faults_of(text, hand_made({"amount": [1]})) == [
        "line 8: region: table leads has no column 'region'; add it, or leave the rule out"
    ]


@given(snapshots(), wheres())
def test_both_readings_agree(snapshot: Snapshot, where: dict[str, Any] | None) -> None:
    rules = policy(must=[{"region": {"where": where} if where else {}}])
    assert_must_agrees(rules, rules.must[0], snapshot)

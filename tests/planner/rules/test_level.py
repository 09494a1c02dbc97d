"""`level`: leads of some grades go only to reps of a least level."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from tests.companies import GRADES, TIERS, hand_made, snapshots
from tests.planner.rules.readings import allowed, assert_must_agrees, broken
from tests.policies import BASE, faults_of, policy, wheres

if TYPE_CHECKING:
    from models.snapshot import Snapshot

RULE = {"level": {"by": "grade", "least": {"A": 3, "B": 2}}}


def test_sentence() -> None:
    (rule,) = policy(must=[RULE]).must
    assert rule.sentence() == (
        "A rep needs at least the level that the lead's grade asks for: 3 for A, 2 for B."
    )


def test_a_grade_asks_for_a_level_and_others_for_nothing() -> None:
    snapshot = hand_made({"grade": ["A", "B", "C", None]}, {"level": [3, 2, 0, None]})
    assert allowed(snapshot, must=[RULE]) == {
        "L1": "R1 nobody",
        "L2": "R1 R2 nobody",
        "L3": "R1 R2 R3 R4 nobody",
        "L4": "R1 R2 R3 R4 nobody",
    }


def test_a_violation_tells_both_levels() -> None:
    snapshot = hand_made({"grade": ["A", "B"]}, {"level": [2, None]})
    assert broken(snapshot, {"L1": "R1", "L2": "R2"}, must=[RULE]) == [
        "level: L1 R1: grade A needs level 3, but the rep has level 2",
        "level: L2 R2: grade B needs level 2, but the rep has no level",
    ]


def test_faults() -> None:
    text = BASE + "must:\n  - level:\n      by: grade\n      least: {a: 3, Z: 1}\n"
    assert faults_of(text, hand_made({"grade": ["A", "B"]}, {"level": [1]})) == [
        "line 10: level: no lead has grade 'a'; the leads have 'A'"
    ]
    text = BASE + "must:\n  - level:\n      by: amount\n      least: {A: three}\n"
    assert faults_of(text) == ["line 10: must.level.least.A: got 'three'; must be a number"]
    text = BASE + "must:\n  - level: {by: amount, least: {A: 3}}\n"
    assert faults_of(text, hand_made({"amount": [5]}, {"level": [1]})) == [
        "line 8: level: column 'amount' of leads does not hold text"
    ]
    text = BASE + "must:\n  - level: {by: grade, least: {}}\n"
    assert faults_of(text) == ["line 8: must.level.least: got {}; must not be empty"]


@given(
    snapshots(),
    wheres(),
    st.sampled_from(["grade", "tier"]),
    st.dictionaries(
        st.sampled_from([*GRADES, *TIERS]), st.sampled_from([0, 1, 2.5, 9]), min_size=1
    ),
)
def test_both_readings_agree(
    snapshot: Snapshot, where: dict[str, Any] | None, by: str, least: dict[str, float]
) -> None:
    rule = {"by": by, "least": least} | ({"where": where} if where else {})
    rules = policy(must=[{"level": rule}])
    assert_must_agrees(rules, rules.must[0], snapshot)

"""`active`: who has left, or leaves within the period, gets nothing and keeps nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given

from planner.rules.active import Active
from tests.companies import hand_made, snapshots
from tests.planner.rules.readings import allowed, assert_must_agrees, broken
from tests.policies import BASE, faults_of, policies, policy

if TYPE_CHECKING:
    from models.snapshot import Snapshot
    from planner.policy import Policy

# The period is the week from Monday 23 November: R3 leaves within it, R4 after it.
SNAPSHOT = hand_made(
    {"owner": ["R1", "R2"]},
    {"active": [1, 0, None, 1]},
    absences={
        "rep_id": ["R3", "R4", "R1"],
        "starts": ["2026-11-29T23:59:00-05:00", "2026-11-30", "2026-11-23"],
        "ends": ["2030-01-01", "2030-01-01", "2026-11-29"],
        "kind": ["departure", "departure", "vacation"],
    },
)


def test_sentence() -> None:
    assert Active().sentence() == (
        "A rep who has left, or leaves within the period, works no lead."
    )
    assert Active().sentence() in policy().describe()


def test_who_leaves_within_the_period_works_nothing() -> None:
    assert set(allowed(SNAPSHOT).values()) == {"R1 R4 nobody"}


def test_violations_tell_who_has_left_and_who_leaves() -> None:
    assert broken(SNAPSHOT, {"L1": "R3", "L2": "R2"}) == [
        "active: L1 R3: the rep leaves before the period ends",
        "active: L2 R2: the rep is not active",
    ]


def test_it_need_not_be_written() -> None:
    assert faults_of(BASE + "must:\n  - active: {}\n") == [
        "line 8: must: rule 'active' holds always; leave it out"
    ]


@given(snapshots(), policies())
def test_both_readings_agree(snapshot: Snapshot, rules: Policy) -> None:
    (rule,) = (rule for rule in rules.always if isinstance(rule, Active))
    assert_must_agrees(rules, rule, snapshot)

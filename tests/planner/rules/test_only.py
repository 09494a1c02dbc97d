"""`only`: some leads go only to some reps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from tests.companies import hand_made, snapshots
from tests.planner.rules.readings import allowed, assert_must_agrees, broken
from tests.policies import BASE, faults_of, policy, rep_wheres, wheres

if TYPE_CHECKING:
    from models.snapshot import Snapshot

NEW = {"only": {"where": {"stage": "new"}, "reps": {"team": "development"}}}
BIG = {"only": {"where": {"amount": {"at_least": 500}}, "reps": {"level": {"at_least": 3}}}}
SNAPSHOT = hand_made(
    {"stage": ["new", "won", None], "amount": [100, 500, 501]},
    {"team": ["development", "maintenance", None], "level": [1, 3, None]},
)


def test_sentence() -> None:
    assert policy(must=[NEW]).must[0].sentence() == (
        "Where stage is new, a lead goes only to reps whose team is development."
    )
    everybody = {"only": {"reps": {"level": {"at_least": 3}}}}
    assert policy(must=[everybody]).must[0].sentence() == (
        "A lead goes only to reps whose level is at least 3."
    )


def test_stages_are_bound_to_teams_and_large_deals_to_seniors() -> None:
    assert allowed(SNAPSHOT, must=[NEW, BIG]) == {
        "L1": "R1 nobody",
        "L2": "R2 nobody",
        "L3": "R2 nobody",
    }


def test_a_violation_tells_the_filter() -> None:
    assert broken(SNAPSHOT, {"L1": "R3", "L2": "R2", "L3": "R1"}, must=[NEW, BIG]) == [
        "only: L1 R3: the rep is none whose team is development",
        "only: L3 R1: the rep is none whose level is at least 3",
    ]


def test_faults() -> None:
    text = BASE + "must:\n  - only:\n      reps: {teem: west}\n"
    assert faults_of(text, SNAPSHOT) == [
        "line 9: only: table reps has no column 'teem'; the nearest is 'team'"
    ]
    text = BASE + "must:\n  - only:\n      reps: {level: three}\n"
    assert faults_of(text, SNAPSHOT) == [
        "line 9: only: reps level: 'three' is text, but the column holds numbers"
    ]
    assert faults_of(BASE + "must:\n  - only: {where: {stage: new}}\n") == [
        "line 8: must.only: the key 'reps' is missing"
    ]


@given(snapshots(), wheres(), st.data())
def test_both_readings_agree(
    snapshot: Snapshot, where: dict[str, Any] | None, data: st.DataObject
) -> None:
    rule = {"reps": data.draw(rep_wheres())} | ({"where": where} if where else {})
    rules = policy(must=[{"only": rule}])
    assert_must_agrees(rules, rules.must[0], snapshot)

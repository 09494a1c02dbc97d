"""`skills`: the rep has all skills the lead needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given

from tests.companies import hand_made, snapshots
from tests.planner.rules.readings import allowed, assert_must_agrees, broken
from tests.policies import BASE, faults_of, policy, wheres

if TYPE_CHECKING:
    from models.snapshot import Snapshot

RULE: dict[str, Any] = {"skills": {}}


def test_sentence() -> None:
    (rule,) = policy(must=[RULE]).must
    assert rule.sentence() == "A rep works only leads whose needs are all among the rep's skills."


def test_every_need_is_met() -> None:
    snapshot = hand_made(
        {"needs": ["audit; cloud", "cloud", None, " ; ", "*"]},
        {"skills": ["cloud;audit;law", "audit", "*", None]},
    )
    assert allowed(snapshot, must=[RULE]) == {
        "L1": "R1 R3 nobody",
        "L2": "R1 R3 nobody",
        "L3": "R1 R2 R3 R4 nobody",
        "L4": "R1 R2 R3 R4 nobody",
        "L5": "R3 nobody",
    }


def test_a_violation_tells_what_is_lacking() -> None:
    snapshot = hand_made({"needs": ["audit;cloud;law"]}, {"skills": ["cloud"]})
    assert broken(snapshot, {"L1": "R1"}, must=[RULE]) == [
        "skills: L1 R1: the rep lacks audit, law"
    ]


def test_tables_without_needs_or_skills_are_refused() -> None:
    assert faults_of(BASE + "must:\n  - skills: {}\n", hand_made({"amount": [1]})) == [
        "line 8: skills: table leads has no column 'needs'; add it, or leave the rule out",
        "line 8: skills: table reps has no column 'skills'; add it, or leave the rule out",
    ]


@given(snapshots(), wheres())
def test_both_readings_agree(snapshot: Snapshot, where: dict[str, Any] | None) -> None:
    rules = policy(must=[{"skills": {"where": where} if where else {}}])
    assert_must_agrees(rules, rules.must[0], snapshot)

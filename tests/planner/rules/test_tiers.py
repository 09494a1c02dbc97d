"""`tiers`: high grades go to experienced reps first, and spill over where these are full."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from planner.solve import make_plan
from tests.companies import GRADES, hand_made, snapshots
from tests.planner.rules.readings import assert_prefer_agrees, factors
from tests.policies import BASE, faults_of, policy

if TYPE_CHECKING:
    from models.snapshot import Snapshot

RULE = {"tiers": {"by": "grade", "first": {"A": 3, "B": 2}, "below": "10%"}}


def test_sentence() -> None:
    assert policy(prefer=[RULE]).prefer[0].sentence() == (
        "A lead goes first to reps of the level for its grade (3 for A, 2 for B); "
        "with one below it counts 10 %."
    )


def test_a_lead_counts_less_below_its_tier() -> None:
    snapshot = hand_made({"grade": ["A", "B", "C", None]}, {"level": [3, 2, None]})
    assert factors(snapshot, prefer=[RULE]) == [[1, 0.1, 0.1], [1, 1, 0.1], [1, 1, 1], [1, 1, 1]]


def test_leads_spill_over_only_where_the_first_tier_is_full() -> None:
    # The junior would close every A-grade deal five times as often.
    won = [1] * 50 + [0] * 50
    history: dict[str, list[Any]] = {
        "lead_id": [f"H{at}" for at in range(200)],
        "rep_id": ["R1"] * 100 + ["R2"] * 100,
        "closed_on": ["2026-01-01"] * 200,
        "won": [int(at < 15) for at in range(100)] + won,
        "grade": ["A"] * 200,
        "amount": [100] * 200,
    }
    snapshot = hand_made(
        {"grade": ["A"] * 5}, {"level": [3, 1], "max_leads": [3, 9]}, history=history
    )
    plan = make_plan(
        snapshot,
        policy(
            prefer=[RULE],
            capacity=[{"measure": "count", "at_most": "max_leads"}],
            win_probability={"history": {"by": "grade", "prior_strength": 1}},
        ),
    )
    assert sorted(plan.assignments["rep_id"]) == ["R1", "R1", "R1", "R2", "R2"]


def test_faults() -> None:
    text = BASE + "  prefer:\n    - tiers: {by: grade, first: {a: 3}, below: 10%}\n"
    assert faults_of(text, hand_made({"grade": ["A"]})) == [
        "line 8: tiers: no lead has grade 'a'; the leads have 'A'"
    ]
    text = BASE + "  prefer:\n    - tiers: {by: grade, first: {A: 3}, below: 110%}\n"
    assert faults_of(text) == [
        "line 8: value.prefer.tiers.below: got '110%'; this share must not be above 100%"
    ]


@given(
    snapshots(),
    st.dictionaries(st.sampled_from(GRADES), st.sampled_from([0, 1, 2.5, 9]), min_size=1),
)
def test_both_readings_agree(snapshot: Snapshot, first: dict[str, float]) -> None:
    rule = {"tiers": {"by": "grade", "first": first, "below": "10%"}}
    assert_prefer_agrees(policy(prefer=[rule]), snapshot)

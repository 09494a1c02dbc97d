"""A hard band that cannot hold is reported: which reps, why, and the closest band that holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models.errors import NoPlanError
from planner.solve import make_plan
from tests.companies import hand_made
from tests.policies import policy

if TYPE_CHECKING:
    from models.snapshot import Snapshot

COUNT = {"measure": "count", "within": "10%", "mode": "hard"}


def why(snapshot: Snapshot, **parts: Any) -> str:
    """Return why there is no plan."""
    with pytest.raises(NoPlanError) as caught:
        make_plan(snapshot, policy(**parts))
    assert caught.value.impossible
    return str(caught.value)


def test_too_few_leads_may_go_to_a_rep() -> None:
    # Twelve leads and three reps: 4 each, but only one lead is in the region of R3.
    snapshot = hand_made(
        {"region": ["US"] * 11 + ["DE"]}, {"regions": ["US", "US", "DE"], "level": [1] * 3}
    )
    assert why(snapshot, must=[{"region": {}}], fairness=[COUNT]) == (
        "infeasible: no plan has every rep's count within 10 % of the fair share. In the one that "
        "is least outside, R3 has 1 of at least 3.6, since the leads that may go to the rep (1) "
        "and other work add up to 1. The closest band found that holds is within 75 %"
    )


def test_a_limit_keeps_a_rep_below() -> None:
    snapshot = hand_made({"amount": [100] * 9}, {"max_leads": [9, 9, 1]})
    capacity = [{"measure": "count", "at_most": "max_leads"}]
    told = why(snapshot, capacity=capacity, fairness=[COUNT], unassigned="forbidden")
    assert "R3 has 1 of at least 2.7, since the limit on it is 1" in told


def test_fixed_leads_keep_a_rep_above() -> None:
    lead_ids = [f"L{at}" for at in range(1, 7)]
    pins = {"lead_id": lead_ids, "rep_id": ["R1"] * 6, "kind": ["fixed"] * 6}
    snapshot = hand_made({"amount": [100] * 9}, {"level": [1] * 3}, pins=pins)
    told = why(snapshot, fairness=[COUNT])
    assert "R1 has 6 of at most 3.3, since other work and leads that only this rep may work" in told
    assert "are 6" in told
    assert "is within 100 %" in told


def test_where_bands_are_not_the_cause_nothing_is_said_of_them() -> None:
    moves = {"at_most_moves": {"total": 0}, "protect": [{"where": {"stage": "new"}}]}
    snapshot = hand_made(
        {"stage": ["new"] * 3, "owner": ["R1"] * 3}, {"max_leads": [1, 9], "level": [1, 1]}
    )
    made = make_plan(
        snapshot,
        policy(
            capacity=[{"measure": "count", "at_most": "max_leads"}],
            continuity=moves,
            fairness=[{**COUNT, "within": "100%"}],
        ),
    )
    assert made.record.feasible


def test_one_sided_bands_are_widened_on_their_side() -> None:
    snapshot = hand_made(
        {"region": ["US"] * 11 + ["DE"]}, {"regions": ["US", "US", "DE"], "level": [1] * 3}
    )
    least = {"measure": "count", "at_least": "50%", "mode": "hard"}
    told = why(snapshot, must=[{"region": {}}], fairness=[least])
    assert "count at least 50 % of the fair share" in told
    assert "R3 has 1 of at least 2," in told
    assert "is within 75" in told

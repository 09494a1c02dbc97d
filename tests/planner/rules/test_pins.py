"""`pins`: a lead fixed to a rep stays there; a rep barred from a lead never gets it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

from models.errors import NoPlanError
from planner.rules.pins import Pins
from tests.companies import hand_made, snapshots
from tests.planner.rules.readings import allowed, assert_must_agrees, broken
from tests.policies import BASE, faults_of, policy

if TYPE_CHECKING:
    from models.snapshot import Snapshot

PINS: dict[str, list[Any]] = {
    "lead_id": ["L1", "L2", "L3", "L3", "L1"],
    "rep_id": ["R2", "R1", "R1", "R2", "R1"],
    "kind": ["fixed", "forbidden", "forbidden", "forbidden", "fixed"],
    "expires": [None, None, "2030-01-01", None, "2026-11-20"],
}
SNAPSHOT = hand_made({"amount": [1, 1, 1, 1]}, {"level": [1, 1]}, pins=PINS)


def test_sentence() -> None:
    assert Pins().sentence() == (
        "A pinned lead goes to the rep, team or region it is fixed to, "
        "and never to one it is barred from."
    )
    assert Pins().sentence() in policy().describe()


def test_pins_hold_until_they_expire_and_fixed_leads_have_no_nobody() -> None:
    assert allowed(SNAPSHOT) == {
        "L1": "R2",
        "L2": "R2 nobody",
        "L3": "nobody",
        "L4": "R1 R2 nobody",
    }


def test_pins_to_a_team_or_a_region_are_pins_to_its_reps() -> None:
    pins: dict[str, list[Any]] = {
        "lead_id": ["L1", "L2", "L3", "L4"],
        "team": ["west", "west", None, None],
        "region": [None, None, "US/West/CA", "US"],
        "kind": ["fixed", "forbidden", "fixed", "forbidden"],
        "reason": ["knows the product", None, None, None],
    }
    reps: dict[str, list[Any]] = {
        "team": ["west", "east", None],
        "regions": ["US/West", "*", "US;DE"],
    }
    snapshot = hand_made({"amount": [1, 1, 1, 1]}, reps, pins=pins)
    assert allowed(snapshot) == {
        "L1": "R1",
        "L2": "R2 R3 nobody",
        "L3": "R1 R2 R3",
        "L4": "R1 nobody",
    }
    assert broken(snapshot, {"L1": "R2", "L2": "R1", "L4": "R3"}) == [
        "pins: L1 R2: the lead is fixed to team west",
        "pins: L2 R1: team west is barred from the lead",
        "pins: L4 R3: region US is barred from the lead",
        "pins: L3: the lead is fixed to region US/West/CA, but nobody works it",
    ]


def test_violations_tell_the_pin() -> None:
    assert broken(SNAPSHOT, {"L1": "R1", "L2": "R1"}) == [
        "pins: L1 R1: the lead is fixed to R2",
        "pins: L2 R1: the rep is barred from the lead",
    ]
    assert broken(SNAPSHOT, {}) == ["pins: L1 R2: the lead is fixed to R2, but nobody works it"]


def test_a_pin_against_a_rule_is_infeasible_by_name() -> None:
    snapshot = hand_made(
        {"region": ["US", "DE", "US"], "family": ["F", "F", None]},
        {"regions": ["US", "DE"], "active": [1, 0]},
        pins={"lead_id": ["L1", "L3"], "rep_id": ["R1", "R2"], "kind": ["fixed", "fixed"]},
    )
    with pytest.raises(NoPlanError) as caught:
        allowed(snapshot, must=[{"region": {}}])
    assert str(caught.value) == (
        "infeasible: no rep may work these, which must be assigned: "
        "the family L1, L2 (fixed to R1 against region); "
        "L3 (fixed to R2 against active and region)"
    )
    assert caught.value.impossible


def test_it_need_not_be_written() -> None:
    assert faults_of(BASE + "must:\n  - pins: {}\n") == [
        "line 8: must: rule 'pins' holds always; leave it out"
    ]


@given(snapshots())
def test_both_readings_agree(snapshot: Snapshot) -> None:
    assert_must_agrees(policy(), Pins(), snapshot)

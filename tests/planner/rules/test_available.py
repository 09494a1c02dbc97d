"""`available`: who is away too long gets no new lead; the present book stays, unless covered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from tests.companies import hand_made, snapshots
from tests.planner.rules.readings import allowed, assert_must_agrees, broken
from tests.policies import BASE, faults_of, policy, wheres

if TYPE_CHECKING:
    from models.snapshot import Snapshot

RULE = {"available": {"at_least": "50%"}}
# The period is the week from Monday 23 November: R1 misses three of five days, R2 two of five,
# R3 three of five as well, in parts that overlap; R4 is away on the weekend only.
SNAPSHOT = hand_made(
    {"owner": ["R1", None, "R2", "R3"]},
    {"level": [1, 1, 1, 1]},
    absences={
        "rep_id": ["R1", "R2", "R3", "R3", "R4"],
        "starts": ["2026-11-23", "2026-11-26", "2026-11-20", "2026-11-24", "2026-11-28"],
        "ends": ["2026-11-25", "2026-12-31", "2026-11-24", "2026-11-25", "2026-11-29"],
    },
)


def test_sentences() -> None:
    rules = policy(must=[RULE, {"available": {"at_least": "30%", "cover": True}}])
    assert [rule.sentence() for rule in rules.must] == [
        "A rep gets new leads only if at work for at least 50 % of the period's working time; "
        "the present book stays.",
        "A rep gets new leads only if at work for at least 30 % of the period's working time; "
        "others cover the present book.",
    ]


def test_the_present_book_stays() -> None:
    assert allowed(SNAPSHOT, must=[RULE]) == {
        "L1": "R1 R2 R4 nobody",
        "L2": "R2 R4 nobody",
        "L3": "R2 R4 nobody",
        "L4": "R2 R3 R4 nobody",
    }


def test_a_new_lead_of_a_present_customer_is_not_new() -> None:
    snapshot = hand_made(
        {"owner": ["R1", None], "family": ["F", "F"]},
        {"level": [1, 1]},
        absences={"rep_id": ["R1"], "starts": ["2026-11-23"], "ends": ["2026-11-29"]},
    )
    assert allowed(snapshot, must=[RULE]) == dict.fromkeys(("L1", "L2"), "R1 R2 nobody")
    assert broken(snapshot, {"L1": "R1", "L2": "R1"}, must=[RULE]) == []


def test_others_cover_if_wanted() -> None:
    rule = {"available": {"at_least": "50%", "cover": True}}
    assert set(allowed(SNAPSHOT, must=[rule]).values()) == {"R2 R4 nobody"}


def test_exactly_the_least_share_is_enough() -> None:
    rule = {"available": {"at_least": "60%"}}
    assert allowed(SNAPSHOT, must=[rule])["L2"] == "R2 R4 nobody"


def test_a_violation_tells_the_share() -> None:
    assert broken(SNAPSHOT, {"L1": "R1", "L2": "R1"}, must=[RULE]) == [
        "available: L2 R1: the rep is at work for 40 % of the time"
    ]


def test_faults() -> None:
    assert faults_of(BASE + "must:\n  - available: {at_least: 150%, cover: 1}\n") == [
        "line 8: must.available.at_least: got '150%'; this share must not be above 100%",
        "line 8: must.available.cover: got 1; must be true or false",
    ]


@given(snapshots(), st.sampled_from(["0%", "33%", "50%", "100%"]), st.booleans(), wheres())
def test_both_readings_agree(
    snapshot: Snapshot, share: str, cover: bool, where: dict[str, Any] | None
) -> None:
    rule = {"at_least": share, "cover": cover} | ({"where": where} if where else {})
    rules = policy(must=[{"available": rule}], period={"starts": "as_of", "length": "10 days"})
    assert_must_agrees(rules, rules.must[0], snapshot)

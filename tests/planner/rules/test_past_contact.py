"""`past_contact`: a rep who worked the same family or company before is preferred."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given

from tests.companies import hand_made, snapshots
from tests.planner.rules.readings import assert_prefer_agrees, factors
from tests.policies import BASE, faults_of, policy

if TYPE_CHECKING:
    from models.snapshot import Snapshot

PREFER = [{"past_contact": {"bonus": "15%"}}]
LEADS: dict[str, list[Any]] = {
    "company": ["ACME, Inc.", None, "Bond", "n/a"],
    "family": [None, "F1", "F2", None],
}
HISTORY: dict[str, list[Any]] = {
    "lead_id": ["H1", "H2", "H3", "H4"],
    "rep_id": ["R1", "R2", "R2", "R1"],
    "closed_on": ["2026-01-01"] * 4,
    "won": [0, 1, 1, 0],
    "company": ["Acme", None, "Cobb", "n/a"],
    "family": [None, "F1", "F9", None],
}


def test_sentence() -> None:
    assert policy(prefer=PREFER).prefer[0].sentence() == (
        "A pair counts 15 % more where the rep has worked the same family or company before."
    )


def test_who_met_the_customer_counts_more() -> None:
    snapshot = hand_made(LEADS, {"level": [1, 1]}, history=HISTORY)
    # Where no company is known, `n/a` names none.
    assert factors(snapshot, prefer=PREFER) == [[1.15, 1], [1, 1.15], [1, 1], [1, 1]]


def test_a_bonus_is_given_once() -> None:
    met_twice = {**HISTORY, "rep_id": ["R1", "R1", "R1", "R1"]}
    both = hand_made({"company": ["Acme"], "family": ["F1"]}, history=met_twice)
    assert factors(both, prefer=PREFER) == [[1.15, 1]]


def test_tables_that_share_no_customer_are_refused() -> None:
    text = BASE + "  prefer:\n    - past_contact: {bonus: 15%}\n"
    fault = (
        "line 8: past_contact: neither family nor company is a column of both leads and history; "
        "add one, or leave the rule out"
    )
    assert faults_of(text, hand_made({"amount": [1]})) == [fault]
    only_leads = {name: cells for name, cells in HISTORY.items() if name not in LEADS}
    assert faults_of(text, hand_made(LEADS, {"level": [1, 1]}, history=only_leads)) == [fault]
    assert not faults_of(text, hand_made(LEADS, {"level": [1, 1]}, history=HISTORY))


@given(snapshots())
def test_both_readings_agree(snapshot: Snapshot) -> None:
    assert_prefer_agrees(policy(prefer=PREFER), snapshot)

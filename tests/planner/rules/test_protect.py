"""`continuity.protect`: some leads stay with their owner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from planner.case import Case
from planner.compile import compile_problem
from planner.eligibility import eligibility
from planner.ownership import Ownership
from planner.rules.protect import protected_leads
from tests.companies import hand_made, seeds, snapshots
from tests.planner.rules.readings import allowed, broken, facts_of
from tests.policies import BASE, PolicyMaker, faults_of, policy

if TYPE_CHECKING:
    from models.snapshot import Snapshot

SNAPSHOT = hand_made(
    {
        "owner": ["R1", "R1", "R2", None],
        "stage": ["negotiation", "new", "new", "negotiation"],
        # It is Friday, 20 November 2026, 18:00 UTC.
        "owned_since": ["2026-01-01", "2026-11-06T18:00:00Z", "2026-11-06T18:00:01Z", None],
    }
)
NEGOTIATION = {"where": {"stage": ["negotiation"]}}
FRESH = {"owned_for": {"under": "14 days"}}
ALL = "R1 R2 nobody"


def protect(*rules: dict[str, Any]) -> dict[str, Any]:
    """Return the section of a policy that protects leads."""
    return {"protect": list(rules)}


def test_sentence() -> None:
    told = policy(continuity=protect(NEGOTIATION, FRESH)).describe()
    assert "A lead where stage is negotiation stays with its owner, if the owner may keep it." in (
        told
    )
    text = "A lead owned for less than 14 days stays with its owner, if the owner may keep it."
    assert text in told


def test_protected_leads_have_their_owner_only() -> None:
    assert allowed(SNAPSHOT, continuity=protect(NEGOTIATION)) == {
        "L1": "R1", "L2": ALL, "L3": ALL, "L4": ALL,
    }  # fmt: skip
    assert allowed(SNAPSHOT, continuity=protect(FRESH)) == {
        "L1": ALL, "L2": ALL, "L3": "R2", "L4": ALL,
    }  # fmt: skip
    assert allowed(SNAPSHOT, continuity=protect({**NEGOTIATION, **FRESH})) == dict.fromkeys(
        ("L1", "L2", "L3", "L4"), ALL
    )


def test_what_the_checker_says() -> None:
    given = {"L1": "R2", "L2": "R1", "L4": "R1"}
    assert broken(SNAPSHOT, given, continuity=protect(NEGOTIATION, FRESH)) == [
        "protect: L1 R2: the lead is protected and stays with R1",
        "protect: L3: the lead is protected and stays with R2, but nobody works it",
    ]


def test_it_lapses_where_the_owner_may_not_keep_the_lead() -> None:
    leads = {"owner": ["R1"], "stage": ["negotiation"], "grade": ["A"]}
    for reps, parts in (
        ({"active": [0, 1]}, {}),
        ({"level": [1, 3]}, {"must": [{"level": {"by": "grade", "least": {"A": 2}}}]}),
    ):
        snapshot = hand_made(leads, reps)
        assert allowed(snapshot, continuity=protect(NEGOTIATION), **parts) == {"L1": "R2 nobody"}
        assert broken(snapshot, {"L1": "R2"}, continuity=protect(NEGOTIATION), **parts) == []
    pins = {"lead_id": ["L1"], "rep_id": ["R1"], "kind": ["forbidden"]}
    barred = hand_made(leads, {"level": [1, 1]}, pins=pins)
    assert allowed(barred, continuity=protect(NEGOTIATION)) == {"L1": "R2 nobody"}


def test_a_family_follows_its_protected_lead() -> None:
    leads = {"owner": ["R1", "R2"], "family": ["F", "F"], "stage": ["negotiation", "new"]}
    assert allowed(hand_made(leads), continuity=protect(NEGOTIATION)) == {"L1": "R1", "L2": "R1"}
    both = hand_made({**leads, "stage": ["negotiation", "negotiation"]})
    assert allowed(both, continuity=protect(NEGOTIATION)) == {"L1": ALL, "L2": ALL}
    assert broken(both, {"L1": "R2", "L2": "R2"}, continuity=protect(NEGOTIATION)) == []


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        ("{}", "continuity.protect: got {}; needs `where`, `owned_for`, or both"),
        (
            "{owned_for: {under: 2 months}}",
            "continuity.protect.owned_for.under: got '2 months'; "
            "a length of time is a number of hours, days or weeks, such as 2 weeks; "
            "at most 41,666 days",
        ),
        (
            "{wher: {stage: new}}",
            "continuity.protect: unknown key 'wher'; the nearest is 'where'; "
            "known are during, where, owned_for",
        ),
    ],
)
def test_faults(rule: str, fault: str) -> None:
    assert faults_of(f"{BASE}continuity:\n  protect:\n    - {rule}\n") == [f"line 9: {fault}"]


@given(snapshots(), seeds())
def test_both_readings_agree(snapshot: Snapshot, seed: int) -> None:
    maker = PolicyMaker(np.random.default_rng(seed))
    rules = policy(
        continuity=protect(*maker.protections()),
        must=maker.must(),
        families=maker.one_of({}, {"by": "company"}),
    )
    rules.check(snapshot)
    facts = facts_of(rules, snapshot)
    row_of_lead = rules.families.rows(facts)
    eligible = eligibility(rules.eligibility(), facts, row_of_lead)
    ownership = Ownership.of(facts, eligible, row_of_lead)
    case = Case(rules, snapshot, pd.DataFrame({"lead_id": [], "rep_id": []}, dtype="str"))
    lead_ids = snapshot.leads["lead_id"]
    assert set(lead_ids[ownership.may_keep]) == case.may_keep
    protected = protected_leads(rules.protect, facts, ownership, row_of_lead)
    assert set(lead_ids[protected]) == case.protected.keys()


def test_protected_leads_are_never_left_with_nobody() -> None:
    problem = compile_problem(SNAPSHOT, policy(continuity=protect(NEGOTIATION))).problem
    assert problem.rep[problem.indptr[0] : problem.indptr[1]].tolist() == [0]

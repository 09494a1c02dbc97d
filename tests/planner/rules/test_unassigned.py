"""`unassigned`: what it costs that nobody works a lead, or that it may not happen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import NoPlanError
from models.validation.validate import snapshot_from_frames
from planner.compile import compile_problem
from planner.eligibility import eligibility
from planner.pairs import Pairs, fixed_pins
from tests.companies import hand_made, header, snapshots
from tests.planner.rules.readings import allowed, broken, facts_of
from tests.policies import BASE, faults_of, policy

if TYPE_CHECKING:
    from models.snapshot import Snapshot


def test_sentences() -> None:
    assert policy().unassigned.sentence() == (
        "A lead without a rep costs 100 % of its best possible score."
    )
    assert policy(unassigned="forbidden").unassigned.sentence() == "Every lead must have a rep."


def test_nobody_costs_a_share_of_the_best_score() -> None:
    snapshot = hand_made({"amount": [200, 60], "region": ["US", "DE"]}, {"regions": ["US", "US"]})
    rules = policy(must=[{"region": {}}], unassigned={"cost": "150%"})
    # The second lead may go to nobody else, so it costs nothing that nobody works it.
    assert compile_problem(snapshot, rules).problem.score.tolist() == [100, 100, -150, 0]


def test_nobody_never_earns() -> None:
    leads = {"lead_id": ["L1"], "margin": ["-40"], "win_probability": [0.5]}
    reps = {"rep_id": ["R1"], "regions": ["*"]}
    frames = {"leads": pd.DataFrame(leads), "reps": pd.DataFrame(reps)}
    snapshot = snapshot_from_frames(frames, header(), keep={"leads": ["margin"]})
    rules = policy(amount={"column": "margin"}, unassigned={"cost": "150%"})
    assert compile_problem(snapshot, rules).problem.score.tolist() == [-20, 0]


def test_forbidden_rows_have_no_nobody() -> None:
    snapshot = hand_made({"amount": [1, 2]})
    assert set(allowed(snapshot, unassigned="forbidden").values()) == {"R1 R2"}


def test_a_lead_that_nobody_may_work_is_infeasible_by_name() -> None:
    snapshot = hand_made(
        {"region": ["US", "DE", "FR", "FR"], "family": [None, None, "F", "F"]}, {"regions": ["US"]}
    )
    with pytest.raises(NoPlanError) as caught:
        compile_problem(snapshot, policy(must=[{"region": {}}], unassigned="forbidden"))
    assert str(caught.value) == (
        "infeasible: no rep may work these, which must be assigned: L2 (no rep passes region); "
        "the family L3, L4 (no rep passes region)"
    )
    assert caught.value.impossible


def test_many_such_leads_are_counted() -> None:
    snapshot = hand_made(
        {"region": ["DE"] * 8, "grade": ["A"] * 8}, {"regions": ["US", "DE"], "level": [9, 1]}
    )
    rules = policy(
        must=[{"region": {}}, {"level": {"by": "grade", "least": {"A": 5}}}], unassigned="forbidden"
    )
    with pytest.raises(NoPlanError, match=r"L5 \(no rep passes all rules together\); and 3 more$"):
        compile_problem(snapshot, rules)


def test_violations_name_the_leads() -> None:
    snapshot = hand_made({"amount": [1, 2, 3]})
    assert broken(snapshot, {"L2": "R1"}, unassigned="forbidden") == [
        "unassigned: L1: nobody works the lead",
        "unassigned: L3: nobody works the lead",
    ]
    assert not broken(snapshot, {"L2": "R1"})


@pytest.mark.parametrize(
    ("unassigned", "fault"),
    [
        ("free", "unassigned: got 'free'; must be `forbidden` or `{cost: 100%}`"),
        (
            "{forbidden: true}",
            "unassigned: got {'forbidden': True}; must be `forbidden` or `{cost: 100%}`",
        ),
        (
            "{cost: 1}",
            "unassigned.cost: got 1; a share is written with a percent sign, such as 15%",
        ),
        ("{cost: -5%}", "unassigned.cost: got '-5%'; a share must not be negative"),
        (
            "{costs: 5%}",
            "unassigned: unknown key 'costs'; the nearest is 'cost'; known are cost",
        ),
    ],
)
def test_faults(unassigned: str, fault: str) -> None:
    assert faults_of(f"{BASE}unassigned: {unassigned}\n") == [f"line 7: {fault}"]


@given(snapshots(), st.sampled_from(["forbidden", {"cost": "100%"}]))
def test_both_readings_agree(snapshot: Snapshot, unassigned: object) -> None:
    told = broken(snapshot, {}, unassigned=unassigned)
    plain = {text.split(": ")[1] for text in told if text.startswith("unassigned: ")}
    rules = policy(unassigned=unassigned)
    facts = facts_of(rules, snapshot)
    row_of_lead = rules.families.rows(facts)
    eligible = eligibility(rules.eligibility(), facts, row_of_lead)
    must_have_rep = np.full(facts.num_leads, rules.unassigned.forbidden)
    pairs = Pairs(facts, eligible, row_of_lead, must_have_rep)
    without_pin = np.setdiff1d(np.arange(pairs.num_rows), row_of_lead[list(fixed_pins(facts))])
    for row in without_pin:
        leads = snapshot.leads["lead_id"].iloc[pairs.leads_of(int(row))]
        assert set(leads) <= plain or pairs.has_nobody[row]
        assert set(leads).isdisjoint(plain) or not pairs.has_nobody[row]

"""`continuity.switching_cost`: an owned lead that changes hands loses a share of its value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given

from models.problem import NOBODY
from planner.compile import compile_problem
from planner.solve import make_plan
from tests.companies import hand_made, seeds, snapshots
from tests.planner.rules.readings import every_pair, facts_of
from tests.policies import BASE, PolicyMaker, faults_of, policy

if TYPE_CHECKING:
    from models.snapshot import Snapshot

SNAPSHOT = hand_made(
    {
        "owner": ["R1", "R1", None],
        "industry": ["tech", "bank", "tech"],
        "company": ["Acme", "Bond", "Acme"],
    },
    {"industries": ["bank", "tech", "*"]},
    history={
        "lead_id": ["H1"],
        "rep_id": ["R2"],
        "closed_on": ["2026-01-01"],
        "won": [1],
        "company": ["ACME, Inc."],
    },
)


def scores(**continuity: Any) -> list[list[float]]:
    """Return the scores of all pairs, nobody's last, lead by lead."""
    problem = compile_problem(SNAPSHOT, policy(continuity=continuity)).problem
    shaped: list[list[float]] = problem.score.reshape(3, 4).tolist()
    return shaped


def test_sentence() -> None:
    rules = policy(
        continuity={
            "switching_cost": {
                "share": "15%",
                "reduced_by": {"industry": "50%", "past_contact": "25%"},
            }
        }
    )
    assert (
        "An owned lead that changes hands loses 15 % of its expected value; 50 % less of that "
        "where the lead's industry is among the new rep's industries; 25 % less of that where "
        "the new rep has worked the same family or company before."
    ) in rules.describe()


def test_only_other_reps_of_owned_leads_lose() -> None:
    assert scores(switching_cost={"share": "20%"}) == [
        [50, 40, 40, -50],
        [50, 40, 40, -50],
        [50, 50, 50, -50],
    ]


def test_reductions_multiply() -> None:
    cost = {"share": "40%", "reduced_by": {"industry": "50%", "past_contact": "75%"}}
    # R2 knows tech and Acme, R3 knows every industry.
    assert scores(switching_cost=cost) == [
        [50, 50 - 20 * 0.5 * 0.25, 50 - 20 * 0.5, -50],
        [50, 30, 40, -50],
        [50, 50, 50, -50],
    ]


def test_nobody_costs_a_share_of_the_score_before_it() -> None:
    left = hand_made({"owner": ["R1"]}, {"active": [0, 1]})
    problem = compile_problem(
        left, policy(continuity={"switching_cost": {"share": "100%"}})
    ).problem
    assert problem.rep.tolist() == [1, NOBODY]
    assert problem.score.tolist() == [0, -50]


def test_a_lead_moves_only_for_more_than_it_loses() -> None:
    snapshot = hand_made(
        {"owner": ["R1", "R1"], "industry": ["tech", "bank"]}, {"industries": ["x", "tech"]}
    )
    prefer = [{"match": {"lead": "industry", "rep": "industries", "bonus": "10%"}}]
    for share, moves in (("5%", 1), ("15%", 0)):
        continuity = {"switching_cost": {"share": share}}
        plan = make_plan(snapshot, policy(prefer=prefer, continuity=continuity))
        assert plan.record.feasible
        assert plan.record.kpis.moves == moves


@pytest.mark.parametrize(
    ("switching_cost", "fault"),
    [
        (
            "{share: 0.15}",
            "continuity.switching_cost.share: got 0.15; "
            "a share is written with a percent sign, such as 15%",
        ),
        ("", "continuity.switching_cost: the key 'share' is missing"),
        (
            "{share: 15%, reduced_by: {industri: 50%}}",
            "continuity.switching_cost.reduced_by: unknown key 'industri'; the nearest is "
            "'industry'; known are industry, product, language, past_contact",
        ),
        (
            "{share: 150%}",
            "continuity.switching_cost.share: got '150%'; this share must not be above 100%",
        ),
    ],
)
def test_faults(switching_cost: str, fault: str) -> None:
    text = f"{BASE}continuity: {{switching_cost: {switching_cost}}}\n"
    assert faults_of(text) == [f"line 7: {fault}"]


def test_columns_that_are_not_there_are_told() -> None:
    text = BASE + "continuity: {switching_cost: {share: 15%, reduced_by: {industry: 50%}}}\n"
    assert faults_of(text, hand_made({"amount": [1]})) == [
        "line 7: switching_cost: table leads has no column 'owner'; add it, or leave the rule out",
        "line 7: switching_cost: table leads has no column 'industry'; "
        "add it, or leave the rule out",
        "line 7: switching_cost: table reps has no column 'industries'; "
        "add it, or leave the rule out",
    ]


@given(snapshots(), seeds())
def test_both_readings_agree(snapshot: Snapshot, seed: int) -> None:
    cost = PolicyMaker(np.random.default_rng(seed)).switching_cost()
    rules = policy(continuity={"switching_cost": cost})
    rules.check(snapshot)
    assert rules.switching_cost is not None
    case, lead, rep = every_pair(rules, snapshot)
    compiled = rules.switching_cost.cost_share(facts_of(rules, snapshot))(lead, rep)
    np.testing.assert_allclose(compiled, rules.switching_cost.plain_cost_share(case), rtol=1e-9)

"""`continuity.at_most_moves`: how many owned leads may change hands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, reject

from models.errors import NoPlanError
from planner.case import Case
from planner.compile import compile_problem
from planner.solve import make_plan
from tests.companies import hand_made, seeds, snapshots
from tests.planner.rules.readings import broken
from tests.policies import BASE, PolicyMaker, faults_of, policy

if TYPE_CHECKING:
    from models.snapshot import Snapshot

LEADS: dict[str, list[Any]] = {
    "owner": ["R1", "R1", "R1", "R2", None],
    "region": ["US/West/CA", "US/West/OR", "US/East", "US/West/CA", "US/West/CA"],
    "industry": ["tech"] * 5,
}
SNAPSHOT = hand_made(LEADS, {"industries": ["bank", "bank", "tech"]})
PREFER = [{"match": {"lead": "industry", "rep": "industries", "bonus": "100%"}}]


def moves(**budget: Any) -> list[str]:
    """Return the leads that R3, whom all of them suit best, gets under a budget."""
    continuity = {"at_most_moves": budget}
    plan = make_plan(SNAPSHOT, policy(prefer=PREFER, continuity=continuity))
    assert plan.record.feasible
    given = plan.assignments
    return given.loc[given["rep_id"] == "R3", "lead_id"].tolist()


def test_sentence() -> None:
    budget = {
        "total": 40,
        "per_losing_rep": 3,
        "per_gaining_rep": 5,
        "per_region": {"at_most": 20, "depth": 2},
    }
    told = policy(continuity={"at_most_moves": budget}).describe()
    assert (
        "At most 40, 3 from any one rep, 5 to any one rep, 20 in any one region (to depth 2 of its "
        "path) of the owned leads change hands; those that their owner may not keep do not count."
    ) in told


def test_budgets_hold() -> None:
    assert moves(total=9) == ["L1", "L2", "L3", "L4", "L5"]
    # L5 has no owner: it moves whatever the budget.
    assert len(moves(total=2)) == 3
    assert moves(total=0) == ["L5"]
    assert moves(per_losing_rep=0) == ["L5"]
    assert len(moves(per_losing_rep=1)) == 3
    assert len(moves(per_gaining_rep=2)) == 3
    assert moves(per_region=1) in (["L1", "L2", "L3", "L5"], ["L2", "L3", "L4", "L5"])
    assert len(moves(per_region={"at_most": 1, "depth": 2})) == 3


def test_what_the_checker_says() -> None:
    everyone = {f"L{at}": "R3" for at in (1, 2, 3)} | {"L5": "R1"}
    continuity = {
        "at_most_moves": {"total": 1, "per_losing_rep": 2, "per_gaining_rep": 2, "per_region": 1}
    }
    # L4 has lost its owner, too: nobody works it.
    assert broken(SNAPSHOT, everyone, continuity=continuity) == [
        "at_most_moves:: 4 owned leads change hands; the limit is 1",
        "at_most_moves: R1: 3 owned leads change hands from R1; the limit is 2",
        "at_most_moves: R3: 3 owned leads change hands to R3; the limit is 2",
        "at_most_moves:: 2 owned leads change hands in US/West/CA; the limit is 1",
    ]


def test_leads_whose_owner_may_not_keep_them_do_not_count() -> None:
    snapshot = hand_made(LEADS, {"active": [0, 1, 1]})
    plan = make_plan(snapshot, policy(continuity={"at_most_moves": {"total": 0}}))
    assert plan.record.kpis.moves == plan.record.kpis.forced_moves == 3
    assert plan.assignments.loc[3, "rep_id"] == "R2"


def test_a_family_counts_each_of_its_leads() -> None:
    snapshot = hand_made(
        {"owner": ["R1", "R1", "R2", None], "family": ["F"] * 4}, {"level": [1, 1, 1]}
    )
    for total, reps in ((0, 0), (1, 1), (2, 2), (3, 4)):
        compiled = compile_problem(snapshot, policy(continuity={"at_most_moves": {"total": total}}))
        problem = compiled.problem
        fits = [problem.is_feasible(np.array([pair])) for pair in range(problem.num_pairs)]
        assert sum(fits) == reps


@pytest.mark.parametrize(
    ("budget", "fault"),
    [
        (
            "{}",
            "continuity.at_most_moves: got {}; "
            "needs at least one of total, per_losing_rep, per_gaining_rep, per_region",
        ),
        ("{total: -1}", "continuity.at_most_moves.total: got -1; must be at least 0"),
        ("{total: 1.5}", "continuity.at_most_moves.total: got 1.5; must be a whole number"),
        (
            "{per_region: {at_most: 2, deep: 2}}",
            "continuity.at_most_moves.per_region: unknown key 'deep'; the nearest is 'depth'; "
            "known are at_most, depth",
        ),
        (
            "{per_rep: 2}",
            "continuity.at_most_moves: unknown key 'per_rep'; the nearest is 'per_region'; "
            "known are total, per_losing_rep, per_gaining_rep, per_region",
        ),
    ],
)
def test_faults(budget: str, fault: str) -> None:
    assert faults_of(f"{BASE}continuity: {{at_most_moves: {budget}}}\n") == [f"line 7: {fault}"]


@given(snapshots(), seeds())
def test_both_readings_agree(snapshot: Snapshot, seed: int) -> None:
    rng = np.random.default_rng(seed)
    budget = PolicyMaker(rng).at_most_moves()
    rules = policy(continuity={"at_most_moves": budget})
    try:
        compiled = compile_problem(snapshot, rules)
    except NoPlanError:
        reject()  # a lead is fixed to a rep who has left
    problem = compiled.problem
    length = np.diff(problem.indptr)
    for _ in range(3):
        chosen = problem.indptr[:-1] + rng.integers(length)
        frame = snapshot.leads[["lead_id"]].copy()
        rep = compiled.rep_of_leads(chosen)
        frame["rep_id"] = snapshot.reps["rep_id"].array.take(rep, allow_fill=True)
        assert rules.at_most_moves is not None
        found = list(rules.at_most_moves.violations(Case(rules, snapshot, frame)))
        over = [
            (load - limit, resource.name)
            for resource, _, load, limit in problem.breaches(chosen)
            if resource.name.startswith("moves")
        ]
        assert sorted(violation.amount for violation in found) == sorted(by for by, _ in over)
        assert compiled.ownership.moved(rep).sum() >= compiled.ownership.forced(rep).sum()

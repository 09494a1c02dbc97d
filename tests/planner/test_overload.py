"""Reps who are over a limit today: brought down as far as the moves allow, and they never gain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import assume, given, settings

from models.errors import NoPlanError
from models.outcome import Limits
from models.settled import Settled
from planner.check import check
from planner.compile import compile_problem
from planner.engines.exact import Exact
from planner.overload import as_they_are, may_stay_overfull, overfull, settle, stage_problem
from planner.solve import evaluate, make_plan
from tests.brute_force import best_assignment
from tests.companies import POOL, company, hand_made, seeds
from tests.planner.rules.readings import every_pair
from tests.policies import policy, random_policy_of
from tests.watchers import solve

if TYPE_CHECKING:
    from models.plan import Plan
    from models.snapshot import Snapshot

LEADS: dict[str, list[Any]] = {"owner": ["R1"] * 5 + [None], "amount": [1, 2, 3, 4, 5, 100]}
SNAPSHOT = hand_made(LEADS, {"max_leads": [2, 9]})
CAPACITY = [{"measure": "count", "at_most": "max_leads"}]


def plan(snapshot: Snapshot = SNAPSHOT, **continuity: Any) -> Plan:
    """Return the plan under limits on leads and rules on moves."""
    return make_plan(snapshot, policy(capacity=CAPACITY, continuity=continuity))


def test_a_book_stays_as_full_as_the_budget_leaves_it() -> None:
    for total, left in ((0, 5), (2, 3), (3, None)):
        made = plan(at_most_moves={"total": total})
        assert made.record.feasible
        limits = made.record.settled.effective_limits
        assert limits == ({} if left is None else {"count": {"R1": left}})
        (stage,) = made.record.stages
        excess = 0 if left is None else (left - 2) / 2
        assert stage.objective == pytest.approx(-100 * excess)
        assert stage.bound == pytest.approx(-100 * excess, abs=1e-3)
        # The best lead of all goes to the other one: who is over a limit gains nothing.
        if left is not None:
            assert made.assignments["rep_id"].tolist().count("R1") == left
        assert made.assignments["rep_id"].iloc[5] == "R2"


def test_protection_keeps_a_book_overfull_too() -> None:
    made = plan(protect=[{"where": {"owner": "R1"}}])
    assert made.record.settled.effective_limits == {"count": {"R1": 5}}
    assert made.record.kpis.moves == 0


def test_a_team_comes_down_as_far_as_the_budget_lets_it() -> None:
    snapshot = hand_made(LEADS, {"team": ["west", None], "max_leads": [9, 9]})
    capacity = [{"measure": "count", "at_most": 2, "per": "team"}]
    moves = {"at_most_moves": {"total": 2}}
    made = make_plan(snapshot, policy(capacity=capacity, continuity=moves))
    assert made.record.settled.effective_limits == {"count per team": {"west": 3}}
    assert made.assignments["rep_id"].tolist().count("R1") == 3
    assert made.assignments["rep_id"].iloc[5] == "R2"


def test_without_rules_on_moves_there_is_no_stage() -> None:
    made = plan(switching_cost={"share": "10%"})
    assert made.record.stages == ()
    assert made.assignments["rep_id"].tolist().count("R1") == 2


def test_a_lead_fixed_to_an_overfull_rep_comes_in_all_the_same() -> None:
    pins = {"lead_id": ["L6"], "rep_id": ["R1"], "kind": ["fixed"]}
    made = plan(hand_made(LEADS, {"max_leads": [2, 9]}, pins=pins), at_most_moves={"total": 3})
    assert made.record.settled.effective_limits == {"count": {"R1": 3}}
    assert made.assignments["rep_id"].iloc[5] == "R1"


def test_a_family_brings_an_overfull_rep_its_other_leads() -> None:
    leads: dict[str, list[Any]] = {
        "owner": ["R1", None, "R1"],
        "company": ["Acme", "Acme", "Bolt"],
        "product": list("abc"),
    }
    for owner_first in (True, False):
        made = make_plan(
            hand_made(leads, {"max_leads": [9, 9]}),
            policy(
                capacity=[{"measure": "count", "at_most": 1}],
                continuity={"at_most_moves": {"total": 0}},
                families={"by": "company", "owner_first": owner_first},
            ),
        )
        assert made.record.settled.effective_limits == {"count": {"R1": 3}}
        assert made.assignments["rep_id"].tolist() == ["R1"] * 3


def test_an_assignment_made_elsewhere_may_leave_books_as_they_are() -> None:
    rules = policy(capacity=CAPACITY, continuity={"at_most_moves": {"total": 2}})
    made = make_plan(SNAPSHOT, rules)
    again = evaluate(SNAPSHOT, rules, made.assignments)
    assert again.record.feasible
    today = SNAPSHOT.leads[["lead_id", "owner"]].set_axis(["lead_id", "rep_id"], axis=1)
    assert evaluate(SNAPSHOT, rules, today).record.feasible


def test_a_plan_to_start_from_is_kept_where_the_time_is_over() -> None:
    rules = policy(capacity=CAPACITY, continuity={"at_most_moves": {"total": 2}})
    first = make_plan(SNAPSHOT, rules)
    again = make_plan(SNAPSHOT, rules, start=first, limits=Limits(seconds=0.0))
    assert again.record.settled == first.record.settled
    assert first.record.objective is not None
    assert again.record.objective == pytest.approx(first.record.objective)


def test_the_checker_refuses_limits_above_today_and_gains() -> None:
    rules = policy(capacity=CAPACITY, continuity={"at_most_moves": {"total": 0}})
    frame = SNAPSHOT.leads[["lead_id"]].assign(rep_id="R1")
    told = [
        f"{found.rep_id} {found.lead_id}: {found.text}"
        for found in check(rules, SNAPSHOT, frame, Settled(effective_limits={"count": {"R1": 6.0}}))
    ]
    assert told == [
        "R1 : the plan lets 6 of count stay, but it is 5 today",
        "R1 L6: the rep is over the limit of count today and gains the lead",
    ]


@settings(max_examples=40)
@given(seeds(), seeds())
def test_both_readings_of_gains_agree(of_company: int, of_policy: int) -> None:
    snapshot, rules = company(of_company), random_policy_of(of_policy)
    try:
        compiled = compile_problem(snapshot, rules)
        given_limits = as_they_are(compiled)
        stayed = compile_problem(snapshot, rules, settled=given_limits)
    except NoPlanError:
        assume(False)
    case, lead, rep = every_pair(rules, snapshot)
    case.settled = given_limits
    gains = {at for rule in rules.capacity for at in rule.plain_gains(case)}
    row = compiled.row_of_lead[lead]
    barred_rows = {(int(row[at]), int(rep[at])) for at in gains}
    pairs = [
        {(int(r), int(p)) for r, p in zip(each.problem.pair_rows(), each.problem.rep, strict=True)}
        for each in (compiled, stayed)
    ]
    assert pairs[1] == {pair for pair in pairs[0] if pair not in barred_rows}
    for number, over in overfull(compiled).items():
        upper = stayed.problem.resources[number].upper
        assert (upper[over] > compiled.problem.resources[number].upper[over]).all()


@pytest.mark.parametrize(
    "of_companies", [range(80), pytest.param(range(80, 200), marks=pytest.mark.hard)]
)
def test_no_plan_exceeds_limits_less(of_companies: range) -> None:
    num_stages = 0
    for seed in of_companies:
        snapshot, rules = company(seed % POOL), random_policy_of(seed * 7 % POOL)
        try:
            compiled = compile_problem(snapshot, rules)
            if not may_stay_overfull(compiled):
                continue
            stayed = compile_problem(snapshot, rules, settled=as_they_are(compiled))
        except NoPlanError:
            continue
        stage = stage_problem(compiled, stayed)
        _, best = best_assignment(stage)
        outcome = solve(Exact(), stage)
        assert (outcome.chosen is None) == np.isneginf(best)
        if outcome.chosen is None:
            continue
        num_stages += 1
        assert outcome.objective == pytest.approx(best, abs=0.02)
        found = settle(compiled, stage, outcome.chosen)
        # What was reached can be kept under the limits that it gives.
        last = compile_problem(snapshot, rules, settled=found)
        kept = last.chosen_pairs(stayed.rep_of_leads(outcome.chosen))
        assert kept is not None
        assert last.problem.is_feasible(kept)
    assert num_stages > 5

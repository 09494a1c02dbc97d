"""KPIs: the indices against their definitions, the figures against a count lead by lead."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from models.errors import NoPlanError
from models.settled import Settled
from planner.assemble import lead_scores
from planner.compile import compile_problem
from planner.kpis import gini, jain, kpis
from tests.companies import company, hand_made, seeds
from tests.planner.slow_compile import SlowCompiler
from tests.policies import policy, random_policy, random_policy_of

LOADS = st.lists(st.floats(0, 1e6), min_size=1, max_size=9)


@given(LOADS)
def test_gini_is_half_the_mean_difference_over_the_mean(loads: list[float]) -> None:
    assume(sum(loads) > 1e-3)
    differences = [abs(one - other) for one in loads for other in loads]
    expected = np.mean(differences) / 2 / np.mean(loads)
    assert gini(np.array(loads)) == pytest.approx(expected, abs=1e-9)


@given(LOADS)
def test_jain_is_the_square_of_the_mean_over_the_mean_of_squares(loads: list[float]) -> None:
    assume(sum(loads) > 1e-3)
    expected = np.mean(loads) ** 2 / np.mean(np.square(loads))
    assert jain(np.array(loads)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("loads", "is_gini", "is_jain"),
    [([5, 5, 5], 0, 1), ([0, 0, 9], 2 / 3, 1 / 3), ([0, 0], 0, 1), ([], 0, 1), ([7], 0, 1)],
    ids=str,
)
def test_indices_of_plain_cases(loads: list[float], is_gini: float, is_jain: float) -> None:
    assert gini(np.array(loads)) == pytest.approx(is_gini)
    assert jain(np.array(loads)) == pytest.approx(is_jain)


def test_figures_of_a_hand_made_plan() -> None:
    snapshot = hand_made(
        {
            "amount": [100, 200, 400, 800],
            "owner": ["R1", "R1", None, "R2"],
            "effort_hours": [1, None, 3, 4],
        },
        {
            "base_hours": [2, None, 9],
            "base_leads": [None, 1, 9],
            "active": [1, 1, 0],
            "capacity_hours": [4, 2.5, 40],
        },
    )
    rules = policy(capacity=[{"measure": "effort_hours", "at_most": "capacity_hours"}])
    compiled = compile_problem(snapshot, rules)
    rep_of_lead = np.array([0, 1, -1, -1])
    found = kpis(compiled, rep_of_lead, lead_scores(compiled, rep_of_lead))
    assert (found.expected_value, found.score) == (150, 150 - 200 - 400)
    assert (found.leads, found.assigned, found.unassigned, found.coverage) == (4, 2, 2, 0.5)
    # L2 goes to R2, and R2's own L4 to nobody, which is worth nothing.
    assert (found.moves, found.value_moved) == (2, 100)
    hours = found.loads["effort_hours"]
    assert (hours.unit, hours.least, hours.mean, hours.most, hours.total) == ("hours", 1, 2, 3, 4)
    # R1 has 1 of 4 hours left, R2 1.5 of 2.5; the smallest lead takes 1.
    assert hours.at_limit == 0
    count = found.loads["count"]
    assert (count.least, count.most, count.at_limit) == (1, 2, None)
    assert (found.loads["amount"].most, found.loads["expected_value"].most) == (200, 100)


def test_a_rep_without_room_for_the_smallest_lead_is_at_the_limit() -> None:
    snapshot = hand_made({"effort_hours": [1, 0, 2, 2]}, {"capacity_hours": [2.5, 3, 4]})
    rules = policy(capacity=[{"measure": "effort_hours", "at_most": "capacity_hours"}])
    compiled = compile_problem(snapshot, rules)
    found = kpis(compiled, np.array([-1, 0, 0, 1]), np.zeros(4))
    assert found.loads["effort_hours"].at_limit == pytest.approx(1 / 3)


@settings(max_examples=40)
@given(seeds(), seeds(), seeds())
def test_figures_equal_a_count_lead_by_lead(of_company: int, of_policy: int, of_plan: int) -> None:
    snapshot, rules = company(of_company), random_policy_of(of_policy)
    try:
        compiled = compile_problem(snapshot, rules)
    except NoPlanError:
        assume(False)
    reps: list[str] = snapshot.reps["rep_id"].tolist()
    slow = SlowCompiler(random_policy(np.random.default_rng(of_policy)), snapshot)
    rep_of_lead = np.random.default_rng(of_plan).integers(-1, len(reps), snapshot.num_leads)
    found = kpis(compiled, rep_of_lead, np.zeros(snapshot.num_leads))
    loads: dict[str, dict[str, float]] = {
        "count": {rep["rep_id"]: rep["base_leads"] or 0.0 for rep in slow.reps},
        "effort_hours": {
            rep["rep_id"]: (rep["base_hours"] or 0.0) * slow.weeks for rep in slow.reps
        },
        "amount": dict.fromkeys(reps, 0.0),
        "expected_value": dict.fromkeys(reps, 0.0),
    }
    value = value_moved = 0.0
    moves = 0
    for lead, position in zip(slow.leads, rep_of_lead.tolist(), strict=True):
        rep: dict[str, Any] | None = slow.reps[position] if position >= 0 else None
        worth = slow.amount(lead) * slow.chance(lead, rep) if rep else 0.0
        value += worth
        if lead["owner"] is not None and (rep is None or lead["owner"] != rep["rep_id"]):
            moves += 1
            value_moved += worth
        if rep:
            hours = 1.0 if lead["effort_hours"] is None else lead["effort_hours"]
            loads["count"][rep["rep_id"]] += 1
            loads["effort_hours"][rep["rep_id"]] += hours * slow.weeks
            loads["amount"][rep["rep_id"]] += slow.amount(lead)
            loads["expected_value"][rep["rep_id"]] += worth
    assert found.expected_value == pytest.approx(value)
    assert found.moves == moves
    assert found.value_moved == pytest.approx(value_moved)
    at_work = [rep for rep in slow.reps if not slow.has_left(rep)]
    assert bool(found.loads) == bool(at_work)
    for measure, load in found.loads.items():
        every = [loads[measure][rep["rep_id"]] for rep in at_work]
        assert load.least == pytest.approx(min(every))
        assert load.most == pytest.approx(max(every))
        assert load.total == pytest.approx(sum(every))
        assert load.mean == pytest.approx(sum(every) / len(every))


def test_groups_are_grades_regions_and_teams() -> None:
    snapshot = hand_made(
        {
            "amount": [100, 200, 400, 800],
            "owner": ["R1", "R1", None, "R2"],
            "grade": ["A", "B", "A", None],
            "region": ["US/West/CA", "US/West/OR", "DE", None],
        },
        {"team": ["red", "blue"]},
    )
    compiled = compile_problem(snapshot, policy())
    rep_of_lead = np.array([0, 1, -1, 1])
    found = kpis(compiled, rep_of_lead, lead_scores(compiled, rep_of_lead)).groups
    told = [(g.by, g.name, g.leads, g.assigned, g.expected_value, g.moves) for g in found]
    assert told == [
        ("grade", "", 1, 1, 400, 0),
        ("grade", "A", 2, 1, 50, 0),
        ("grade", "B", 1, 1, 100, 1),
        ("region", "", 1, 1, 400, 0),
        ("region", "DE", 1, 0, 0, 0),
        ("region", "US/West", 2, 2, 150, 1),
        ("team", "blue", 2, 2, 500, 1),
        ("team", "red", 1, 1, 50, 0),
    ]
    assert found[1].coverage == 0.5


def test_shares_within_the_band_and_spread() -> None:
    snapshot = hand_made({"amount": [100, 100, 100, 100]}, {"level": [1, 1, 1]})
    rules = policy(
        fairness=[{"measure": "expected_value", "within": "30%", "mode": "soft", "cost": 1}]
    )
    given = Settled(fair_totals={"fair expected_value": 200})
    compiled = compile_problem(snapshot, rules, settled=given)
    rep_of_lead = np.array([0, 0, 1, 2])
    loads = kpis(compiled, rep_of_lead, lead_scores(compiled, rep_of_lead)).loads
    value = loads["expected_value"]
    # The fair share is 66.7: 100 is outside of 46.7 to 86.7, 50 is inside.
    assert value.in_band == pytest.approx(2 / 3)
    assert value.most_over_least == 2
    assert value.deviation == pytest.approx(np.std([100, 50, 50]))
    assert loads["count"].in_band is None

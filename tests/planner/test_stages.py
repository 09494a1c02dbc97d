"""The stages before the plan: what they settle, prove and leave behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from models.errors import NoPlanError
from models.files.plan_files import read_plan, write_plan
from models.outcome import Limits
from models.plan import OVERLOAD, REFERENCE
from planner.certificate import derive_bounds, false_figures
from planner.compile import compile_problem
from planner.engines.exact import Exact
from planner.solve import evaluate, make_plan
from planner.stages import SHARE, Stages
from tests.brute_force import best_assignment
from tests.companies import hand_made
from tests.policies import policy
from tests.watchers import EXACTLY, Notebook, solve

if TYPE_CHECKING:
    from pathlib import Path

    from models.plan import Plan

SNAPSHOT = hand_made(
    {
        "amount": [20, 40, 60, 80, 100, 120, 20],
        "owner": ["R1"] * 6 + ["R2"],
        "industry": ["tech"] * 7,
    },
    {"industries": ["tech", "bank", "bank"], "max_leads": [4, 9, 9]},
)
PREFER = [{"match": {"lead": "industry", "rep": "industries", "bonus": "50%"}}]
FAIR = [{"measure": "expected_value", "within": "20%", "mode": "hard"}]
CAPACITY = [{"measure": "count", "at_most": "max_leads"}]


def plan(**parts: Any) -> Plan:
    """Return the plan of the company."""
    return make_plan(SNAPSHOT, policy(prefer=PREFER, **parts))


def test_a_policy_without_fairness_or_budgets_has_no_stage() -> None:
    made = plan(capacity=CAPACITY)
    assert made.record.stages == ()
    assert made.reference is None
    assert made.record.kpis.price_of_fairness is None


def test_fair_totals_are_those_of_the_plan_without_fairness() -> None:
    made = plan(fairness=FAIR)
    (stage,) = made.record.stages
    assert stage.name == REFERENCE
    # Without fairness R1 takes all, at half as much again.
    assert stage.objective == pytest.approx(330)
    assert stage.bound == pytest.approx(330)
    assert made.record.settled.fair_totals == {"fair expected_value": pytest.approx(220)}
    assert made.reference is not None
    assert made.reference["rep_id"].tolist() == ["R1"] * 7
    loads = made.reps["expected_value"].to_numpy()
    assert (loads >= 0.8 * 220 / 3 - 1e-6).all()
    assert (loads <= 1.2 * 220 / 3 + 1e-6).all()
    assert made.record.kpis.price_of_fairness == pytest.approx(0)
    assert made.record.objective == pytest.approx(_best(made))


def _best(made: Plan) -> float:
    """Return the best objective under what a plan's stages settled."""
    rules = policy(prefer=PREFER, fairness=FAIR)
    problem = compile_problem(SNAPSHOT, rules, settled=made.record.settled).problem
    return best_assignment(problem)[1]


def test_both_stages_run_where_both_are_needed(tmp_path: Path) -> None:
    soft = [{"measure": "expected_value", "within": "10%", "mode": "soft", "cost": 0.2}]
    continuity = {"at_most_moves": {"total": 1}, "switching_cost": {"share": "5%"}}
    made = plan(capacity=CAPACITY, fairness=soft, continuity=continuity)
    assert [stage.name for stage in made.record.stages] == [OVERLOAD, REFERENCE]
    assert made.record.settled.effective_limits == {"count": {"R1": 5}}
    assert made.record.kpis.moves == 1
    # Without continuity R1 comes down to 4 leads, and the industry decides no expected value.
    assert made.record.kpis.price_of_continuity == pytest.approx(0)
    (told,) = [each for each in made.record.sentences if each.rule == "fairness"]
    assert not told.kept
    assert told.violations == 3
    assert made.record.feasible
    write_plan(made, tmp_path / "plan")
    again = read_plan(tmp_path / "plan")
    assert again.record == made.record
    assert again.reference is not None
    assert made.reference is not None
    assert again.reference["rep_id"].tolist() == made.reference["rep_id"].tolist()
    rules = policy(prefer=PREFER, capacity=CAPACITY, fairness=soft, continuity=continuity)
    assert false_figures(SNAPSHOT, rules, again) == []
    assert derive_bounds(SNAPSHOT, rules, again).allows(again.record.bound)


def test_continuity_has_a_price() -> None:
    # Half of all is won: R1 has a rate of 0.5 / 3, R2 of 2.5 / 3.
    history: dict[str, list[Any]] = {
        "lead_id": ["H1", "H2", "H3", "H4"],
        "rep_id": ["R1", "R1", "R2", "R2"],
        "closed_on": ["2026-01-01"] * 4,
        "won": [0, 0, 1, 1],
    }
    snapshot = hand_made({"owner": ["R1"], "amount": [300]}, history=history)
    rules = policy(
        win_probability={"history": {"prior_strength": 1}},
        continuity={"at_most_moves": {"total": 0}},
    )
    priced, unpriced = (make_plan(snapshot, rules, rule_prices=told) for told in (True, False))
    assert priced.record.kpis.expected_value == pytest.approx(50)
    assert priced.record.kpis.price_of_continuity == pytest.approx(200)
    assert unpriced.record.kpis.price_of_continuity is None


def test_an_assignment_made_elsewhere_is_its_own_reference() -> None:
    frame = SNAPSHOT.leads[["lead_id"]].assign(rep_id="R1")
    made = evaluate(SNAPSHOT, policy(fairness=FAIR), frame)
    assert made.record.settled.fair_totals == {"fair expected_value": pytest.approx(220)}
    assert not made.record.feasible
    assert len(made.record.breaches) == 3


def test_a_band_that_cannot_hold_leaves_no_plan() -> None:
    far = [{"measure": "expected_value", "within": "1%", "mode": "hard"}]
    with pytest.raises(NoPlanError, match="infeasible"):
        plan(fairness=far)


def test_a_stage_takes_a_share_of_the_time_left() -> None:
    stages = Stages("exact", Limits(seconds=10), None, Notebook())
    assert 9 < (stages.limits_left().seconds or 0) <= 10
    assert 0 < SHARE < 1
    assert Stages("exact", Limits(seconds=None), None, Notebook()).limits_left().seconds is None


@pytest.mark.parametrize("seed", range(4))
def test_plans_of_random_companies_are_the_best_under_what_is_settled(seed: int) -> None:
    rng = np.random.default_rng(seed)
    num_leads, num_reps = 7, 3
    snapshot = hand_made(
        {
            "amount": rng.integers(1, 100, num_leads).tolist(),
            "owner": [f"R{at}" for at in rng.integers(1, num_reps + 1, num_leads)],
            "industry": rng.choice(["tech", "bank"], num_leads).tolist(),
        },
        {"industries": ["tech", "bank", "tech;bank"], "max_leads": [2, 3, 4]},
    )
    rules = policy(
        prefer=PREFER,
        capacity=CAPACITY,
        fairness=[
            {"measure": "expected_value", "within": "20%", "mode": "soft", "cost": 0.7},
            {"measure": "count", "within": "10%", "mode": "soft", "cost": 3},
        ],
        continuity={
            "switching_cost": {"share": "15%", "reduced_by": {"industry": "50%"}},
            "at_most_moves": {"total": 3, "per_gaining_rep": 2},
        },
    )
    limits = Limits(seconds=None, gap=0.0, threads=1)
    staged = Stages("exact", limits, None, Notebook()).run(compile_problem(snapshot, rules))
    problem = staged.compiled.problem
    outcome = solve(Exact(), problem)
    assert outcome.objective == pytest.approx(best_assignment(problem)[1], abs=0.02)
    assert staged.start is not None
    assert problem.is_feasible(staged.start.chosen)


def test_known_fair_totals_are_not_found_again() -> None:
    snapshot = hand_made({"amount": [100, 60, 40]}, {"max_leads": [3, 3]})
    rules = policy(
        fairness=[{"measure": "count", "within": "10%", "mode": "soft", "cost": 1.0}],
        capacity=[{"measure": "count", "at_most": "max_leads"}],
    )
    first = make_plan(snapshot, rules, limits=EXACTLY)
    assert [stage.name for stage in first.record.stages] == [REFERENCE]
    again = make_plan(snapshot, rules, limits=EXACTLY, fair_totals={"fair count": 8.0})
    assert again.record.stages == ()
    assert again.record.settled.fair_totals == {"fair count": 8.0}
    other = make_plan(snapshot, rules, limits=EXACTLY, fair_totals={"fair amount": 8.0})
    assert other.record.settled.fair_totals == first.record.settled.fair_totals

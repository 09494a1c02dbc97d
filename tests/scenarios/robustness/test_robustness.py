"""Plans under uncertainty: unbiased, the same draws for all, and known chances to break."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from models.errors import PlanFileError, UsageError
from planner.baseline import make_baselines
from planner.policy import policy_from_text
from planner.solve import evaluate, make_plan
from scenarios.generate import CompanySpec, generate, policy_text
from scenarios.robustness.chances import Chances
from scenarios.robustness.draws import World
from scenarios.robustness.robustness import Robustness, robustness
from scenarios.robustness.uncertainty import Uncertainty
from tests.companies import hand_made
from tests.policies import policy

if TYPE_CHECKING:
    from models.plan import Plan
    from models.snapshot import Snapshot
    from planner.policy import Policy

CERTAIN = Uncertainty(strength=math.inf, outcomes=False)


@pytest.fixture(scope="module")
def company() -> tuple[Snapshot, Policy, dict[str, Plan]]:
    """Return a company of 120 leads and 6 reps, and two plans of it."""
    spec = CompanySpec(num_leads=120, num_reps=6)
    snapshot, rules = generate(spec).snapshot(), policy_from_text(policy_text(spec))
    plan = make_plan(snapshot, rules, engine="greedy", rule_prices=False)
    (other,) = make_baselines(snapshot, rules, ["round_robin"]).values()
    return snapshot, rules, {"plan": plan, "round_robin": other}


def told(found: Robustness, plan: str, metric: str) -> Any:
    """Return (n_draws,) values."""
    table = found.outcomes
    return table["value"][(table["plan"] == plan) & (table["metric"] == metric)].to_numpy()


def assigned(snapshot: Snapshot, rules: Policy, *reps: str) -> Plan:
    """Return the plan in which the first leads go to these reps."""
    leads = snapshot.leads["lead_id"][: len(reps)]
    return evaluate(snapshot, rules, pd.DataFrame({"lead_id": leads, "rep_id": reps}))


def likely(count: int, draws: int, probability: float) -> bool:
    """Return whether so many of the draws are not too unlikely (exact binomial test)."""
    return bool(stats.binomtest(count, draws, probability).pvalue > 1e-4)


def test_values_are_unbiased(company: tuple[Snapshot, Policy, dict[str, Plan]]) -> None:
    snapshot, rules, plans = company
    found = robustness(snapshot, rules, plans, Uncertainty(strength=20), draws=800, seed=3)
    for name, plan in plans.items():
        for metric in ("expected_value", "realized_value"):
            values = told(found, name, metric)
            error = values.std() / math.sqrt(len(values))
            assert error > 0
            assert abs(values.mean() - plan.record.kpis.expected_value) < 4.5 * error


def test_nothing_uncertain_leaves_the_plan(
    company: tuple[Snapshot, Policy, dict[str, Plan]],
) -> None:
    snapshot, rules, plans = company
    found = robustness(snapshot, rules, plans, CERTAIN, draws=3)
    for name, plan in plans.items():
        for metric in ("expected_value", "realized_value", "value"):
            assert told(found, name, metric) == pytest.approx(plan.record.kpis.expected_value)
        assert (told(found, name, "promises_broken") == 0).all()
        most = max(told(found, name, "fullest"))
        assert 0 < most <= 1 + 1e-6
    summary = found.summary
    for quantile in ("mean", "p5", "p50", "p95"):
        assert summary[quantile].to_numpy() == pytest.approx(summary["planned"].to_numpy())


def test_equal_plans_fare_equally_in_the_same_draws(
    company: tuple[Snapshot, Policy, dict[str, Plan]],
) -> None:
    snapshot, rules, plans = company
    given = Uncertainty(arrivals=15, absence=0.2)
    twice = {"first": plans["plan"], "second": plans["plan"]}
    found = robustness(snapshot, rules, twice, given, draws=40)
    assert (found.differences["equal"] == 1).all()
    assert told(found, "first", "realized_value").std() > 0
    assert told(found, "first", "arrivals_placed").sum() > 0
    again = robustness(snapshot, rules, twice, given, draws=40)
    assert found.outcomes.equals(again.outcomes)
    other = robustness(snapshot, rules, twice, given, draws=40, seed=1)
    assert not found.outcomes.equals(other.outcomes)


def test_what_is_uncertain_in_one_thing_moves_no_other(
    company: tuple[Snapshot, Policy, dict[str, Plan]],
) -> None:
    snapshot, rules, plans = company
    still = robustness(snapshot, rules, plans, draws=20)
    moved = robustness(snapshot, rules, plans, Uncertainty(arrivals=9, absence=0.5), draws=20)
    for metric in ("expected_value", "realized_value"):
        assert (told(still, "plan", metric) == told(moved, "plan", metric)).all()
    assert told(moved, "plan", "promises_broken").sum() > 0


def test_arrivals_fill_the_room_and_break_no_hard_cap(
    company: tuple[Snapshot, Policy, dict[str, Plan]],
) -> None:
    snapshot, rules, plans = company
    found = robustness(snapshot, rules, plans, Uncertainty(arrivals=200), draws=12)
    came, placed = (told(found, "plan", name) for name in ("arrivals", "arrivals_placed"))
    assert abs(came.mean() - 200) < 4.5 * math.sqrt(200 / 12)
    assert (placed < came).all()
    assert (placed > 0).all()
    assert (told(found, "plan", "promises_broken") == 0).all()
    assert (told(found, "plan", "arrivals_value") > 0).all()


def test_an_absence_breaks_a_full_week_as_often_as_it_must() -> None:
    # 8 of 10 hours: 2 to 5 of 5 days away are too many, which 0.3 x 4/5 of the weeks have.
    snapshot = hand_made(
        {"effort_hours": [8, 8], "owner": ["R1", "R2"]}, {"capacity_hours": [10, 10]}
    )
    rules = policy(capacity=[{"measure": "effort_hours", "at_most": "capacity_hours"}])
    plan, draws = assigned(snapshot, rules, "R1", "R2"), 2_000
    found = robustness(
        snapshot, rules, {"plan": plan}, Uncertainty(absence=0.3), draws=draws
    ).promises.set_index("holder")
    for rep in ("R1", "R2"):
        assert likely(round(found["probability"][rep] * draws), draws, 0.24)
    assert likely(round(found["probability"][""] * draws), draws, 1 - 0.76**2)
    # Too much by 2, 4, 6 or 8 hours, each as likely.
    assert found["mean_outside"]["R1"] == pytest.approx(0.3 * 20 / 5, abs=0.3)


def test_a_team_loses_what_its_reps_do() -> None:
    snapshot = hand_made({"effort_hours": [30]}, {"capacity_hours": [30, 10], "team": ["a", "a"]})
    limit = {"measure": "effort_hours", "at_most": "capacity_hours", "per": "team"}
    rules = policy(capacity=[limit])
    plan, draws = assigned(snapshot, rules, "R1"), 2_000
    given = Uncertainty(absence=0.5, days_absent=1)
    found = robustness(snapshot, rules, {"plan": plan}, given, draws=draws).promises
    # A day takes 6 hours of R1 and 2 of R2: of 40, 30 are left.
    assert found["probability"].tolist() == [0.0]
    given = Uncertainty(absence=0.5, days_absent=2)
    found = robustness(snapshot, rules, {"plan": plan}, given, draws=draws).promises
    # Two days of R1 take 12 hours, one of R1 and two of R2 take 10, which is not too many.
    assert likely(round(found["probability"][0] * draws), draws, 0.25)


def test_a_cap_on_value_breaks_by_the_distribution_of_its_error() -> None:
    # Beta(1, 1) is uniform: 100 x U is above 80 in a fifth of the draws.
    snapshot = hand_made({"amount": [100]}, {"level": [1]})
    rules = policy(capacity=[{"measure": "expected_value", "at_most": 80}])
    plan, draws = assigned(snapshot, rules, "R1"), 2_000
    found = robustness(snapshot, rules, {"plan": plan}, Uncertainty(strength=2), draws=draws)
    assert likely(round(found.promises["probability"][0] * draws), draws, 0.2)
    assert likely(int((told(found, "plan", "realized_value") > 0).sum()), draws, 0.5)


def test_a_soft_band_is_told_but_not_counted() -> None:
    snapshot = hand_made({"amount": [100, 100], "owner": ["R1", "R2"]})
    band = {"measure": "expected_value", "within": "10%", "mode": "soft", "cost": 0.1}
    rules = policy(fairness=[band])
    plan = assigned(snapshot, rules, "R1", "R2")
    found = robustness(snapshot, rules, {"plan": plan}, Uncertainty(strength=2), draws=400)
    whole = found.promises[found.promises["holder"] == ""].iloc[0]
    assert whole["soft"]
    assert whole["probability"] > 0.5
    assert (told(found, "plan", "promises_broken") == 0).all()


def test_errors_of_a_class_do_not_average_out() -> None:
    alike = hand_made({"amount": [100] * 20, "grade": ["A"] * 20}, {"level": [1]})
    rules = policy()
    plan = assigned(alike, rules, *["R1"] * 20)
    together = robustness(alike, rules, {"plan": plan}, draws=1_500)
    apart = robustness(alike, rules, {"plan": plan}, Uncertainty(by=("lead_id",)), draws=1_500)
    assert (together.classes, apart.classes) == (("grade",), ("lead_id",))
    spread = [told(found, "plan", "expected_value").std() for found in (together, apart)]
    assert spread[0] == pytest.approx(2_000 * math.sqrt(0.25 / 51), rel=0.1)
    assert spread[1] == pytest.approx(spread[0] / math.sqrt(20), rel=0.1)


def test_the_better_plan_is_found() -> None:
    snapshot = hand_made({"amount": [100, 90], "win_probability": [0.9, 0.1]}, {"max_leads": [1]})
    rules = policy(capacity=[{"measure": "count", "at_most": "max_leads"}])
    best = assigned(snapshot, rules, "R1")
    worse = evaluate(snapshot, rules, pd.DataFrame({"lead_id": ["L2"], "rep_id": ["R1"]}))
    found = robustness(snapshot, rules, {"worse": worse, "best": best}, draws=500)
    row = found.differences.set_index("metric").loc["expected_value"]
    assert (row["plan"], row["against"]) == ("best", "worse")
    assert row["low"] < 90 - 9 < row["high"]
    assert row["more"] > 0.99
    assert row["more"] + row["equal"] + row["less"] == pytest.approx(1)


def test_how_many_draws_are_made_at_a_time_changes_nothing() -> None:
    cell, estimate = np.array([0, 0, 4]), np.array([0.2, 0.5, 0.5])
    chances, _ = Chances.of_pairs(cell, estimate, 5.0)
    world = World(chances, num_leads=7, num_reps=3, num_slots=3, pool_size=7, weeks=2.0)
    given = Uncertainty(arrivals=2, absence=0.5)
    whole = list(world.blocks(given, 11, seed=4))
    parts = list(world.blocks(given, 11, seed=4, at_a_time=4))
    assert [block.size for block in parts] == [4, 4, 3]
    for name in ("chance", "luck", "lost"):
        together = np.concatenate([getattr(block, name) for block in parts])
        assert (together == getattr(whole[0], name)).all()
    arrivals = [leads.tolist() for block in parts for leads in block.arrivals]
    assert arrivals == [leads.tolist() for leads in whole[0].arrivals]


def test_plans_of_other_tables_and_broken_ones_are_refused(
    company: tuple[Snapshot, Policy, dict[str, Plan]],
) -> None:
    snapshot, rules, plans = company
    other = hand_made({"amount": [100]}, {"max_leads": [0]})
    simple = policy(capacity=[{"measure": "count", "at_most": "max_leads"}])
    with pytest.raises(PlanFileError, match="the tables have changed"):
        robustness(other, simple, {"plan": plans["plan"]})
    broken = assigned(other, simple, "R1")
    with pytest.raises(PlanFileError, match="breaks rules"):
        robustness(other, simple, {"plan": broken})
    with pytest.raises(UsageError, match="no plan to draw for"):
        robustness(snapshot, rules, {})
    with pytest.raises(UsageError, match="draws is 1 and seed 0; give 2 to 100,000 draws"):
        robustness(snapshot, rules, plans, draws=1)
    with pytest.raises(UsageError, match="leads have no column 'grad' to class them by"):
        robustness(snapshot, rules, plans, Uncertainty(by=("grad",)))

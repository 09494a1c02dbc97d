"""Simple policies on a company: checked and scored like a plan, within its limits or without."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from models.errors import EngineError
from models.outcome import Limits
from planner.baseline import make_baselines
from planner.check import check
from planner.engines.baselines.routers import ROUTERS
from planner.intake import Leads
from planner.policy import Policy, policy_from_text
from planner.solve import evaluate, make_plan
from scenarios.generate import CompanySpec, generate, policy_text
from tests.companies import hand_made
from tests.policies import policy as small_policy

if TYPE_CHECKING:
    from models.plan import Plan

SPEC = CompanySpec(num_leads=150, num_reps=6, seed=3)
COMPANY = generate(SPEC)
SNAPSHOT = COMPANY.snapshot()
NAMES = list(ROUTERS)


def rules(extra: str = "") -> Policy:
    return policy_from_text(policy_text(SPEC) + extra)


FAIR = "fairness:\n  - {measure: expected_value, within: 10%, mode: soft, cost: 0.5}\n"


@pytest.fixture(scope="module")
def within_limits() -> dict[str, Plan]:
    """Return the plan of every policy within the limits."""
    return make_baselines(SNAPSHOT, rules(), NAMES)


def test_within_the_limits_every_policy_leaves_a_feasible_plan(
    within_limits: dict[str, Plan],
) -> None:
    plans = within_limits
    assert list(plans) == NAMES
    for name, plan in plans.items():
        assert plan.record.engine == name
        assert plan.record.feasible, plan.record.breaches
        assert not check(rules(), SNAPSHOT, plan.assignments)
        assert plan.record.objective is not None
        assert plan.record.objective <= plan.record.bound + 1e-6
        assert set(plan.unassigned["reason"]) <= {"not_given", "no_eligible_rep"}


def test_as_they_are_breaches_are_told() -> None:
    plans = make_baselines(SNAPSHOT, rules(), NAMES, capped=False)
    for name in ("greedy", "round_robin", "least_busy", "espo_round_robin", "cal_fair"):
        record = plans[name].record
        assert not record.feasible
        assert record.objective is None
        assert any("above the limit" in text for text in record.breaches)
        broken = {sentence.rule for sentence in record.sentences if not sentence.kept}
        assert broken == {"capacity"}
        assert record.kpis.unassigned <= 2  # those that no rep may work


@pytest.mark.parametrize("capped", [True, False])
def test_owned_leads_stay_where_only_new_ones_are_shared_out(capped: bool) -> None:
    plans = make_baselines(SNAPSHOT, rules(), NAMES, leads=Leads.NEW, capped=capped)
    for plan in plans.values():
        kpis = plan.record.kpis
        assert kpis.moves == kpis.forced_moves
        assert kpis.assigned > 0
    assert plans["round_robin"].record.kpis.assigned > plans["frappe_by_field"].record.kpis.assigned


@pytest.mark.parametrize("extra", ["", FAIR])
@pytest.mark.parametrize("name", ["greedy", "round_robin"])
def test_engines_of_the_same_name_make_the_same_plan(name: str, extra: str) -> None:
    plan = make_plan(SNAPSHOT, rules(extra), engine=name, limits=Limits(seed=4))
    same = make_baselines(SNAPSHOT, rules(extra), [name], seed=4)[name]
    assert same.record.hashes == plan.record.hashes
    assert same.record.settled == plan.record.settled
    assert same.record.objective == pytest.approx(plan.record.objective)


def test_a_baseline_is_scored_as_any_assignment() -> None:
    plan = make_baselines(SNAPSHOT, rules(), ["odoo_rotation"])["odoo_rotation"]
    again = evaluate(SNAPSHOT, rules(), plan.assignments[["lead_id", "rep_id"]])
    assert again.record.kpis == plan.record.kpis
    assert again.record.objective == pytest.approx(plan.record.objective)
    assert again.record.bound == pytest.approx(plan.record.bound)


def test_shuffled_rows_change_nothing(within_limits: dict[str, Plan]) -> None:
    tables = {
        name: getattr(COMPANY, name).sample(frac=1, random_state=1).reset_index(drop=True)
        for name in ("leads", "reps", "history", "pins")
    }
    shuffled = replace(COMPANY, **tables).snapshot()
    assert shuffled.content_hash == SNAPSHOT.content_hash
    other = make_baselines(shuffled, rules(), NAMES)
    for name in NAMES:
        assert other[name].record.hashes == within_limits[name].record.hashes


def test_names_of_reps_change_nothing(within_limits: dict[str, Plan]) -> None:
    named = COMPANY.reps.assign(name=COMPANY.reps["name"].to_numpy()[::-1])
    other = make_baselines(replace(COMPANY, reps=named).snapshot(), rules(), NAMES)
    for name, plan in within_limits.items():
        assert other[name].record.hashes["plan"] == plan.record.hashes["plan"]


def test_by_field_follows_the_column() -> None:
    snapshot = hand_made({"stage": ["R2", "R1", None], "owner": ["R1", None, None]})
    for field, reps in (("stage", ["R2", "R1", None]), ("owner", ["R1", None, None])):
        made = make_baselines(snapshot, small_policy(), ["frappe_by_field"], field=field)
        given = made["frappe_by_field"].assignments["rep_id"]
        assert given.astype(object).where(given.notna(), None).tolist() == reps


def test_an_unknown_policy_is_refused() -> None:
    with pytest.raises(EngineError, match="no simple policy is called 'fair'; there are greedy, "):
        make_baselines(SNAPSHOT, rules(), ["greedy", "fair"])

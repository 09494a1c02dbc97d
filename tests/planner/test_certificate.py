"""What a plan states is derived again: its bounds, for leads and for families."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from models.errors import PlanFileError
from planner.certificate import Derived, agree, derive_bounds
from planner.compile import compile_problem
from planner.policy import policy_from_text
from planner.solve import make_plan
from scenarios.generate import CompanySpec, generate, policy_text
from tests.knapsacks import knapsack_plan

if TYPE_CHECKING:
    from models.snapshot import Snapshot
    from planner.policy import Policy

SPEC = CompanySpec(num_leads=60, num_reps=5)


def company(families: str = "") -> tuple[Snapshot, Policy]:
    """Return a small company and its policy."""
    return generate(SPEC).snapshot(), policy_from_text(policy_text(SPEC) + families)


def test_bounds_of_prices_and_multipliers() -> None:
    snapshot, policy = company()
    plan = knapsack_plan(snapshot, policy)
    derived = derive_bounds(snapshot, policy, plan)
    assert derived.price_bound == pytest.approx(plan.record.price_bound, rel=1e-9)
    assert derived.knapsack_bound == pytest.approx(plan.record.bound, rel=1e-9)
    assert derived.bound == derived.knapsack_bound
    assert derived.allows(plan.record.bound)
    assert not derived.allows(plan.record.price_bound)


def test_a_family_has_one_multiplier() -> None:
    snapshot, policy = company("families: {by: company}\n")
    plan = knapsack_plan(snapshot, policy)
    assert plan.multipliers is not None
    num_rows = compile_problem(snapshot, policy).problem.num_rows
    assert len(plan.multipliers) == num_rows < SPEC.num_leads
    shuffled = replace(plan, multipliers=plan.multipliers.sample(frac=1.0, random_state=0))
    for each in (plan, shuffled):
        assert derive_bounds(snapshot, policy, each).allows(plan.record.bound)
    with pytest.raises(PlanFileError, match=r"the policy needs one for each of 60 leads"):
        derive_bounds(*company(), plan)


def test_bound_of_prices_alone() -> None:
    snapshot, policy = company()
    plan = make_plan(snapshot, policy, engine="greedy")
    derived = derive_bounds(snapshot, policy, plan)
    assert derived.knapsack_bound is None
    assert derived.allows(plan.record.bound)
    assert not derived.allows(plan.record.bound - 1.0)
    fewer = replace(plan, prices=plan.prices.iloc[1:])
    with pytest.raises(PlanFileError, match="the plan has 4 prices of 'effort_hours'"):
        derive_bounds(snapshot, policy, fewer)


@pytest.mark.parametrize(
    ("stated", "allowed"), [(43.3, True), (43.0, True), (43.2, False), (42.0, False)]
)
def test_a_bound_may_be_cut_to_a_whole_number(stated: float, allowed: bool) -> None:
    assert Derived(price_bound=43.3, knapsack_bound=None, bound=43.0).allows(stated) == allowed
    assert Derived(price_bound=50.0, knapsack_bound=43.3, bound=43.0).allows(stated) == allowed


def test_money_agrees_up_to_a_cent_or_a_billionth() -> None:
    assert agree(1.0, 1.009)
    assert not agree(1.0, 1.02)
    assert agree(1e12, 1e12 + 900.0)
    assert not agree(1e12, 1e12 + 1_100.0)

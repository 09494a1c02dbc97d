"""Acceptance rules, against a plain reading of each of their forms."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from models.errors import UsageError
from planner.solve import make_plan
from scenarios.acceptance import MEASURED, Against, Allowed, Feasible, Side, judge
from scenarios.acceptance_file import rules_from_text
from scenarios.compare import METRICS
from tests.companies import hand_made
from tests.policies import policy

if TYPE_CHECKING:
    from models.plan import Plan

PLAN = make_plan(
    hand_made({"amount": [100, 80, 60], "owner": ["R1", "R2", None]}), policy(), engine="greedy"
)
NUMBERS = st.integers(-10_000, 10_000).map(lambda number: number / 8)
AMOUNTS = st.integers(0, 10_000).map(lambda number: number / 8)
SHARES = st.integers(0, 200)


def with_objective(value: float | None, *, currency: str = "USD", feasible: bool = True) -> Plan:
    """Return a plan whose objective is given."""
    record = PLAN.record.model_copy(
        update={"objective": value, "currency": currency, "feasible": feasible}
    )
    return dataclasses.replace(PLAN, record=record)


def passes(text: str, value: float, base: float) -> bool:
    """Return what a rule of a file, written on one line, says of two objectives."""
    (verdict,) = judge(rules_from_text(f"- {text}"), with_objective(value), with_objective(base))
    assert verdict.value == value
    return verdict.passed


@given(NUMBERS, NUMBERS)
def test_an_amount_alone(value: float, amount: float) -> None:
    rule = "{metric: objective, %s: %r, currency: USD}"
    assert passes(rule % ("at_most", amount), value, 0) is (value <= amount)
    assert passes(rule % ("at_least", amount), value, 0) is (value >= amount)


@given(NUMBERS, AMOUNTS, SHARES)
def test_a_share_of_the_base(value: float, base: float, share: int) -> None:
    exactly = Fraction(base) * share / 100
    # Only rounding of the share can part the two, which no eighth is near.
    assume(exactly == Fraction(value) or abs(exactly - Fraction(value)) > Fraction(1, 1000))
    rule = "{metric: objective, %s: %d%%, of: base}"
    assert passes(rule % ("at_most", share), value, base) is (Fraction(value) <= exactly)
    assert passes(rule % ("at_least", share), value, base) is (Fraction(value) >= exactly)


@given(NUMBERS, NUMBERS, AMOUNTS)
def test_above_and_below_the_base(value: float, base: float, amount: float) -> None:
    rule = "{metric: objective, %s: %r, %s: base, currency: USD}"
    above, below = value - base, base - value
    assert passes(rule % ("at_most", amount, "above"), value, base) is (above <= amount)
    assert passes(rule % ("at_least", amount, "above"), value, base) is (above >= amount)
    assert passes(rule % ("at_most", amount, "below"), value, base) is (below <= amount)
    assert passes(rule % ("at_least", amount, "below"), value, base) is (below >= amount)


@pytest.mark.parametrize("feasible", [True, False])
def test_feasible(feasible: bool) -> None:
    plan = with_objective(1.0, feasible=feasible)
    first, second = judge((Feasible(True), Feasible(False)), plan)
    assert (first.passed, second.passed) == (feasible, not feasible)
    assert (first.value, first.allowed, second.allowed) == (float(feasible), 1.0, 0.0)


@pytest.mark.parametrize("metric", [metric.name for metric in METRICS])
def test_every_metric_can_be_ruled(metric: str) -> None:
    value = MEASURED[metric].read(PLAN.record)
    assert value is not None
    for side in Side:
        (verdict,) = judge((Allowed(metric, side, value),), PLAN)
        assert verdict.passed
        assert verdict.text.startswith(MEASURED[metric].title)
    (verdict,) = judge((Allowed(metric, Side.AT_LEAST, value + 1),), PLAN)
    assert not verdict.passed


@pytest.mark.parametrize(
    ("rule", "plan", "base", "told"),
    [
        (Allowed("objective", Side.AT_MOST, 5.0), with_objective(None), None, "no such figure"),
        (
            Allowed("objective", Side.AT_MOST, 0.5, Against.OF),
            PLAN,
            with_objective(None),
            "The base plan has no such figure.",
        ),
        (
            Allowed("objective", Side.AT_LEAST, 0.0, currency="EUR"),
            PLAN,
            None,
            "The rule is in EUR, but the plan is in USD.",
        ),
        (
            Allowed("objective", Side.AT_LEAST, 0.0, Against.OF),
            PLAN,
            with_objective(1.0, currency="EUR"),
            "The base plan is in EUR, but the plan is in USD.",
        ),
        (
            Allowed("objective", Side.AT_LEAST, 0.5, Against.OF),
            PLAN,
            with_objective(-1.0),
            "below 0, so that a share of it says nothing",
        ),
    ],
)
def test_what_cannot_be_judged_fails_and_says_so(
    rule: Allowed, plan: Plan, base: Plan | None, told: str
) -> None:
    (verdict,) = judge((rule,), plan, base)
    assert (verdict.passed, verdict.allowed) == (False, None)
    assert told in verdict.text


def test_rules_that_compare_need_a_base() -> None:
    rule = Allowed("moves", Side.AT_MOST, 3.0, Against.ABOVE)
    with pytest.raises(UsageError, match=r"no base plan is given .* Moves: at most 3 leads above"):
        judge((Feasible(), rule), PLAN)
    with pytest.raises(UsageError, match="there is no rule"):
        judge((), PLAN)


def test_verdicts_are_told() -> None:
    rules = rules_from_text(
        "- {metric: feasible, is: true}\n"
        "- {metric: gap, at_most: 0.5%}\n"
        "- {metric: moves, at_most: 5, above: base}\n"
        "- {metric: objective, at_least: 98%, of: base}\n"
    )
    told = [verdict.text for verdict in judge(rules, with_objective(99.5), with_objective(100.0))]
    assert told == [
        "The plan is feasible. Here it is.",
        "Gap: at most 0.5 %. Here it is 0 %.",
        "Moves: at most 5 leads above the base plan's. Here it is 2 leads, and at most 7 leads is "
        "allowed.",
        "Objective: at least 98 % of the base plan's. Here it is 99.5 USD, and at least 98 USD is "
        "allowed.",
    ]


def test_numbers_that_look_alike_are_told_apart() -> None:
    rule: Any = Allowed("objective", Side.AT_MOST, 1e6, currency="USD")
    (verdict,) = judge((rule,), with_objective(1e6 + 0.002))
    assert not verdict.passed
    assert "1000000.002" in verdict.text

"""Residual prices support an optimal assignment, and are the least that do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.bound import bound, losses, unused
from planner.engines.residual_prices import residual_prices
from planner.engines.unit_costs import UnitCosts
from tests.brute_force import best_assignment
from tests.problems import flow_problem

if TYPE_CHECKING:
    from models.problem import Problem

MONEY = 1e-9
LESS = 1e-3


@st.composite
def unit_problems(draw: st.DrawFn) -> Problem:
    """Draw a problem that counts leads, against limits that are hard or soft, upper and lower."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    num_reps = draw(st.integers(1, 3))
    problem = flow_problem(rng, draw(st.integers(1, 6)), num_reps, density=0.7)
    if draw(st.booleans()):
        return problem
    (count,) = problem.resources
    soft = replace(
        count,
        base=rng.integers(0, 3, num_reps).astype(np.float64),
        lower=count.upper - rng.integers(0, 2, num_reps),
        under_cost=rng.uniform(0.0, 40.0, num_reps),
        over_cost=rng.uniform(0.0, 40.0, num_reps),
    )
    return replace(problem, resources=(soft,))


@given(unit_problems())
def test_prices_support_the_optimum(problem: Problem) -> None:
    chosen, best = best_assignment(problem)
    assert chosen is not None
    prices = residual_prices(problem, UnitCosts.of(problem), chosen)
    assert prices.bound == pytest.approx(best, abs=MONEY)
    assert losses(problem, prices.by_resource)[chosen] == pytest.approx(0.0, abs=MONEY)
    for room in unused(problem, prices.by_resource, chosen):
        assert room == pytest.approx(0.0, abs=MONEY)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=50)
def test_no_price_could_be_less(seed: int) -> None:
    problem = flow_problem(np.random.default_rng(seed), 6, 3, density=0.7)
    chosen, best = best_assignment(problem)
    assert chosen is not None
    (price,) = residual_prices(problem, UnitCosts.of(problem), chosen).by_resource
    # Leads are whole, so a price that is too low by some money leaves at least that to gain.
    for rep in np.flatnonzero(price > LESS):
        lower = price.copy()
        lower[rep] -= LESS
        assert bound(problem, [lower]) >= best + 0.9 * LESS


def test_no_limit_no_price() -> None:
    problem = replace(flow_problem(np.random.default_rng(0), 6, 3), resources=())
    chosen, best = best_assignment(problem)
    assert chosen is not None
    prices = residual_prices(problem, UnitCosts.of(problem), chosen)
    assert prices.by_resource == ()
    assert prices.bound == pytest.approx(best)

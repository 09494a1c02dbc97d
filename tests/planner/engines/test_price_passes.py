"""Price passes lower a bound, and never below what the linear relaxation allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.bound import bound, prove, zero_prices
from planner.engines.price_passes import PASSES, price_passes
from tests.oracles import relaxed_objective
from tests.problems import hard_problem, problems

if TYPE_CHECKING:
    from models.problem import Problem

RELATIVE = 1e-6


def never() -> bool:
    """Return that there is no reason to stop."""
    return False


@given(problems(), st.integers(0, 2**32 - 1))
@settings(max_examples=50)
def test_bound_lies_between_the_relaxation_and_the_given_one(problem: Problem, seed: int) -> None:
    rng = np.random.default_rng(seed)
    random = prove(problem, [rng.normal(0.0, 5.0, r.num_groups) for r in problem.resources])
    for given_prices in (zero_prices(problem), random):
        found = price_passes(problem, given_prices, None, never)
        assert found.bound <= given_prices.bound
        assert found.bound == pytest.approx(bound(problem, found.by_resource), rel=1e-12)
        best = relaxed_objective(problem)
        if best is not None:
            assert found.bound >= best - RELATIVE * max(1.0, abs(best))


def test_bound_comes_near_the_relaxation() -> None:
    for seed in range(5):
        problem = hard_problem(np.random.default_rng(seed), 60, 6)
        zero, best = zero_prices(problem), relaxed_objective(problem)
        assert best is not None
        # Nine tenths of the way, at the least.
        assert price_passes(problem, zero, None, never).bound - best <= 0.1 * (zero.bound - best)


def test_prices_that_are_best_are_kept() -> None:
    problem = hard_problem(np.random.default_rng(0), 30, 3)
    first = price_passes(problem, zero_prices(problem), None, never)
    assert price_passes(problem, first, first.bound, never) is first


@pytest.mark.parametrize("most", [0, 1, 7])
def test_asks_before_every_pass_whether_to_stop(most: int) -> None:
    problem = hard_problem(np.random.default_rng(0), 30, 3)
    zero, asked = zero_prices(problem), 0

    def stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > most

    found = price_passes(problem, zero, None, stop)
    assert asked == most + 1 <= PASSES
    assert found.bound <= zero.bound

"""Prices for plans that no engine of ours made: they prove nearly what the best ones do."""

from __future__ import annotations

import numpy as np
import pytest

from models.problem import Problem
from planner.bound import bound, zero_prices
from planner.engines.exact import Exact
from planner.engines.prices.proven_prices import proven_prices
from tests.problems import flow_problem
from tests.watchers import solve


@pytest.mark.parametrize("seed", range(3))
def test_they_prove_nearly_the_best_bound(seed: int) -> None:
    problem = flow_problem(np.random.default_rng(seed), 200, 8)
    found = proven_prices(problem)
    assert found.bound == pytest.approx(bound(problem, found.by_resource))
    best = solve(Exact(), problem).objective
    assert best is not None
    assert best - 1e-6 <= found.bound <= best + 1e-3 * abs(best)
    assert found.bound < zero_prices(problem).bound


def test_without_limits_nothing_has_a_price() -> None:
    problem = Problem(np.array([0, 2]), np.array([0, -1], np.int32), np.array([3.0, 0.0]), 1)
    assert proven_prices(problem).bound == 3

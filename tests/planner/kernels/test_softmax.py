"""The smoothed bound, its slope and its curvature are those of its formula."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.bound import reduced_scores
from planner.kernels.packed import pack
from planner.kernels.softmax import contested_cells, curvature_diagonal, curvature_times, smoothed
from planner.kernels.threads import use_threads
from tests.problems import problems, random_problem

if TYPE_CHECKING:
    from models.arrays import Floats
    from models.problem import Problem
    from planner.kernels.packed import Packed

SEEDS = st.integers(0, 2**32 - 1)
TEMPERATURE = 20.0
"""High enough that every pair of the small problems has a share."""
STEP = 1e-4


def packed_with_prices(problem: Problem, seed: int) -> tuple[Packed, Floats]:
    packed = pack(problem, np.float64)
    return packed, np.random.default_rng(seed).normal(0.0, 2.0, packed.num_slots)


@given(problems(), SEEDS)
def test_values_are_those_of_the_formula(problem: Problem, seed: int) -> None:
    packed, price = packed_with_prices(problem, seed)
    soft, hard, entropy, load, _ = smoothed(packed.arrays, price, TEMPERATURE)
    reduced = reduced_scores(problem, packed.split(price)) / TEMPERATURE
    begins = problem.indptr[:-1]
    best = np.maximum.reduceat(reduced, begins)
    row = problem.pair_rows()
    weight = np.exp(reduced - best[row])
    sums = np.add.reduceat(weight, begins)
    share = weight / sums[row]
    assert hard == pytest.approx(TEMPERATURE * best.sum(), abs=1e-4)
    assert soft == pytest.approx(TEMPERATURE * (best + np.log(sums)).sum(), abs=1e-4)
    spread = -(share * np.log(np.maximum(share, 1e-300))).sum()
    assert entropy == pytest.approx(TEMPERATURE * spread, abs=1e-4)
    expected = np.zeros(0)
    for resource in problem.resources:
        mine = np.zeros(resource.num_groups)
        for layer in resource.layers:
            group, amount = problem.pair_group(layer), problem.pair_amount(layer)
            np.add.at(mine, group[group >= 0], (share * amount)[group >= 0])
        expected = np.append(expected, mine)
    np.testing.assert_allclose(load, expected, atol=1e-5)


@given(problems(), SEEDS)
def test_loads_are_the_slope_and_curvature_that_of_the_loads(problem: Problem, seed: int) -> None:
    packed, price = packed_with_prices(problem, seed)
    direction = np.random.default_rng(seed + 1).normal(0.0, 1.0, packed.num_slots)
    ahead = smoothed(packed.arrays, price + STEP * direction, TEMPERATURE)
    behind = smoothed(packed.arrays, price - STEP * direction, TEMPERATURE)
    _, _, _, load, contested = smoothed(packed.arrays, price, TEMPERATURE)
    slope = (ahead[0] - behind[0]) / (2 * STEP)
    assert slope == pytest.approx(-load @ direction, rel=1e-4, abs=1e-3)
    cells = contested_cells(packed.arrays, price, TEMPERATURE, contested)
    product = curvature_times(*cells, direction) / TEMPERATURE
    change = (behind[3] - ahead[3]) / (2 * STEP)
    # Curvature leaves out pairs with a share under e^-9.
    np.testing.assert_allclose(product, change, atol=0.02 + 2e-3 * np.abs(change).max(initial=0))
    unit = np.eye(packed.num_slots)
    whole = [curvature_times(*cells, each) for each in unit]
    diagonal = curvature_diagonal(*cells, packed.num_slots)
    if len(problem.resources) == 0 or all(len(r.layers) == 1 for r in problem.resources):
        np.testing.assert_allclose(diagonal, [w[i] for i, w in enumerate(whole)], atol=1e-8)


def test_threads_change_nothing() -> None:
    problem = random_problem(np.random.default_rng(0), 3_000, 30, num_resources=3)
    packed, price = packed_with_prices(problem, 0)
    results = []
    for threads in (1, 2):
        use_threads(threads)
        *values, load, contested = smoothed(packed.arrays, price, 5.0)
        cells = contested_cells(packed.arrays, price, 5.0, contested)
        results.append((values, load.tobytes(), curvature_times(*cells, price).tobytes()))
    assert results[0] == results[1]

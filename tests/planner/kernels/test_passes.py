"""Compiled passes agree with the plain oracle, whatever the problem has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.bound import best_of_rows, best_pairs, losses, prove, reduced_scores
from planner.kernels.core import near_pairs, rows_using
from planner.kernels.packed import pack, take_rows
from planner.kernels.passes import best_pairs_and_losses, best_sum
from planner.kernels.proof import Proof
from tests.problems import problems, random_choice, random_problem

if TYPE_CHECKING:
    from models.arrays import Floats
    from models.problem import Problem

SEEDS = st.integers(0, 2**32 - 1)


def random_prices(problem: Problem, seed: int) -> list[Floats]:
    rng = np.random.default_rng(seed)
    return [rng.normal(0.0, 5.0, r.num_groups) for r in problem.resources]


@given(problems(), SEEDS)
def test_bound_equals_the_oracle(problem: Problem, seed: int) -> None:
    prices = random_prices(problem, seed)
    expected = prove(problem, prices)
    proved = Proof(problem).prove(prices)
    assert proved.bound == pytest.approx(expected.bound, rel=1e-12, abs=1e-9)
    for first, second in zip(proved.by_resource, expected.by_resource, strict=True):
        np.testing.assert_array_equal(first, second)


@given(problems(), SEEDS)
def test_best_pairs_loads_and_losses_equal_the_oracle(problem: Problem, seed: int) -> None:
    prices = random_prices(problem, seed)
    packed = pack(problem, np.float64)
    reduced = reduced_scores(problem, prices)
    total, load = best_sum(packed.arrays, packed.join(prices))
    assert total == pytest.approx(best_of_rows(problem, reduced).sum(), abs=1e-6)
    chosen, loss = np.empty(problem.num_rows, np.int64), np.empty(problem.num_pairs)
    best_pairs_and_losses(packed.arrays, packed.join(prices), chosen, loss)
    np.testing.assert_allclose(loss, losses(problem, prices), atol=1e-9)
    np.testing.assert_allclose(reduced[chosen], reduced[best_pairs(problem, reduced)], atol=1e-9)
    expected = packed.join(problem.loads(chosen))
    np.testing.assert_allclose(load + packed.base, expected, atol=1e-9)


@given(problems(), SEEDS, st.floats(0.0, 60.0))
def test_near_pairs_are_those_within_the_radius_and_the_held_ones(
    problem: Problem, seed: int, radius: float
) -> None:
    rng = np.random.default_rng(seed)
    prices, held = random_prices(problem, seed), random_choice(rng, problem)
    packed = pack(problem, np.float64)
    near = near_pairs(packed, packed.join(prices), np.full(problem.num_rows, radius), held)
    lost = losses(problem, prices)
    inside = lost <= radius
    inside[held] = True
    row = problem.pair_rows()
    free = np.bincount(row[inside], minlength=problem.num_rows) > 1
    certain = np.abs(lost - radius) > 1e-9
    expected = np.flatnonzero(inside & free[row])
    assert set(expected[certain[expected]]) <= set(near.pairs)
    assert set(near.pairs[certain[near.pairs]]) <= set(np.flatnonzero(inside))
    np.testing.assert_allclose(near.loss, lost[near.pairs], atol=1e-9)
    np.testing.assert_array_equal(near.rows, np.unique(row[near.pairs]))


def _use(problem: Problem, pair: int, row: int) -> Floats:
    """Return (n_slots,) what one pair adds to the loads."""
    use = []
    for resource in problem.resources:
        mine = np.zeros(resource.num_groups)
        for layer in resource.layers:
            group = int(problem.pair_group(layer)[pair])
            if group >= 0:
                mine[group] += layer.amount[pair if len(layer.amount) == problem.num_pairs else row]
        use.append(mine)
    return np.concatenate([np.zeros(0), *use])


@given(problems(), SEEDS)
def test_rows_using_a_slot(problem: Problem, seed: int) -> None:
    rng = np.random.default_rng(seed)
    packed, chosen = pack(problem, np.float64), random_choice(rng, problem)
    wanted = rng.random(packed.num_slots) < 0.3
    found = rows_using(packed.arrays, chosen, wanted)
    for row, pair in enumerate(chosen):
        if (np.abs(_use(problem, pair, row)) > 0)[wanted].any():
            assert found[row]
        elif (_use(problem, pair, row) == 0).all():
            continue
        else:
            assert not found[row] or packed.arrays.pair_slot.shape[1] > 0


def test_single_precision_is_close() -> None:
    problem = random_problem(np.random.default_rng(0), 500, 20, num_resources=3)
    prices = random_prices(problem, 1)
    exact = pack(problem, np.float64)
    rough = pack(problem)
    assert rough.arrays.score.dtype == np.float32
    first, _ = best_sum(exact.arrays, exact.join(prices))
    second, _ = best_sum(rough.arrays, rough.join(prices))
    assert second == pytest.approx(first, rel=1e-6)


def test_a_sample_has_its_rows_and_its_share_of_the_room() -> None:
    problem = random_problem(np.random.default_rng(0), 60, 5, num_resources=2)
    packed = pack(problem, np.float64)
    rows = np.arange(0, 60, 4)
    sample = take_rows(packed, rows, 0.25)
    prices = packed.join(random_prices(problem, 0))
    values = reduced_scores(problem, packed.split(prices))
    expected = best_of_rows(problem, values)[rows].sum()
    assert best_sum(sample.arrays, prices)[0] == pytest.approx(expected)
    np.testing.assert_allclose(sample.upper, (packed.upper - packed.base) / 4)
    np.testing.assert_allclose(sample.lower, (packed.lower - packed.base) / 4)
    assert not sample.base.any()

"""The compiled knapsack bound agrees with the plain one, and takes what is worth it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.kernels.knapsack import Items, KnapsackPass, fill_knapsacks
from planner.kernels.threads import use_threads
from planner.knapsack_bound import knapsack_bound, knapsacks
from tests.knapsacks import knapsack_problems, prices_in_range
from tests.problems import hard_problem

if TYPE_CHECKING:
    from models.problem import Problem

SEEDS = st.integers(0, 2**32 - 1)
EACH = 5


@given(knapsack_problems(), SEEDS)
def test_bound_equals_the_oracle(drawn: tuple[Problem, int], seed: int) -> None:
    problem, resource = drawn
    rng = np.random.default_rng(seed)
    prices = prices_in_range(rng, problem)
    sweep = KnapsackPass(problem, prices, knapsacks(problem, resource))
    for _ in range(EACH):
        by_row = rng.normal(20.0, 40.0, problem.num_rows)
        told, taken = sweep.evaluate(by_row)
        expected = knapsack_bound(problem, prices, by_row, resource)
        assert told == pytest.approx(expected, rel=1e-12, abs=1e-9)
        assert (taken >= 0).all()
        assert (taken <= np.diff(problem.indptr)).all()


@given(knapsack_problems(), SEEDS)
def test_taken_pairs_are_the_slope(drawn: tuple[Problem, int], seed: int) -> None:
    problem, resource = drawn
    rng = np.random.default_rng(seed)
    prices = prices_in_range(rng, problem)
    sweep = KnapsackPass(problem, prices, knapsacks(problem, resource))
    by_row, step = rng.normal(20.0, 40.0, problem.num_rows), rng.normal(0.0, 9.0, problem.num_rows)
    here, taken = sweep.evaluate(by_row)
    there, _ = sweep.evaluate(by_row + step)
    # The bound is convex, so it lies above every tangent.
    assert there >= here + float((1 - taken) @ step) - 1e-6


@given(SEEDS, st.integers(0, 60), st.integers(0, 200), st.booleans())
def test_one_knapsack(seed: int, num_items: int, room: int, is_alike: bool) -> None:
    rng = np.random.default_rng(seed)
    units = rng.integers(0, 40, num_items)
    # Profits in proportion to size are the hardest.
    profit = np.where(is_alike, units * 1.5, rng.normal(5.0, 10.0, num_items))
    items = Items(
        first=np.array([0, num_items]),
        room=np.array([room]),
        row=np.zeros(num_items, np.int32),
        units=units,
        worth=profit,
    )
    taken = np.zeros(num_items, np.bool_)
    (found,) = fill_knapsacks(items, np.zeros(1), taken)
    best = np.zeros(room + 1)
    for gain, size in zip(profit, units, strict=True):
        if size <= room:
            best[size:] = np.maximum(best[size:], best[: room + 1 - size] + gain)
    assert units[taken].sum() <= room
    assert profit[taken].sum() == pytest.approx(found)
    assert found == pytest.approx(best[room])


def test_threads_change_nothing() -> None:
    problem = hard_problem(np.random.default_rng(0), 300, 20)
    prices = [np.full(20, 1.0)]
    by_row = np.random.default_rng(1).normal(120.0, 10.0, 300)
    before = numba.get_num_threads()
    found = []
    for threads in (1, 2, 1):
        use_threads(threads)
        sweep = KnapsackPass(problem, prices, knapsacks(problem, 0))
        told, taken = sweep.evaluate(by_row)
        found.append((told, taken.tobytes()))
    use_threads(before)
    assert len(set(found)) == 1

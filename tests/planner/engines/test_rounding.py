"""Rounding keeps whole rows as they are and places the split ones where there is room."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.problem import NOBODY, Problem
from models.resource import Resource
from planner.bound import best_of_rows, losses, zero_prices
from planner.engines.rounding import rounded
from tests.problems import hard_problem, problems, random_choice

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.arrays import Floats

SEEDS = st.integers(0, 2**32 - 1)


def random_shares(problem: Problem, seed: int) -> tuple[Floats, NDArray[np.bool_]]:
    """Return (n_pairs,) shares, about half of the rows whole, and (n_rows,) which are."""
    rng = np.random.default_rng(seed)
    chosen = random_choice(rng, problem)
    share = rng.random(problem.num_pairs)
    share /= np.repeat(np.add.reduceat(share, problem.indptr[:-1]), np.diff(problem.indptr))
    is_whole = (rng.random(problem.num_rows) < 0.5) | (np.diff(problem.indptr) == 1)
    share[np.repeat(is_whole, np.diff(problem.indptr))] = 0.0
    share[chosen[is_whole]] = 1.0
    return share, is_whole


@given(problems(), SEEDS)
def test_whole_rows_stay(problem: Problem, seed: int) -> None:
    share, is_whole = random_shares(problem, seed)
    chosen = rounded(problem, share, losses(problem, zero_prices(problem).by_resource))
    assert (share[chosen[is_whole]] == 1.0).all()
    np.testing.assert_array_equal(problem.pair_rows()[chosen], np.arange(problem.num_rows))


@given(problems(), SEEDS)
def test_split_rows_lose_least_where_nothing_limits(problem: Problem, seed: int) -> None:
    free = Problem(problem.indptr, problem.rep, problem.score, problem.num_reps)
    share, is_whole = random_shares(free, seed)
    loss = np.random.default_rng(seed).random(free.num_pairs)
    chosen = rounded(free, share, loss)
    np.testing.assert_array_equal(loss[chosen][~is_whole], -best_of_rows(free, -loss)[~is_whole])


@given(st.integers(1, 30), st.integers(1, 6), SEEDS)
def test_hard_limits_hold_where_nobody_is_allowed(num_rows: int, num_reps: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = hard_problem(rng, num_rows, num_reps)
    share = np.full(problem.num_pairs, 1.0 / (num_reps + 1))
    assert problem.is_feasible(rounded(problem, share, rng.random(problem.num_pairs)))


def test_largest_share_chooses_first() -> None:
    # Rep 0 has room for one of three rows that all want it.
    count = Resource.at_most("count", np.ones(3), np.ones(1))
    problem = Problem(np.array([0, 2, 4, 6]), np.array([0, NOBODY] * 3), np.zeros(6), 1, (count,))
    share = np.array([0.6, 0.4, 0.9, 0.1, 0.7, 0.3])
    assert rounded(problem, share, np.array([0.0, 1.0] * 3)).tolist() == [1, 2, 5]


def test_without_room_a_row_takes_what_loses_least() -> None:
    full = Resource.at_most("count", np.ones(1), np.zeros(2))
    problem = Problem(np.array([0, 2]), np.array([0, 1]), np.zeros(2), 2, (full,))
    assert rounded(problem, np.array([0.5, 0.5]), np.array([1.0, 0.0])).tolist() == [1]


def test_soft_costs_decide_before_losses() -> None:
    # Rep 0 loses nothing under the prices, but an excess there costs 20 more than the lead brings.
    soft = Resource.at_most("count", np.ones(1), np.array([0.0, 1.0]))
    soft = Resource(
        "count", soft.layers, soft.base, soft.lower, soft.upper, np.zeros(2), np.array([30.0, 0.0])
    )
    problem = Problem(np.array([0, 2]), np.array([0, 1]), np.array([10.0, 0.0]), 2, (soft,))
    assert rounded(problem, np.array([0.5, 0.5]), np.array([0.0, 5.0])).tolist() == [1]


def test_whole_rows_use_room_before_split_ones() -> None:
    # The whole row, though last, takes the only place with rep 0.
    count = Resource.at_most("count", np.ones(2), np.ones(1))
    problem = Problem(np.array([0, 2, 4]), np.array([0, NOBODY] * 2), np.zeros(4), 1, (count,))
    share = np.array([0.5, 0.5, 1.0, 0.0])
    assert rounded(problem, share, np.array([0.0, 1.0] * 2)).tolist() == [1, 2]

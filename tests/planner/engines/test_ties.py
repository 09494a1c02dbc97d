"""Ties depend on the seed and the keys of rows and reps, never on their order."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.problem import NOBODY, Problem
from planner.engines.ties import GOLDEN, mixed, pair_ties, rep_ties, row_ties
from tests.problems import problems

if TYPE_CHECKING:
    from random import Random

LAST = np.iinfo(np.uint64).max
SEEDS = st.integers(0, 2**32)


def test_mixed_is_splitmix64() -> None:
    # The first numbers of the authors' own generator for the seed 1234567.
    state = np.uint64(1234567) + GOLDEN * np.arange(3, dtype=np.uint64)
    expected = [6457827717110365317, 3203168211198807973, 9817491932198370423]
    assert mixed(state).tolist() == expected


@given(problems(), SEEDS)
def test_same_seed_same_ties_and_another_seed_others(problem: Problem, seed: int) -> None:
    for ties in (row_ties, rep_ties, pair_ties):
        np.testing.assert_array_equal(ties(problem, seed), ties(problem, seed))
        mine, other = ties(problem, seed), ties(problem, seed + 1)
        assert (mine != other)[mine != LAST].all()


@given(problems(), SEEDS, st.randoms(use_true_random=False))
def test_ties_follow_the_keys(problem: Problem, seed: int, random: Random) -> None:
    order = list(range(problem.num_rows))
    random.shuffle(order)
    shuffled = replace(problem, row_key=problem.row_key[order])
    np.testing.assert_array_equal(row_ties(shuffled, seed), row_ties(problem, seed)[order])
    np.testing.assert_array_equal(rep_ties(shuffled, seed), rep_ties(problem, seed))


@given(problems(), SEEDS)
def test_no_two_are_equal_and_nobody_comes_last(problem: Problem, seed: int) -> None:
    is_nobody = problem.rep == NOBODY
    ties = pair_ties(problem, seed)
    assert (ties[is_nobody] == LAST).all()
    assert (ties[~is_nobody] != LAST).all()
    for each in (row_ties(problem, seed), rep_ties(problem, seed), ties[~is_nobody]):
        assert len(np.unique(each)) == len(each)


def test_order_of_reps_differs_from_row_to_row() -> None:
    num_rows, num_reps = 400, 4
    problem = Problem(
        np.arange(num_rows + 1) * num_reps,
        np.tile(np.arange(num_reps), num_rows),
        np.zeros(num_rows * num_reps),
        num_reps,
    )
    first = pair_ties(problem, 0).reshape(num_rows, num_reps).argmin(axis=1)
    # 100 each, give or take four standard deviations.
    assert (np.abs(np.bincount(first, minlength=num_reps) - 100) <= 35).all()

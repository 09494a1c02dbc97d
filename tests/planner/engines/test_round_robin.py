"""Round robin deals leads out evenly, within the limits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.outcome import Limits, StopReason
from models.problem import NOBODY, Problem
from planner.bound import zero_prices
from planner.engines.baselines.round_robin import RoundRobin, round_robin
from tests.problems import flow_problem, hard_problem, problems
from tests.watchers import solve

SEEDS = st.integers(0, 2**32 - 1)


def open_to_all(num_rows: int, num_reps: int) -> Problem:
    """Return a problem where every rep may have every row and nothing limits."""
    return Problem(
        np.arange(num_rows + 1) * num_reps,
        np.tile(np.arange(num_reps), num_rows),
        np.random.default_rng(0).random(num_rows * num_reps),
        num_reps,
    )


@given(st.integers(1, 40), st.integers(1, 8), SEEDS)
def test_counts_differ_by_one_at_most(num_rows: int, num_reps: int, seed: int) -> None:
    problem = open_to_all(num_rows, num_reps)
    counts = np.bincount(problem.rep[round_robin(problem, seed)], minlength=num_reps)
    assert counts.sum() == num_rows
    assert counts.max() - counts.min() <= 1


@given(st.integers(1, 40), st.integers(1, 8), SEEDS, st.booleans())
def test_hard_limits_hold_where_nobody_is_allowed(
    num_rows: int, num_reps: int, seed: int, counts: bool
) -> None:
    kind = flow_problem if counts else hard_problem
    problem = kind(np.random.default_rng(seed), num_rows, num_reps)
    assert problem.is_feasible(round_robin(problem, seed))


@given(problems(), SEEDS)
def test_every_row_has_a_pair_of_its_own(problem: Problem, seed: int) -> None:
    chosen = round_robin(problem, seed)
    assert chosen.shape == (problem.num_rows,)
    np.testing.assert_array_equal(problem.pair_rows()[chosen], np.arange(problem.num_rows))
    np.testing.assert_array_equal(chosen, round_robin(problem, seed))


@given(problems(), SEEDS)
def test_scores_do_not_matter(problem: Problem, seed: int) -> None:
    other = replace(problem, score=-problem.score)
    np.testing.assert_array_equal(round_robin(other, seed), round_robin(problem, seed))


def test_rows_are_served_as_they_arrive() -> None:
    # One rep with room for 2: the two that came first get it, wherever they stand.
    problem = flow_problem(np.random.default_rng(0), 4, 1, density=1.0)
    (count,) = problem.resources
    problem = replace(
        problem,
        resources=(replace(count, upper=np.array([2.0])),),
        arrival=np.array([3, 0, 2, 1]),
    )
    for seed in range(5):
        assert problem.rep[round_robin(problem, seed)].tolist() == [NOBODY, 0, NOBODY, 0]


def test_no_rep_is_always_first() -> None:
    problem = open_to_all(1, 4)
    assert {int(problem.rep[round_robin(problem, seed)][0]) for seed in range(50)} == {0, 1, 2, 3}


@given(problems())
def test_outcome_proves_no_more_than_price_zero(problem: Problem) -> None:
    outcome = solve(RoundRobin(), problem, Limits(seed=7))
    np.testing.assert_array_equal(outcome.assignment(), round_robin(problem, 7))
    assert outcome.reason is StopReason.ITERATION_LIMIT
    assert outcome.objective == pytest.approx(problem.objective(outcome.assignment()))
    assert outcome.bound == zero_prices(problem).bound

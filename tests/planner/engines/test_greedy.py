"""Greedy gives the best lead first, each to its best rep with room."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.outcome import Limits, StopReason
from models.problem import NOBODY, Problem
from models.resource import Resource
from planner.bound import best_of_rows, zero_prices
from planner.engines.baselines.greedy import Greedy, fill, greedy, must_assign
from planner.engines.baselines.room import Room
from tests.problems import flow_problem, hard_problem, problems
from tests.watchers import solve

SEEDS = st.integers(0, 2**32 - 1)


@given(st.integers(1, 40), st.integers(1, 8), SEEDS, st.booleans())
def test_hard_limits_hold_where_nobody_is_allowed(
    num_rows: int, num_reps: int, seed: int, counts: bool
) -> None:
    kind = flow_problem if counts else hard_problem
    problem = kind(np.random.default_rng(seed), num_rows, num_reps)
    assert problem.is_feasible(greedy(problem, seed))


@given(problems(), SEEDS)
def test_every_row_has_a_pair_of_its_own(problem: Problem, seed: int) -> None:
    chosen = greedy(problem, seed)
    assert chosen.shape == (problem.num_rows,)
    np.testing.assert_array_equal(problem.pair_rows()[chosen], np.arange(problem.num_rows))
    np.testing.assert_array_equal(chosen, greedy(problem, seed))


@given(problems(), SEEDS)
def test_every_row_takes_its_best_pair_where_nothing_limits(problem: Problem, seed: int) -> None:
    free = replace(problem, resources=())
    np.testing.assert_array_equal(free.score[greedy(free, seed)], best_of_rows(free, free.score))


@given(problems(), SEEDS)
def test_rows_choose_in_order_and_none_passes_over_a_better_pair(
    problem: Problem, seed: int
) -> None:
    # Distinct scores, so that the order is known without the ties.
    rng = np.random.default_rng(seed)
    plain = replace(problem, score=rng.permutation(problem.num_pairs).astype(np.float64))
    hard = [r for r in plain.resources if not _is_soft(r)]
    plain = replace(plain, resources=tuple(hard))
    chosen, room = greedy(plain, seed), Room(plain)
    best = best_of_rows(plain, plain.score)
    for row in np.lexsort((-best, ~must_assign(plain))).tolist():
        pairs = range(plain.indptr[row], plain.indptr[row + 1])
        open_pairs = [pair for pair in pairs if room.has_room(pair)]
        assert chosen[row] == max(open_pairs or pairs, key=lambda pair: plain.score[pair])
        room.take(int(chosen[row]))


def _is_soft(resource: Resource) -> bool:
    costs = np.append(resource.under_cost, resource.over_cost)
    return bool((np.isfinite(costs) & (costs > 0)).any())


def test_row_that_must_be_assigned_chooses_first() -> None:
    # Row 0 would bring more, but row 1 has no other pair.
    count = Resource.at_most("count", np.ones(2), np.ones(1))
    problem = Problem(np.array([0, 2, 3]), np.array([0, -1, 0]), np.array([9.0, 0, 1]), 1, (count,))
    assert must_assign(problem).tolist() == [False, True]
    assert greedy(problem).tolist() == [1, 2]


def test_soft_costs_are_part_of_what_a_pair_is_worth() -> None:
    # Rep 0 brings 10, but the second lead there costs 6; rep 1 brings 5.
    one = np.ones(2)
    count = replace(Resource.at_most("count", one, one), over_cost=np.array([6.0, 6.0]))
    problem = Problem(
        np.array([0, 3, 6]), np.array([0, 1, NOBODY] * 2), np.array([10.0, 5, 0] * 2), 2, (count,)
    )
    for seed in range(5):
        assert sorted(problem.rep[greedy(problem, seed)].tolist()) == [0, 1]


@given(problems(), SEEDS)
def test_filling_keeps_a_plan_and_breaks_nothing(problem: Problem, seed: int) -> None:
    rng = np.random.default_rng(seed)
    chosen = problem.indptr[:-1] + rng.integers(np.diff(problem.indptr))
    filled = fill(problem, chosen, seed)
    given = problem.rep[chosen] != NOBODY
    np.testing.assert_array_equal(filled[given], chosen[given])
    np.testing.assert_array_equal(problem.pair_rows()[filled], np.arange(problem.num_rows))


def test_filling_places_the_best_row_that_has_room() -> None:
    count = Resource.at_most("count", np.ones(3), np.array([2.0]))
    problem = Problem(
        np.array([0, 2, 4, 6]), np.array([0, NOBODY] * 3), np.array([1.0, 0, 2, 0, 3, 0]), 1,
        (count,),
    )  # fmt: skip
    assert fill(problem, np.array([0, 3, 5])).tolist() == [0, 3, 4]


@given(problems())
def test_outcome_proves_no_more_than_price_zero(problem: Problem) -> None:
    outcome = solve(Greedy(), problem, Limits(seed=7))
    np.testing.assert_array_equal(outcome.assignment(), greedy(problem, 7))
    assert outcome.reason is StopReason.ITERATION_LIMIT
    assert outcome.objective == pytest.approx(problem.objective(outcome.assignment()))
    assert outcome.bound == zero_prices(problem).bound

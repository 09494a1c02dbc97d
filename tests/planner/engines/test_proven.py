"""The bound of prices and multipliers is the lower of the two, and always one that is proved."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import ProblemError
from models.outcome import BoundSource, Limits, Multipliers, Outcome, Prices, StopReason
from models.problem import NOBODY, Problem
from models.resource import Resource
from planner.bound import money_is_whole, prove
from planner.engines.proven import Proven
from planner.engines.record import Record
from planner.knapsack_bound import prove_multipliers
from tests.brute_force import best_assignment
from tests.knapsacks import knapsack_problems, prices_in_range
from tests.watchers import Notebook

# Two leads of 3 hours, one rep who has 5: by prices 30 and two thirds of 20, at best 30.
HOURS = Problem(
    np.array([0, 2, 4]),
    np.array([0, NOBODY, 0, NOBODY], np.int32),
    np.array([30.0, 0.0, 20.0, 0.0]),
    1,
    (Resource.at_most("hours", np.full(2, 3.0), np.full(1, 5.0)),),
)
BEST = np.array([0, 3])
PRICES = prove(HOURS, [np.array([20 / 3])])
MULTIPLIERS = prove_multipliers(HOURS, PRICES, np.zeros(2), 0)


def with_cents() -> Problem:
    """Return the same problem, less half a cent for nobody."""
    return replace(HOURS, score=np.array([30.0, -0.005, 20.0, -0.005]))


@given(knapsack_problems(), st.integers(0, 2**32 - 1))
def test_the_lowest_bound_is_kept(drawn: tuple[Problem, int], seed: int) -> None:
    problem, resource = drawn
    rng = np.random.default_rng(seed)
    proven = Proven(problem)
    offered = [proven.prices.bound]
    for _ in range(6):
        before = proven.bound
        prices = prove(problem, prices_in_range(rng, problem))
        by_row = rng.normal(20.0, 30.0, problem.num_rows)
        multipliers = prove_multipliers(problem, prices, by_row, resource)
        if rng.random() < 0.5:
            proven.take_prices(prices)
            offered.append(prices.bound)
        else:
            is_kept = proven.take_multipliers(multipliers)
            assert is_kept == (proven.multipliers is multipliers)
            offered += [multipliers.bound, prices.bound]
        assert proven.bound <= before
    _, best = best_assignment(problem)
    assert best - 0.01 <= proven.bound <= min(offered)
    if not money_is_whole(problem):
        assert proven.bound == min(offered)
    by_knapsacks = proven.multipliers is not None
    assert (proven.source is BoundSource.KNAPSACK) == by_knapsacks
    assert proven.told_prices().bound >= proven.bound


def test_prices_that_prove_more_replace_multipliers() -> None:
    proven = Proven(with_cents())
    assert proven.take_multipliers(Multipliers(0, np.zeros(2), proven.prices, 45.0))
    assert not proven.take_multipliers(Multipliers(0, np.ones(2), proven.prices, 45.0))
    assert proven.take_prices(Prices((np.array([1.0]),), 47.0))
    assert (proven.bound, proven.source) == (45.0, BoundSource.KNAPSACK)
    # The multipliers were proved with the prices of then.
    assert proven.prices.bound == 47.0
    assert proven.told_prices().bound == 50.0
    assert proven.take_prices(Prices((np.array([2.0]),), 44.0))
    assert (proven.bound, proven.source) == (44.0, BoundSource.PRICES)
    assert not proven.take_prices(Prices((np.array([3.0]),), 46.0))


def test_bounds_of_whole_objectives_are_cut() -> None:
    proven = Proven(HOURS)
    assert proven.take_prices(PRICES)
    assert proven.prices.bound == pytest.approx(130 / 3)
    assert proven.bound == 43.0
    # What is cut to the same number proves no more.
    assert not proven.take_multipliers(replace(MULTIPLIERS, bound=43.2))
    assert proven.take_multipliers(replace(MULTIPLIERS, bound=42.7))
    assert (proven.bound, proven.source) == (42.0, BoundSource.KNAPSACK)
    cents = Proven(with_cents())
    assert cents.take_prices(PRICES)
    assert cents.bound == PRICES.bound


def record_of(problem: Problem) -> tuple[Record, Notebook]:
    """Return a record and who watches it."""
    notebook = Notebook()
    limits = Limits(seconds=None, gap=0.0)
    return Record("engine", problem, limits, notebook, time.monotonic()), notebook


def test_record_is_optimal_by_multipliers() -> None:
    record, notebook = record_of(with_cents())
    record.take_assignment(BEST)
    record.take_prices(PRICES)
    assert not record.is_over()
    by_hand = prove_multipliers(record.problem, PRICES, np.zeros(2), 0)
    record.take_multipliers(by_hand)
    record.take_multipliers(replace(by_hand, bound=31.0))
    assert record.is_over()
    assert [each.multipliers for each in notebook.heard if each.multipliers] == [by_hand]
    outcome = record.outcome()
    assert (outcome.reason, outcome.bound) == (StopReason.OPTIMAL, 30.0)
    assert outcome.bound_source is BoundSource.KNAPSACK
    assert (outcome.multipliers, outcome.prices) == (by_hand, PRICES)
    assert outcome.trace[-1][1:] == (record.objective, 30.0)


def test_solver_may_know_better_than_multipliers() -> None:
    record, _ = record_of(with_cents())
    record.take_multipliers(replace(MULTIPLIERS, bound=40.0))
    record.take_bound(35.0)
    outcome = record.outcome()
    assert outcome.bound == pytest.approx(35.0)
    assert (outcome.bound_source, outcome.multipliers) == (BoundSource.SOLVER, None)
    # A plan that is better than the solver's bound refutes it.
    record.take_bound(29.0)
    record.take_assignment(BEST)
    assert record.outcome().bound_source is BoundSource.KNAPSACK


def test_solver_bounds_of_whole_objectives_are_cut() -> None:
    record, _ = record_of(HOURS)
    record.take_bound(31.7)
    assert record.bound == 31.0
    record.take_bound(30.99999999)
    assert record.bound == pytest.approx(31.0)


def test_an_outcome_has_multipliers_where_they_prove_its_bound() -> None:
    with pytest.raises(ProblemError, match="has multipliers where they prove its bound"):
        Outcome("engine", StopReason.TIME_LIMIT, bound_source=BoundSource.KNAPSACK)
    with pytest.raises(ProblemError, match="has multipliers where they prove its bound"):
        Outcome("engine", StopReason.TIME_LIMIT, multipliers=MULTIPLIERS)

"""Multipliers prove at least what prices do, mostly more, and never too much."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings

from models.outcome import BoundSource, Limits
from models.resource import Resource
from planner.bound import prove
from planner.engines.baselines.greedy import greedy
from planner.engines.prices.multipliers import best_multipliers, tighten
from planner.engines.record import Record
from planner.knapsack_bound import knapsack_bound
from scenarios.bench.gap import generate_gap
from tests.brute_force import best_assignment
from tests.knapsacks import knapsack_problems, newton_prices
from tests.problems import flow_problem, hard_problem, random_problem
from tests.watchers import Notebook

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.problem import Problem
    from scenarios.bench.gap import Kind


def never() -> bool:
    """Return that there is no reason to stop."""
    return False


def record_of(problem: Problem, notebook: Notebook, seconds: float | None = None) -> Record:
    """Return a record with the prices and the greedy plan of a problem."""
    record = Record("engine", problem, Limits(seconds=seconds, gap=0.0), notebook, time.monotonic())
    record.take_prices(newton_prices(problem))
    record.take_assignment(greedy(problem, 0))
    return record


@settings(max_examples=30)
@given(knapsack_problems())
def test_they_lie_between_the_best_and_the_prices(drawn: tuple[Problem, int]) -> None:
    problem, resource = drawn
    prices = newton_prices(problem)
    found = best_multipliers(problem, prices, resource, never, most_steps=60)
    _, best = best_assignment(problem)
    assert found.bound >= best - 0.01
    if np.isfinite(best):
        # The knapsacks grant limits their tolerance, which the prices do not.
        assert found.bound <= prices.bound + 0.01
    again = knapsack_bound(problem, prices.by_resource, found.by_row, resource)
    assert found.bound == pytest.approx(again, rel=1e-12, abs=1e-9)


@pytest.mark.parametrize(("kind", "gain"), [("C", 8.0), ("D", 5.0), ("E", 20.0)])
def test_they_prove_more_than_the_relaxation(kind: Kind, gain: float) -> None:
    problem = generate_gap(kind, 10, 100).problem()
    prices = newton_prices(problem)
    found = best_multipliers(problem, prices, 0, never)
    assert found.prices is prices
    assert found.bound <= prices.bound - gain


def test_same_multipliers_every_time() -> None:
    problem = hard_problem(np.random.default_rng(0), 100, 8)
    prices = newton_prices(problem)
    first, second = (best_multipliers(problem, prices, 0, never) for _ in range(2))
    np.testing.assert_array_equal(first.by_row, second.by_row)


def test_it_stops_when_told_and_keeps_what_it_has() -> None:
    problem = hard_problem(np.random.default_rng(0), 100, 8)
    prices = newton_prices(problem)
    notebook = Notebook(patience=7)
    found = best_multipliers(problem, prices, 0, notebook.should_stop)
    assert found.bound <= prices.bound + 0.01
    again = best_multipliers(problem, prices, 0, never, most_steps=7)
    np.testing.assert_array_equal(found.by_row, again.by_row)


def test_it_ends_where_a_plan_is_proved_optimal() -> None:
    # One rep with 5 hours, leads of 3 hours for 30 and 20, and 2 for 9: the best plan brings 39.
    problem = random_problem(np.random.default_rng(0), 3, 1, num_resources=0, density=1.0)
    limit = Resource.at_most("hours", np.array([3.0, 3.0, 2.0]), np.array([5.0]))
    score = np.where(problem.rep >= 0, np.array([30.0, 20.0, 9.0])[problem.pair_rows()], 0.0)
    problem = replace(problem, score=score, resources=(limit,))
    prices = prove(problem, [np.array([20 / 3])])
    steps: list[int] = []
    for objective in (39.0, None):
        asked: list[int] = []
        stop = _counted(asked)
        found = best_multipliers(problem, prices, 0, stop, objective)
        assert found.bound == pytest.approx(39.0, abs=0.01)
        steps.append(len(asked))
    assert best_assignment(problem)[1] == 39.0
    assert steps[0] < steps[1]


def _counted(asked: list[int]) -> Callable[[], bool]:
    def stop() -> bool:
        asked.append(1)
        return False

    return stop


def test_record_is_told() -> None:
    problem = hard_problem(np.random.default_rng(0), 100, 8)
    notebook = Notebook()
    record = record_of(problem, notebook)
    before = record.bound
    tighten(record)
    assert record.multipliers is not None
    assert record.bound <= before - 1.0
    assert [p.multipliers for p in notebook.heard if p.multipliers] == [record.multipliers]
    assert notebook.messages == ["tightening the bound with knapsacks"]
    outcome = record.outcome()
    assert outcome.bound_source is BoundSource.KNAPSACK
    assert outcome.multipliers is record.multipliers
    assert outcome.prices is record.prices


def test_nothing_is_done_where_knapsacks_prove_no_more() -> None:
    problem = flow_problem(np.random.default_rng(0), 60, 4)
    for record in (
        record_of(problem, Notebook()),
        record_of(replace(problem, resources=()), Notebook()),
        record_of(hard_problem(np.random.default_rng(0), 60, 4), Notebook(), seconds=0.0),
    ):
        before = record.bound
        tighten(record)
        assert record.multipliers is None
        assert record.bound == before

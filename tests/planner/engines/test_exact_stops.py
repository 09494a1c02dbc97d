"""Exact stops when told to, and returns what it has by then."""

from __future__ import annotations

import numpy as np
import pytest

from models.outcome import Limits, StopReason, is_optimal
from planner.engines.baselines.greedy import greedy
from planner.engines.exact import Exact
from tests.problems import hard_problem, random_problem
from tests.watchers import EXACTLY, Notebook, solve

MANY_STEPS = random_problem(
    np.random.default_rng(3), 200, 20, num_resources=2, hard=1.0, obligatory=0.0
)


@pytest.mark.parametrize("patience", [0, 1, 2])
def test_stops_when_told_and_returns_what_it_has(patience: int) -> None:
    watcher, problem = Notebook(patience), hard_problem(np.random.default_rng(0), 40, 4)
    outcome = solve(Exact(), problem, EXACTLY, watcher=watcher)
    assert outcome.reason is StopReason.CANCELLED
    told = [progress.chosen for progress in watcher.heard if progress.chosen is not None]
    np.testing.assert_array_equal(outcome.assignment(), told[-1])
    assert outcome.iterations <= patience


def test_without_time_the_plan_is_greedy() -> None:
    for seed in range(5):
        limits = Limits(seconds=0.0, seed=seed)
        problem = hard_problem(np.random.default_rng(seed), 40, 4)
        outcome = solve(Exact(), problem, limits)
        np.testing.assert_array_equal(outcome.assignment(), greedy(problem, seed))
        assert outcome.reason is StopReason.TIME_LIMIT


def test_limit_on_steps() -> None:
    outcome = solve(Exact(), MANY_STEPS, Limits(seconds=None, iterations=2, gap=0.0))
    assert (outcome.reason, outcome.iterations) == (StopReason.ITERATION_LIMIT, 2)


def test_gap_is_enough() -> None:
    outcome = solve(Exact(), MANY_STEPS, Limits(seconds=60.0, gap=0.05))
    assert outcome.reason is StopReason.GAP_REACHED
    assert not is_optimal(outcome.bound, outcome.objective)

"""Exact never loses to what it is given, stops when told, and can be repeated."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.outcome import Limits, StopReason
from models.problem import Problem
from models.resource import Layer, Resource
from planner.engines import exact_run
from planner.engines.baselines.greedy import greedy
from planner.engines.exact import Exact
from tests.brute_force import best_assignment
from tests.problems import problems, random_choice, random_problem
from tests.watchers import EXACTLY, Notebook, solve

SHORT = Limits(seconds=None, iterations=2, gap=0.0)
NOW = Limits(seconds=0.0)
MONEY = 0.01


@cache
def wide(seed: int) -> Problem:
    """Return a problem that takes many steps, each of them quick."""
    rng = np.random.default_rng(seed)
    return random_problem(rng, 200, 20, num_resources=2, hard=1.0, obligatory=0.0)


@given(problems(feasible=True), st.integers(0, 2**32 - 1), st.sampled_from([SHORT, NOW]))
@settings(max_examples=40)
def test_never_worse_than_the_start_or_greedy(problem: Problem, seed: int, limits: Limits) -> None:
    rng = np.random.default_rng(seed)
    plans = [random_choice(rng, problem) for _ in range(10)]
    start = next(filter(problem.is_feasible, plans), None)
    outcome = solve(Exact(), problem, limits, start)
    for plan in (start, greedy(problem)):
        if plan is not None and problem.is_feasible(plan):
            assert outcome.objective is not None
            assert outcome.objective >= problem.objective(plan)
    if outcome.has_plan:
        assert problem.is_feasible(outcome.assignment())
        assert outcome.bound >= problem.objective(outcome.assignment())


@given(problems(max_rows=5, max_reps=3, feasible=True))
@settings(max_examples=40)
def test_start_is_kept_where_it_is_best(problem: Problem) -> None:
    best, objective = best_assignment(problem)
    outcome = solve(Exact(), problem, NOW, best)
    assert outcome.objective == pytest.approx(objective)


@given(problems(feasible=True), st.integers(0, 2**32 - 1))
@settings(max_examples=20)
def test_start_that_breaks_a_limit_does_no_harm(problem: Problem, seed: int) -> None:
    start = random_choice(np.random.default_rng(seed), problem)
    with_start, without = solve(Exact(), problem, EXACTLY, start), solve(Exact(), problem)
    assert with_start.reason is without.reason is StopReason.OPTIMAL
    assert with_start.objective == pytest.approx(without.objective, abs=MONEY)


@pytest.mark.parametrize("seed", [0, 3, 9])
def test_progress_only_improves(seed: int) -> None:
    watcher, problem = Notebook(), wide(seed)
    outcome = solve(Exact(), problem, SHORT, watcher=watcher)
    objectives = [problem.objective(p.chosen) for p in watcher.heard if p.chosen is not None]
    prices = [p.prices.bound for p in watcher.heard if p.prices is not None]
    bounds = [p.bound for p in watcher.heard if p.bound is not None]
    knapsacks = [p.multipliers.bound for p in watcher.heard if p.multipliers is not None]
    assert len(objectives) >= 2
    assert (np.diff(objectives) > 0).all()
    assert (np.diff(prices) < 0).all()
    assert (np.diff(bounds) < 0).all()
    assert objectives[-1] == outcome.objective
    assert min(prices + bounds + knapsacks) == outcome.bound
    told = [(o, b) for _, o, b in outcome.trace if o is not None]
    assert told == sorted(told, key=lambda each: (each[0], -each[1]))


@pytest.mark.parametrize("iterations", [1, 4])
def test_same_seed_and_steps_same_plan(iterations: int) -> None:
    limits = replace(SHORT, iterations=iterations, seed=3)
    plans = {solve(Exact(), wide(0), limits).assignment().tobytes() for _ in range(4)}
    assert len(plans) == 1


def test_seeds_lead_to_different_plans() -> None:
    # Else the plans of one seed are equal for no reason; later steps find them all alike.
    limits = replace(SHORT, iterations=1)
    seeds = [replace(limits, seed=seed) for seed in range(3, 9)]
    assert len({solve(Exact(), wide(0), each).assignment().tobytes() for each in seeds}) > 1


def test_more_capacity_never_lowers_the_optimum() -> None:
    rose = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        problem = random_problem(rng, 10, 4, num_resources=2)
        roomier = replace(
            problem,
            resources=tuple(
                replace(r, upper=r.upper + rng.integers(0, 4, r.num_groups))
                for r in problem.resources
            ),
        )
        before, after = solve(Exact(), problem), solve(Exact(), roomier)
        assert before.reason is after.reason is StopReason.OPTIMAL
        assert before.objective is not None
        assert after.objective is not None
        assert after.objective >= before.objective - MONEY, seed
        rose += after.objective > before.objective + MONEY
    # Else the room was never what mattered.
    assert rose >= 10


def test_a_limit_that_no_free_row_touches_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exact_run, "SIFTED_PAIRS", 1)
    # Two rows that must go to rep 0, who takes one; the third may choose, but counts nowhere.
    limit = Resource.at_most("count", np.array([1.0, 1.0, 0.0]), np.array([1.0, 1.0]))
    problem = Problem(np.array([0, 1, 2, 4]), np.array([0, 0, 1, -1]), np.ones(4), 2, (limit,))
    assert solve(Exact(), problem).reason is StopReason.INFEASIBLE
    # Nobody has what the lower limit of the second group asks for.
    limit = Resource("r", (Layer(np.ones(3)),), np.zeros(2), np.array([-np.inf, 1.0]),
                     np.full(2, np.inf), np.array([0.0, np.inf]), np.zeros(2))  # fmt: skip
    problem = Problem(np.arange(4) * 2, np.tile([0, -1], 3), np.ones(6), 2, (limit,))
    assert solve(Exact(), problem).reason is StopReason.INFEASIBLE

"""`levels`: the books that have least are lifted as far as any plan can."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import EngineError, ProblemError
from models.outcome import Limits, StopReason
from models.resource import Layer, Relief, Resource, soft_cost
from planner.bound import bound, clip_prices, prove
from planner.engines.exact import Exact
from planner.engines.flow import Flow
from planner.engines.heights import Heights
from planner.engines.isolation import run_isolated
from planner.engines.levels import Levels
from planner.engines.mip import build, solve_lp
from planner.engines.prices.engine import Prices
from planner.engines.record import Record
from planner.engines.registry import AUTO, choose_engine, engine_path
from tests.problems import random_problem
from tests.watchers import EXACTLY, Notebook, solve

if TYPE_CHECKING:
    from models.arrays import Floats, Ints
    from models.problem import Problem

CEILING = 100.0


def with_relief(
    rng: np.random.Generator, problem: Problem, count: int, *, scores: float = 0.0
) -> tuple[Problem, Floats]:
    """Return a problem that lifts the smallest `count` loads / share, and the shares."""
    num_reps = problem.num_reps
    share = rng.uniform(0.5, 2.0, num_reps)
    amount = rng.uniform(0.0, 5.0, problem.num_pairs) / np.append(share, 1.0)[problem.rep]
    lifted = Resource(
        name="lifted",
        layers=(Layer(amount),),
        base=rng.uniform(0.0, 2.0, num_reps) / share,
        lower=np.full(num_reps, CEILING),
        upper=np.full(num_reps, np.inf),
        under_cost=np.full(num_reps, 10.0),
        over_cost=np.zeros(num_reps),
        relief=Relief(np.ones(num_reps), 10.0 * count),
    )
    resources = (*problem.resources, lifted)
    return replace(problem, score=scores * problem.score, resources=resources), share


def random_relief(seed: int, count: int, scores: float = 0.0) -> Problem:
    """Return a small random problem with hard and soft limits of other kinds."""
    rng = np.random.default_rng(seed)
    plain = random_problem(rng, 5, 3, num_resources=1, obligatory=0.0)
    return with_relief(rng, plain, count, scores=scores)[0]


def plain_objective(problem: Problem, chosen: Ints, count: int) -> float:
    """Return score, soft costs of the other limits and 10 x the smallest books, computed anew."""
    others = replace(problem, resources=problem.resources[:-1])
    smallest = np.sort(problem.loads(chosen)[-1])[:count]
    return others.objective(chosen) + 10.0 * float((smallest - CEILING).sum())


def every_plan(problem: Problem) -> list[Ints]:
    """Return every feasible assignment."""
    pairs = [
        range(first, last)
        for first, last in zip(problem.indptr[:-1], problem.indptr[1:], strict=True)
    ]
    plans = [np.array(chosen, np.int64) for chosen in product(*pairs)]
    return [chosen for chosen in plans if problem.is_feasible(chosen)]


@given(st.integers(0, 500), st.integers(1, 3))
def test_the_objective_counts_the_smallest_books(seed: int, count: int) -> None:
    problem = random_relief(seed, count, scores=1.0)
    rng = np.random.default_rng(seed)
    chosen = rng.integers(problem.indptr[:-1], problem.indptr[1:])
    expected = plain_objective(problem, chosen, count)
    assert problem.objective(chosen) == pytest.approx(expected, abs=1e-6)


@settings(max_examples=25)
@given(st.integers(0, 500), st.integers(1, 3), st.sampled_from([0.0, 1.0]))
def test_levels_finds_the_best_plan(seed: int, count: int, scores: float) -> None:
    problem = random_relief(seed, count, scores)
    best = max(plain_objective(problem, chosen, count) for chosen in every_plan(problem))
    outcome = solve(Levels(), problem)
    assert outcome.reason is StopReason.OPTIMAL
    assert outcome.objective == pytest.approx(best, abs=0.02)
    assert best - 1e-6 <= outcome.bound <= best + 0.02
    assert outcome.prices is not None
    assert outcome.prices.bound == pytest.approx(bound(problem, outcome.prices.by_resource))
    assert outcome.prices.bound >= best - 1e-6


@given(st.integers(0, 500), st.integers(1, 3))
def test_no_plan_exceeds_what_any_prices_prove(seed: int, count: int) -> None:
    problem = random_relief(seed, count, 1.0)
    rng = np.random.default_rng(seed)
    prices = tuple(rng.normal(0.0, 10.0, each.num_groups) for each in problem.resources)
    proved = prove(problem, prices)
    assert np.isfinite(proved.bound)
    for chosen in every_plan(problem):
        assert plain_objective(problem, chosen, count) <= proved.bound + 1e-6
    # Unclipped, prices above what a step costs prove nothing.
    steep = list(proved.by_resource)
    steep[-1] = np.full(3, -10.0)
    assert np.isinf(bound(problem, steep)) == (count < 3)


def test_prices_of_a_relief_are_made_smaller_together() -> None:
    problem = random_relief(1, 1)
    clipped = clip_prices(problem, (np.zeros(problem.resources[0].num_groups), np.full(3, -8.0)))
    np.testing.assert_allclose(clipped[-1], -10.0 / 3)


@pytest.mark.parametrize("count", [1, 2, 4])
def test_heights_and_the_linear_relaxation_prove_the_same(count: int) -> None:
    rng = np.random.default_rng(count)
    plain = random_problem(rng, 60, 6, num_resources=2, obligatory=0.0, negative=0.0)
    problem, _ = with_relief(rng, plain, count)
    relaxed = solve_lp(build(problem, integer=False), None)
    assert relaxed.prices is not None
    least = prove(problem, relaxed.prices).bound
    limits = Limits(seconds=None, gap=0.0)
    record = Record("levels", problem, limits, Notebook(), 0.0)
    assert 0 < Heights(record, scale=25.0).best() < CEILING
    offset = 10.0 * count * CEILING
    assert record.bound + offset == pytest.approx(least + offset, rel=2e-3)
    assert record.bound >= least - 1e-6


def test_large_problems_get_plans_near_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("planner.engines.levels_run.WHOLE_PAIRS", 0)
    monkeypatch.setattr("planner.engines.levels_run.FEW_PAIRS", 0)
    rng = np.random.default_rng(3)
    plain = random_problem(rng, 200, 5, num_resources=1, obligatory=0.0, negative=0.0)
    problem, _ = with_relief(rng, plain, 2)
    outcome = solve(Levels(), problem, Limits(seconds=None, iterations=40, gap=1e-4))
    assert outcome.objective is not None
    reached = outcome.objective + 20.0 * CEILING
    assert reached <= outcome.bound + 20.0 * CEILING <= 1.01 * reached


def test_levels_runs_in_a_process_of_its_own() -> None:
    problem = random_relief(7, 2)
    best = max(plain_objective(problem, chosen, 2) for chosen in every_plan(problem))
    outcome = run_isolated(engine_path(Levels()), problem, EXACTLY)
    assert outcome.engine == "levels"
    assert outcome.objective == pytest.approx(best, abs=0.02)


def test_limits_that_nothing_keeps_are_told() -> None:
    problem = random_relief(2, 1)
    never = Resource.at_most("never", np.ones(5), np.full(3, -1.0))
    outcome = solve(Levels(), replace(problem, resources=(never, *problem.resources)))
    assert outcome.reason is StopReason.INFEASIBLE


def test_only_levels_takes_reliefs() -> None:
    problem = random_relief(1, 1)
    assert choose_engine(AUTO, problem).name == "levels"
    for engine in (Flow(), Exact(), Prices()):
        assert engine.unsupported(replace(problem, resources=problem.resources[-1:])) == (
            f"{engine.name} takes no lower limits that come down together, as those of lifted"
        )
    assert Levels().unsupported(problem) is None
    assert Levels().unsupported(replace(problem, resources=())) == (
        "levels takes one resource whose lower limits come down together, not 0"
    )
    many = replace(problem, num_reps=4, rep_key=np.arange(4, dtype=np.uint64))
    assert Levels().unsupported(many) == (
        "levels takes groups that are the reps; those of lifted are not"
    )
    with pytest.raises(EngineError, match="no engine is called 'levels'"):
        choose_engine("levels", problem)


def test_what_no_relief_can_be() -> None:
    resource = random_relief(1, 1).resources[-1]
    with pytest.raises(ProblemError, match="2 steps for 3 groups at a cost of 5; needs one"):
        replace(resource, relief=Relief(np.ones(2), 5.0))
    with pytest.raises(ProblemError, match="hard lower limits never come down"):
        replace(resource, under_cost=np.full(3, np.inf))
    # Where a step costs more than all limits together save, none is taken.
    dear = replace(resource, relief=Relief(np.ones(3), 31.0))
    np.testing.assert_allclose(soft_cost(dear, np.full(3, 90.0)), 100.0)

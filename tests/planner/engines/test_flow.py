"""Flow says what it cannot take, is exact on what it can, and its prices prove it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from models.outcome import OPTIMAL_MONEY, BoundSource, Limits, StopReason
from models.problem import Problem
from models.resource import Resource
from planner.bound import bound
from planner.engines.answer import Answer
from planner.engines.baselines.greedy import greedy
from planner.engines.exact import Exact
from planner.engines.flow import Flow, answers
from tests.problems import flow_problem
from tests.watchers import Notebook, solve

PROBLEM = flow_problem(np.random.default_rng(0), 12, 4)
(COUNT,) = PROBLEM.resources
ONE = np.ones(4)


def sized(seed: int) -> Problem:
    """Return a problem of 2 to 40 rows and 1 to 8 reps."""
    rng = np.random.default_rng(seed)
    return flow_problem(rng, int(rng.integers(2, 41)), int(rng.integers(1, 9)))


def softened(problem: Problem, seed: int) -> Problem:
    """Return the problem with base loads, and with limits of both sides that cost money."""
    rng = np.random.default_rng(seed)
    (count,) = problem.resources
    size = problem.num_reps
    over = np.where(rng.random(size) < 0.5, np.inf, rng.uniform(0.0, 50.0, size))
    base, lower = rng.integers(0, 3, size), count.upper - rng.integers(0, 3, size)
    soft = replace(
        count,
        base=np.minimum(base, count.upper),
        lower=lower,
        under_cost=rng.uniform(0.0, 50.0, size),
        over_cost=over,
    )
    return replace(problem, resources=(soft,))


def test_every_status_has_a_meaning() -> None:
    assert set(answers()) == set(SimpleMinCostFlow.Status.__members__.values())
    assert [s.name for s, a in answers().items() if a is Answer.INFEASIBLE] == ["INFEASIBLE"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("is_soft", [False, True])
def test_is_exact_and_its_prices_prove_it(is_soft: bool) -> None:
    for seed in range(60):
        problem = softened(sized(seed), seed) if is_soft else sized(seed)
        outcome, other = solve(Flow(), problem), solve(Exact(), problem)
        assert outcome.reason is StopReason.OPTIMAL, (seed, outcome.detail)
        assert outcome.objective == pytest.approx(other.objective, abs=OPTIMAL_MONEY), seed
        assert problem.is_feasible(outcome.assignment())
        assert outcome.objective == problem.objective(outcome.assignment())
        assert outcome.prices is not None
        assert outcome.bound_source is BoundSource.PRICES
        proved = bound(problem, outcome.prices.by_resource)
        assert proved == pytest.approx(outcome.objective, abs=OPTIMAL_MONEY), seed


def test_infeasible_is_confirmed() -> None:
    # Every row must go to one of four reps, who have room for eleven of twelve.
    indptr, rep = np.arange(13) * 4, np.tile(np.arange(4, dtype=np.int32), 12)
    upper = np.array([3.0, 3.0, 3.0, 2.0])
    for limit, reason in ((upper, StopReason.INFEASIBLE), (upper + 1, StopReason.OPTIMAL)):
        count = Resource.at_most("count", np.ones(12), limit)
        outcome = solve(Flow(), Problem(indptr, rep, np.arange(48.0), 4, (count,)))
        assert outcome.reason is reason, outcome.detail
    count = Resource.at_most("count", np.ones(12), ONE, base=1.5 * ONE)
    outcome = solve(Flow(), replace(PROBLEM, resources=(count,)))
    assert outcome.reason is StopReason.INFEASIBLE
    assert outcome.detail == "no assignment keeps every hard limit; two solvers agree"


def test_tells_of_the_start_and_the_greedy_plan_before_it_solves() -> None:
    problem, notebook = sized(3), Notebook()
    start = problem.indptr[1:] - 1
    solve(Flow(), problem, Limits(seed=5), start, notebook)
    told = [progress.chosen for progress in notebook.heard if progress.chosen is not None]
    for plan, expected in zip(told, (start, greedy(problem, 5)), strict=False):
        np.testing.assert_array_equal(plan, expected)
    assert len(told) == 3


def test_large_sums_of_money_stay_exact() -> None:
    problem = sized(7)
    large = replace(problem, score=problem.score * 2.0**30)
    expected = solve(Flow(), problem)
    np.testing.assert_array_equal(solve(Flow(), large).assignment(), expected.assignment())

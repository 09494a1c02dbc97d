"""`prices` never beats the best, never loses to its start, and is the same with any threads."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given

from models.outcome import Limits, StopReason
from planner.bound import bound, clip_prices, zero_prices
from planner.engines.exact import Exact
from planner.engines.prices.best_prices import best_prices
from planner.engines.prices.core import core_of
from planner.engines.prices.engine import Prices
from planner.kernels.packed import pack
from tests.brute_force import best_assignment
from tests.oracles import relaxed_objective
from tests.problems import flow_problem, hard_problem, problems, random_choice, random_problem
from tests.watchers import Notebook, solve

if TYPE_CHECKING:
    from models.problem import Problem
    from planner.engines.engine import Engine

EXACTLY = Limits(seconds=None, gap=0.0)


def never() -> bool:
    """Return that there is no reason to stop."""
    return False


@pytest.mark.parametrize("seed", range(60))
def test_it_finds_a_plan_where_there_is_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = random_problem(
        rng, int(rng.integers(1, 9)), int(rng.integers(1, 5)), hard=1.0, feasible=seed % 3 > 0
    )
    chosen, best = best_assignment(problem)
    outcome = solve(Prices(), problem, EXACTLY)
    if chosen is None:
        assert outcome.reason is StopReason.INFEASIBLE
        return
    assert outcome.objective is not None
    assert problem.is_feasible(outcome.assignment())
    assert outcome.objective <= best + 1e-6 * max(1.0, abs(best))
    assert outcome.bound >= best - 1e-6 * max(1.0, abs(best))
    assert outcome.prices is not None
    assert outcome.prices.bound == pytest.approx(bound(problem, outcome.prices.by_resource))


@pytest.mark.parametrize("seed", range(10))
def test_prices_come_close_to_the_relaxation(seed: int) -> None:
    problem = random_problem(np.random.default_rng(seed), 30, 5, num_resources=2)
    packed = pack(problem)
    search = best_prices(packed, problem.num_reps, 1e-7, never)
    relaxed = relaxed_objective(problem)
    assert relaxed is not None
    found = bound(problem, [np.asarray(q) for q in packed.split(search.best)])
    assert found >= relaxed - 1e-6 * max(1.0, abs(relaxed))
    assert found <= relaxed + 2e-3 * max(1.0, abs(relaxed))
    assert found <= zero_prices(problem).bound + 1e-3


@pytest.mark.parametrize("seed", range(4))
def test_gap_of_a_middle_sized_problem(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = flow_problem(rng, 4_000, 40) if seed % 2 else hard_problem(rng, 400, 10)
    outcome = solve(Prices(), problem, Limits(seconds=None, iterations=20, gap=1e-3))
    exact = solve(Exact(), problem, Limits(seconds=10.0, gap=1e-3))
    assert outcome.objective is not None
    assert exact.objective is not None
    assert outcome.objective >= exact.objective - 0.005 * abs(exact.objective)


def test_never_worse_than_the_start() -> None:
    problem = hard_problem(np.random.default_rng(0), 300, 8)
    best = solve(Exact(), problem, Limits(seconds=1.0, gap=0.0)).assignment()
    outcome = solve(Prices(), problem, Limits(seconds=0.0), best)
    assert outcome.objective == problem.objective(best)
    assert outcome.reason is StopReason.TIME_LIMIT


@pytest.mark.parametrize("engine", [Prices(), Exact()])
def test_known_prices_and_plan_are_all_that_is_needed(engine: Engine) -> None:
    problem = flow_problem(np.random.default_rng(0), 4_000, 40)
    limits = Limits(seconds=None, iterations=200, gap=1e-3)
    first = solve(Prices(), problem, limits)
    assert first.reason is StopReason.GAP_REACHED
    assert first.prices is not None
    notebook = Notebook()
    begun = first.assignment(), notebook, first.prices.by_resource
    again = solve(engine, problem, limits, *begun)
    assert again.reason is StopReason.GAP_REACHED
    assert again.objective == first.objective
    assert again.iterations == 0
    assert "finding prices" not in notebook.messages


@pytest.mark.parametrize("seed", range(6))
def test_false_prices_and_plan_do_no_harm(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = flow_problem(rng, 2_000, 20)
    limits = Limits(seconds=None, iterations=60, gap=1e-3, seed=seed)
    plain = solve(Prices(), problem, limits)
    wild = tuple(rng.normal(0.0, 1e6, resource.num_groups) for resource in problem.resources)
    begun = random_choice(rng, problem), Notebook(), clip_prices(problem, wild)
    warm = solve(Prices(), problem, limits, *begun)
    assert plain.objective is not None
    assert warm.objective is not None
    assert warm.objective >= plain.objective - 2e-3 * abs(plain.objective)
    assert warm.bound >= plain.objective


def test_it_stops_when_told_and_keeps_what_it_has() -> None:
    problem = hard_problem(np.random.default_rng(0), 600, 12)
    outcome = solve(Prices(), problem, Limits(seconds=None, gap=0.0), None, Notebook(patience=40))
    assert outcome.reason is StopReason.CANCELLED


def test_it_ends_where_cores_hold_no_plan() -> None:
    rng = np.random.default_rng(10)
    problem = random_problem(rng, 400, 12, num_resources=2, hard=1.0, obligatory=0.0)
    outcome = solve(Prices(), problem, Limits(seconds=None, iterations=2, gap=0.0))
    assert outcome.reason is StopReason.FAILED
    assert outcome.iterations == 2


def test_same_plan_with_any_number_of_threads() -> None:
    problem = random_problem(
        np.random.default_rng(1), 2_000, 25, num_resources=2, hard=1.0, obligatory=0.0
    )
    plans = set()
    for threads in (1, 2, 1, 2):
        limits = Limits(seconds=None, iterations=3, gap=1e-5, threads=threads, seed=3)
        plans.add(solve(Prices(), problem, limits).assignment().tobytes())
    assert len(plans) == 1


def test_problem_without_resources_or_rows() -> None:
    plain = random_problem(np.random.default_rng(0), 20, 4, num_resources=0)
    assert solve(Prices(), plain, EXACTLY).reason is StopReason.OPTIMAL
    empty = replace(plain, indptr=np.zeros(1, np.int64), rep=plain.rep[:0], score=plain.score[:0],
                    row_key=plain.row_key[:0], arrival=plain.arrival[:0])  # fmt: skip
    assert solve(Prices(), empty, EXACTLY).reason is StopReason.OPTIMAL


@given(problems(feasible=True))
def test_a_core_counts_as_the_whole_does(problem: Problem) -> None:
    rng = np.random.default_rng(0)
    held = random_choice(rng, problem)
    packed = pack(problem, np.float64)
    price = np.zeros(packed.num_slots)
    if not packed.num_slots:
        return
    core = core_of(problem, packed, price, np.full(problem.num_rows, 20.0), held)
    np.testing.assert_array_equal(core.whole(core.start()), held)
    chosen = random_choice(rng, core.problem) if core.problem.num_rows else core.start()
    whole = core.whole(chosen)
    assert problem.is_feasible(whole) == core.problem.is_feasible(chosen)
    before, after = problem.objective(held), problem.objective(whole)
    part = core.problem.objective(chosen) - core.problem.objective(core.start())
    assert after - before == pytest.approx(part, abs=1e-6)

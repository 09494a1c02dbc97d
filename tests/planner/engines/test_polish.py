"""Polish improves a plan step by step, keeps it feasible and tells when nothing is better."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.problem import NOBODY
from planner.bound import losses, prove, zero_prices
from planner.engines.mip import build, solve_lp
from planner.engines.polish import PART_PAIRS, Polish, first_radius
from tests.brute_force import best_assignment
from tests.problems import flow_problem, hard_problem, problems, random_choice

if TYPE_CHECKING:
    from models.problem import Problem

NODES = 10_000


def begun(problem: Problem, seed: int = 0) -> Polish:
    """Return a search that begins with nobody, under the prices of the relaxation."""
    result = solve_lp(build(problem, integer=False), None)
    assert result.prices is not None
    return Polish(problem, prove(problem, result.prices), problem.indptr[1:] - 1, seed)


@given(problems(max_rows=5, max_reps=3, feasible=True), st.integers(0, 2**32 - 1))
@settings(max_examples=60)
def test_proof_finds_the_best(problem: Problem, seed: int) -> None:
    chosen, best = best_assignment(problem)
    assert chosen is not None
    rng = np.random.default_rng(seed)
    others = [random_choice(rng, problem) for _ in range(20)]
    start = min([*filter(problem.is_feasible, others), chosen], key=problem.objective)
    search = Polish(problem, zero_prices(problem), start, seed)
    search.prove(0.0, NODES, None)
    assert search.is_settled
    assert problem.is_feasible(search.chosen)
    assert search.objective == pytest.approx(best, rel=1e-6, abs=0.01)
    assert search.bound >= best - 1e-6 * max(1.0, abs(best))


def test_steps_never_lose() -> None:
    # The third part is not solved in its limits: what it finds is worse than what there is.
    problem = hard_problem(np.random.default_rng(0), 60, 6, tightness=1.0)
    search = begun(problem)
    first = before = search.objective
    for step in range(1, 4):
        search.step(None)
        assert search.steps == step
        assert problem.is_feasible(search.chosen)
        assert search.objective == problem.objective(search.chosen) >= before
        before = search.objective
    assert before > first


def test_same_seed_same_steps() -> None:
    problem = flow_problem(np.random.default_rng(0), 300, 30)
    told = []
    for seed in (1, 1, 2):
        search = begun(problem, seed)
        for _ in range(3):
            search.step(None)
        told.append(search.chosen.tolist())
    assert told[0] == told[1] != told[2]


def test_fewer_pairs_are_open_the_better_the_plan_is() -> None:
    problem = hard_problem(np.random.default_rng(0), 24, 3)
    search = begun(problem)
    gap, num_open = search.gap_money, search.num_open()
    search.prove(0.0, NODES, None)
    assert 0.0 <= search.gap_money < gap
    assert 0 <= search.num_open() < num_open <= problem.num_pairs - problem.num_rows


def test_becomes_stale_where_nothing_is_better() -> None:
    problem = hard_problem(np.random.default_rng(0), 20, 3)
    search = begun(problem)
    search.prove(0.0, NODES, None)
    best = search.objective
    for _ in range(50):
        search.step(None)
        if search.is_stale:
            break
    assert search.is_stale
    assert search.objective == best


def test_start_is_not_written_to() -> None:
    problem = hard_problem(np.random.default_rng(0), 20, 3)
    start = problem.indptr[1:] - 1
    search = Polish(problem, zero_prices(problem), start, 0)
    search.prove(0.0, NODES, None)
    assert (problem.rep[start] == NOBODY).all()
    assert (problem.rep[search.chosen] != NOBODY).any()


@given(st.integers(1, 200), st.integers(1, 8), st.integers(0, 2**32 - 1))
@settings(max_examples=30)
def test_first_radius_frees_enough_pairs(num_rows: int, num_reps: int, seed: int) -> None:
    problem = hard_problem(np.random.default_rng(seed), num_rows, num_reps)
    prices = prove(problem, [np.ones(num_reps)])
    loss = losses(problem, prices.by_resource)
    inside = np.count_nonzero(loss <= first_radius(problem, prices, loss))
    assert inside >= min(problem.num_pairs, num_rows + PART_PAIRS)

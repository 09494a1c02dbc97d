"""Annealing never loses a plan, mends broken limits, and comes close to the best one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from models.problem import NOBODY
from planner.bound import losses, prove
from planner.engines.baselines.greedy import greedy
from planner.engines.prices.annealing import FIRST_STEPS, Annealing
from planner.engines.prices.best_prices import best_prices
from planner.kernels.packed import pack
from tests.oracles import milp_objective
from tests.problems import flow_problem

if TYPE_CHECKING:
    from models.problem import Floats, Ints, Problem


def never() -> bool:
    """Return that there is no reason to stop."""
    return False


def begin(problem: Problem, chosen: Ints) -> tuple[Annealing, Floats]:
    """Return a search over all pairs of a problem, and the prices that it uses."""
    packed = pack(problem, np.float64)
    price = best_prices(packed, problem.num_reps, 1e-7, never).best
    loss = losses(problem, packed.split(price))
    worth = np.full(packed.num_slots, 1.0)
    return Annealing(packed, loss, price, worth, chosen, 0), price


@pytest.mark.parametrize("seed", range(4))
def test_rounds_only_improve_and_come_close_to_the_best(seed: int) -> None:
    problem = flow_problem(np.random.default_rng(seed), 120, 6)
    first = greedy(problem)
    search, price = begin(problem, first)
    bound = prove(problem, pack(problem).split(price)).bound
    assert search.short == pytest.approx(bound - problem.objective(first), abs=1e-2)
    told: list[float] = []
    for number in range(3):
        assert search.next_steps == FIRST_STEPS * 2**number
        before = search.short
        taken = search.round(never, lambda chosen: told.append(problem.objective(chosen)))
        assert taken == FIRST_STEPS * 2**number
        assert search.short <= before
    assert problem.is_feasible(search.chosen)
    assert (np.diff(told) > 0).all()
    assert problem.objective(search.chosen) == pytest.approx(bound - search.short, abs=1e-2)
    best = milp_objective(problem)
    assert best is not None
    assert problem.objective(search.chosen) >= best - 1e-3 * abs(best)


def test_it_stops_when_told_and_goes_on_from_better_plans_only() -> None:
    problem = flow_problem(np.random.default_rng(1), 120, 6)
    search, _ = begin(problem, greedy(problem))
    asked = iter(range(100))
    assert search.round(lambda: next(asked) >= 5, lambda _: None) == 5
    found = search.chosen
    search.begin_with(problem.indptr[1:] - 1)
    np.testing.assert_array_equal(search.chosen, found)


@pytest.mark.parametrize("seed", range(4))
def test_repair_mends_broken_limits(seed: int) -> None:
    problem = flow_problem(np.random.default_rng(seed), 120, 6)
    crowded = problem.indptr[:-1].copy()
    assert not problem.is_feasible(crowded)
    search, _ = begin(problem, crowded)
    assert search.short == np.inf
    search.repair(never)
    assert problem.is_feasible(search.chosen)
    assert np.count_nonzero(problem.rep[search.chosen] != NOBODY)

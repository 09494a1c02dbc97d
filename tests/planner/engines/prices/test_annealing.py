"""Annealing never loses a plan, mends broken limits, and comes close to the best one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from models.problem import NOBODY, Problem
from models.resource import Resource
from planner.bound import losses, prove
from planner.engines.baselines.greedy import greedy
from planner.engines.prices.annealing import FIRST_STEPS, PATIENCE, Annealing
from planner.engines.prices.best_prices import best_prices
from planner.engines.prices.core import core_of
from planner.engines.prices.exchange import ExchangeSearch
from planner.engines.prices.newton import typical_amounts
from planner.kernels.packed import pack
from tests.oracles import milp_objective
from tests.problems import flow_problem, hard_problem, random_choice, random_problem
from tests.watchers import Notebook

if TYPE_CHECKING:
    from models.arrays import Floats, Ints


def never() -> bool:
    """Return that there is no reason to stop."""
    return False


def begin(
    problem: Problem, chosen: Ints, seed: int = 0, patience: int = PATIENCE
) -> tuple[Annealing, Floats]:
    """Return a search over all pairs of a problem, and the prices that it uses."""
    packed = pack(problem, np.float64)
    price = best_prices(packed, problem.num_reps, 1e-7, never).best
    loss = losses(problem, packed.split(price))
    worth = np.full(packed.num_slots, 1.0)
    return Annealing(packed, loss, price, worth, chosen, seed, patience), price


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
def test_settling_only_improves(seed: int) -> None:
    problem = flow_problem(np.random.default_rng(seed), 120, 6)
    search, _ = begin(problem, greedy(problem), seed)
    before = problem.objective(search.chosen)
    told: list[float] = [before]
    search.settle(never, lambda chosen: told.append(problem.objective(chosen)))
    assert len(told) > 1
    assert (np.diff(told) > 0).all()
    assert problem.is_feasible(search.chosen)
    assert problem.objective(search.chosen) == told[-1]


def test_settling_stops_when_told() -> None:
    problem = flow_problem(np.random.default_rng(1), 120, 6)
    search, _ = begin(problem, greedy(problem))
    asked = iter([False, False, True])
    search.settle(lambda: next(asked), lambda _: None)
    assert next(asked, None) is None


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


def mixed(seed: int) -> Problem:
    """Return a small problem with several resources, soft and hard."""
    return random_problem(np.random.default_rng(seed), 30, 6, num_resources=3, hard=0.5)


def ignore(_: Ints) -> None:
    """Take a plan and do nothing."""


@pytest.mark.parametrize("seed", [1, 3, 5, 9, 10, 11])
def test_it_comes_close_to_the_best_of_several_resources(seed: int) -> None:
    problem = mixed(seed)
    search, _ = begin(problem, greedy(problem))
    for _ in range(3):
        search.round(never, ignore)
    best = milp_objective(problem)
    assert best is not None
    assert problem.is_feasible(search.chosen)
    assert problem.objective(search.chosen) == pytest.approx(best, rel=1e-3)


@pytest.mark.parametrize("seed", range(4))
def test_plans_handed_on_are_feasible_and_each_better(seed: int) -> None:
    problem = hard_problem(np.random.default_rng(seed), 30, 6)
    first = greedy(problem)
    search, _ = begin(problem, first)
    told: list[Ints] = [first]
    search.round(never, told.append)
    assert len(told) > 1
    assert all(map(problem.is_feasible, told))
    assert (np.diff([problem.objective(plan) for plan in told]) > 0).all()
    np.testing.assert_array_equal(search.chosen, told[-1])


def test_a_plan_that_breaks_limits_is_kept_until_there_is_another_one() -> None:
    problem = hard_problem(np.random.default_rng(0), 30, 6)
    crowded = problem.indptr[:-1].copy()
    search, _ = begin(problem, crowded)
    np.testing.assert_array_equal(search.chosen, crowded)
    assert np.isinf(search.short)
    told: list[Ints] = []
    search.round(never, told.append)
    assert np.isfinite(search.short)
    assert problem.is_feasible(search.chosen)
    assert len(told) >= 1
    np.testing.assert_array_equal(crowded, problem.indptr[:-1])


def test_rounds_that_find_nothing_make_it_stale() -> None:
    problem = mixed(3)
    search, _ = begin(problem, greedy(problem))
    search.round(never, ignore)
    assert not search.is_stale
    fruitless = 0
    while not search.is_stale:
        before = search.short
        search.round(never, ignore)
        fruitless = 0 if search.short < before else fruitless + 1
        assert search.is_stale == (fruitless == PATIENCE)


def test_a_round_that_was_stopped_does_not_count() -> None:
    problem = mixed(3)
    search, _ = begin(problem, greedy(problem))
    for _ in range(2 * PATIENCE):
        assert search.round(Notebook(patience=2).should_stop, ignore) == 2
    assert search.next_steps == FIRST_STEPS
    assert not search.is_stale


def test_patience_is_how_many_rounds_may_find_nothing() -> None:
    problem = mixed(3)
    patient, _ = begin(problem, greedy(problem), patience=PATIENCE + 2)
    hasty, _ = begin(problem, greedy(problem))
    for search in (patient, hasty):
        while not search.is_stale:
            search.round(never, ignore)
    assert patient.next_steps == hasty.next_steps * 2**2


def test_it_goes_on_from_a_better_plan() -> None:
    problem = hard_problem(np.random.default_rng(0), 30, 6)
    nobody = problem.indptr[1:] - 1
    better = greedy(problem)
    search, _ = begin(problem, nobody)
    first = search.short
    search.begin_with(better)
    np.testing.assert_array_equal(search.chosen, better)
    gain = problem.objective(better) - problem.objective(nobody)
    assert search.short == pytest.approx(first - gain)
    for worse in (nobody, problem.indptr[:-1]):
        search.begin_with(worse)
        np.testing.assert_array_equal(search.chosen, better)


def test_same_seed_same_rounds() -> None:
    problem = hard_problem(np.random.default_rng(0), 100, 8)
    told = []
    for seed in (1, 1, 2):
        search, _ = begin(problem, greedy(problem), seed)
        search.round(never, ignore)
        told.append(search.chosen.tolist())
    assert told[0] == told[1] != told[2]


@pytest.mark.parametrize("seed", range(10))
def test_repair_mends_several_hard_limits(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = hard_problem(rng, 30, 6)
    broken = random_choice(rng, problem)
    assert not problem.is_feasible(broken)
    search, _ = begin(problem, broken)
    search.repair(never)
    assert problem.is_feasible(search.chosen)
    assert np.isfinite(search.short)


def test_repair_leaves_a_plan_that_breaks_nothing() -> None:
    problem = hard_problem(np.random.default_rng(0), 30, 6)
    first = greedy(problem)
    search, _ = begin(problem, first)
    search.repair(never)
    np.testing.assert_array_equal(search.chosen, first)


def crowd() -> Problem:
    """Return five rows that must be worked by two reps, who take two each."""
    limit = Resource.at_most("count", np.ones(5), np.full(2, 2.0))
    return Problem(np.arange(6) * 2, np.tile([0, 1], 5).astype(np.int32), np.ones(10), 2, (limit,))


def test_repair_and_rounds_leave_a_plan_where_none_keeps_all_limits() -> None:
    problem = crowd()
    search, _ = begin(problem, problem.indptr[:-1].copy())
    search.repair(never)
    assert len(list(problem.breaches(search.chosen))) == 1
    assert search.round(never, ignore) == FIRST_STEPS
    assert np.isinf(search.short)
    assert (search.chosen // 2).tolist() == list(range(5))


def test_repair_stops_when_told() -> None:
    problem = crowd()
    first = problem.indptr[:-1].copy()
    search, _ = begin(problem, first)
    search.repair(lambda: True)
    np.testing.assert_array_equal(search.chosen, first)


def test_repair_of_nothing() -> None:
    limit = Resource.at_most("count", np.zeros(0), np.array([1.0, -1.0]))
    none = np.zeros(0, np.int32)
    problem = Problem(np.zeros(1, np.int64), none, np.zeros(0), 2, (limit,))
    packed = pack(problem, np.float64)
    search = Annealing(packed, np.zeros(0), np.zeros(2), np.ones(2), np.zeros(0, np.int64), 0)
    search.repair(never)
    assert len(search.chosen) == 0
    # The base alone breaks a limit.
    assert np.isinf(search.short)


@pytest.mark.parametrize("seed", range(4))
def test_repair_of_a_core_keeps_its_loads(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = hard_problem(rng, 60, 6)
    packed, price = pack(problem, np.float64), np.ones(6)
    core = core_of(problem, packed, price, np.full(60, 60.0), random_choice(rng, problem))
    search = ExchangeSearch(core, price, typical_amounts(packed))
    assert search.broken().any()
    search.repair(never)
    assert not search.broken().any()
    np.testing.assert_allclose(search.load, np.concatenate(core.problem.loads(search.chosen)))
    assert problem.is_feasible(core.whole(search.chosen))

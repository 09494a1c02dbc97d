"""Every price vector bounds every assignment, and the best ones reach the linear relaxation."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import ProblemError
from models.problem import NOBODY, Problem
from models.resource import NOT_COUNTED, Layer, Resource
from planner.bound import (
    bound,
    conjugate,
    losses,
    money_is_whole,
    prove,
    unused,
    whole_bound,
    whole_money,
    zero_prices,
)
from planner.engines.exact import Exact
from tests.brute_force import best_assignment
from tests.oracles import relaxed_objective
from tests.problems import problems, random_choice, random_problem
from tests.watchers import solve

if TYPE_CHECKING:
    from models.arrays import Floats

VECTORS = 2_000
EACH = 10
STEEPEST = 100.0
"""Stands for the price of a hard limit, whose range has no end."""


def random_prices(rng: np.random.Generator, problem: Problem) -> list[Floats]:
    """Return prices inside -under_cost .. over_cost, some of them at its ends, some 0."""
    prices = []
    for resource in problem.resources:
        low = -np.minimum(resource.under_cost, STEEPEST)
        high = np.minimum(resource.over_cost, STEEPEST)
        price = rng.uniform(low, high)
        ends = rng.choice(4, resource.num_groups)
        prices.append(np.select([ends == 0, ends == 1, ends == 2], [low, high, 0 * low], price))
    return prices


def test_2000_random_price_vectors_bound_the_best() -> None:
    checked, seed = 0, 0
    while checked < VECTORS:
        seed += 1
        rng = np.random.default_rng(seed)
        problem = random_problem(rng, int(rng.integers(1, 9)), int(rng.integers(1, 5)))
        chosen, best = best_assignment(problem)
        assert chosen is not None
        for _ in range(EACH):
            proved = bound(problem, random_prices(rng, problem))
            assert np.isfinite(proved), seed
            assert proved >= best - 1e-9 * max(1.0, abs(best)), seed
            checked += 1


def test_the_best_prices_reach_the_linear_relaxation() -> None:
    for seed in range(40):
        problem = random_problem(np.random.default_rng(seed), 8, 4)
        prices = solve(Exact(), problem).prices
        relaxed = relaxed_objective(problem)
        assert prices is not None
        assert relaxed is not None
        assert prices.bound >= relaxed - 1e-6 * max(1.0, abs(relaxed)), seed
        assert prices.bound == pytest.approx(relaxed, rel=1e-6, abs=1e-4), seed


@given(problems(), st.integers(0, 2**32 - 1))
def test_losses_and_unused_room_explain_the_distance_from_the_bound(
    problem: Problem, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    prices, chosen = random_prices(rng, problem), random_choice(rng, problem)
    lost = losses(problem, prices)
    left = unused(problem, prices, chosen)
    assert lost.min() >= 0
    distance = bound(problem, prices) - problem.objective(chosen)
    told = lost[chosen].sum() + sum(money.sum() for money in left)
    assert told == pytest.approx(distance, rel=1e-9, abs=1e-6)
    if problem.is_feasible(chosen):
        assert all((money >= -1e-3).all() for money in left)


@given(problems(), st.integers(0, 2**32 - 1))
def test_prices_outside_their_range_prove_nothing_until_clipped(
    problem: Problem, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    outside = [
        np.minimum(resource.over_cost, STEEPEST) + rng.uniform(1, 9, resource.num_groups)
        for resource in problem.resources
    ]
    soft = any(np.isfinite(resource.over_cost).any() for resource in problem.resources)
    assert (bound(problem, outside) == np.inf) == soft
    assert np.isfinite(prove(problem, outside).bound)
    assert np.isfinite(zero_prices(problem).bound)


def hours(price_of_over: float = np.inf) -> Problem:
    """Return two leads of 3 and 2 hours for a rep who has 4, and 1 of them taken."""
    limit = Resource.at_most("hours", np.array([3.0, 2.0]), np.array([4.0]), base=np.ones(1))
    limit = replace(limit, over_cost=np.array([price_of_over]))
    score = np.array([30.0, 0.0, 10.0, -1.0])
    return Problem(np.array([0, 2, 4]), np.array([0, -1, 0, -1]), score, 1, (limit,))


@pytest.mark.parametrize(
    ("price", "expected"),
    [
        # 30 + 10, both taken; 4 hours cost nothing.
        (0.0, 40.0),
        # 30 - 3 x 4 + 10 - 2 x 4, and the 3 free hours are worth 4 each.
        (4.0, 18.0 + 2.0 + 12.0),
        # 30 - 3 x 7, the second stays with nobody for -1, the 3 free hours are worth 7 each.
        (7.0, 9.0 - 1.0 + 21.0),
    ],
)
def test_by_hand(price: float, expected: float) -> None:
    assert bound(hours(), [np.array([price])]) == expected


def test_conjugate_by_hand() -> None:
    band = Resource("count", (), np.ones(4), np.full(4, 2.0), np.full(4, 5.0),
                    np.full(4, 3.0), np.array([3.0, 3.0, np.inf, 3.0]))  # fmt: skip
    # Price x (limit - base): at the upper limit above 0, at the lower one below, closed outside.
    told = conjugate(band, np.array([2.0, -2.0, 9.0, 4.0]))
    assert told.tolist() == [8.0, -2.0, 36.0, np.inf]


@given(problems(), st.integers(0, 2**32 - 1))
def test_whole_bounds_bound_the_best(problem: Problem, seed: int) -> None:
    prices = prove(problem, random_prices(np.random.default_rng(seed), problem))
    _, best = best_assignment(problem)
    cut = whole_bound(problem, prices.bound, prices.by_resource)
    assert cut <= prices.bound
    if money_is_whole(problem):
        # Up to the same tolerance as before it was cut.
        assert cut >= min(best, prices.bound)
    else:
        assert cut == prices.bound


def test_money_is_whole_where_scores_are_and_nothing_else_costs() -> None:
    assert money_is_whole(hours())
    assert not money_is_whole(hours(price_of_over=2.0))
    assert money_is_whole(hours(price_of_over=0.0))
    assert not money_is_whole(replace(hours(), score=np.array([30.0, 0.0, 10.5, -1.0])))
    free = replace(hours().resources[0], upper=np.full(1, np.inf), over_cost=np.full(1, 2.0))
    assert money_is_whole(replace(hours(), resources=(free,)))


@pytest.mark.parametrize(
    ("proved", "tolerated", "expected"),
    [
        (40.0, 0.0, 40.0),
        (39.9, 0.0, 39.0),
        (-39.9, 0.0, -40.0),
        # Sums of floats fall short of a whole number by a hair.
        (40.0 - 1e-12, 0.0, 40.0 - 1e-12),
        # A plan that uses the tolerance may reach 40.
        (39.9, 0.2, 39.9),
        (np.inf, 0.0, np.inf),
    ],
)
def test_whole_money(proved: float, tolerated: float, expected: float) -> None:
    assert whole_money(proved, tolerated) == expected


def test_what_is_not_counted_has_price_0() -> None:
    layer = Layer(np.ones(4), np.array([0, NOT_COUNTED, NOT_COUNTED, NOT_COUNTED], np.int32))
    limit = replace(hours().resources[0], layers=(layer,))
    problem = replace(hours(), resources=(limit,))
    assert bound(problem, [np.array([5.0])]) == 25.0 + 10.0 + 15.0


def test_a_resource_without_groups_has_no_prices() -> None:
    nobody = Resource.at_most("count", np.ones(2), np.zeros(0))
    problem = Problem(np.arange(3), np.full(2, NOBODY), np.array([-1.0, -2.0]), 0, (nobody,))
    assert zero_prices(problem).bound == -3.0


@pytest.mark.parametrize(
    ("prices", "fault"),
    [
        ([], "0 price vectors for 1 resources"),
        ([np.zeros(2)], "resource 'hours': needs 1 finite prices, got 2"),
        ([np.array([np.nan])], "resource 'hours': needs 1 finite prices"),
    ],
)
def test_other_prices_are_refused(prices: list[Floats], fault: str) -> None:
    with pytest.raises(ProblemError, match=fault):
        bound(hours(), prices)

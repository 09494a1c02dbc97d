"""Every multipliers bound every assignment, within the tolerance of limits too."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import ProblemError
from models.problem import NOBODY, Problem
from models.resource import Layer, Resource
from planner import knapsack_bound as knapsack_bound_module
from planner.bound import best_of_rows, bound, reduced_scores
from planner.knapsack_bound import (
    knapsack_bound,
    knapsack_resource,
    knapsacks,
    prove_multipliers,
    reason_against,
)
from tests.brute_force import best_assignment
from tests.knapsacks import knapsack_problems, newton_prices, prices_in_range
from tests.problems import hard_problem, random_choice

if TYPE_CHECKING:
    from models.arrays import Floats

SEEDS = st.integers(0, 2**32 - 1)
EACH = 5


@given(knapsack_problems(), SEEDS)
def test_random_multipliers_bound_the_best(drawn: tuple[Problem, int], seed: int) -> None:
    problem, resource = drawn
    rng = np.random.default_rng(seed)
    _, best = best_assignment(problem)
    for _ in range(EACH):
        prices = prices_in_range(rng, problem)
        by_row = rng.normal(20.0, 40.0, problem.num_rows)
        proved = knapsack_bound(problem, prices, by_row, resource)
        assert np.isfinite(proved)
        # Other limits may be exceeded by their tolerance, at their price.
        assert proved >= best - 0.01


@given(knapsack_problems(), SEEDS)
def test_best_reduced_scores_prove_what_prices_do(drawn: tuple[Problem, int], seed: int) -> None:
    problem, resource = drawn
    # A base load above its limit leaves the prices a room below 0, and the knapsack none.
    resources = list(problem.resources)
    kept = resources[resource]
    resources[resource] = replace(kept, base=np.minimum(kept.base, kept.upper))
    problem = replace(problem, resources=tuple(resources))
    prices = prices_in_range(np.random.default_rng(seed), problem)
    by_row = best_of_rows(problem, reduced_scores(problem, prices))
    proved = knapsack_bound(problem, prices, by_row, resource)
    assert proved <= bound(problem, prices) + 0.01


@given(knapsack_problems(), SEEDS)
def test_what_keeps_the_limits_fits_into_the_knapsacks(
    drawn: tuple[Problem, int], seed: int
) -> None:
    problem, resource = drawn
    sacks = knapsacks(problem, resource)
    alone = replace(problem, resources=(problem.resources[resource],))
    rng = np.random.default_rng(seed)
    for _ in range(EACH):
        chosen = random_choice(rng, problem)
        if alone.is_feasible(chosen):
            group = sacks.group[chosen]
            used = np.bincount(
                group[group >= 0], sacks.units[chosen][group >= 0], minlength=len(sacks.room)
            )
            assert (used <= sacks.room).all()


def hours(
    amount: list[float], upper: float, base: float = 0.0, score: tuple[float, ...] = (30.0, 20.0)
) -> Problem:
    """Return two leads for one rep with so many hours; nobody costs nothing."""
    limit = Resource.at_most("hours", np.array(amount), np.array([upper]), base=np.array([base]))
    table = np.column_stack([score, np.zeros(len(score))]).ravel()
    rep = np.tile(np.array([0, NOBODY], np.int32), len(score))
    return Problem(np.arange(len(score) + 1) * 2, rep, table, 1, (limit,))


NOTHING = [np.zeros(1)]


@pytest.mark.parametrize(
    ("problem", "by_row", "expected"),
    [
        # Both fit.
        (hours([3.0, 2.0], 5.0), [0.0, 0.0], 50.0),
        # Only one of them fits; the other row is left, or takes nobody for 0.
        (hours([3.0, 3.0], 5.0), [0.0, 0.0], 30.0),
        # 5 for either row; the first brings 25 more.
        (hours([3.0, 3.0], 5.0), [5.0, 5.0], 35.0),
        # Paid for by -5 each, both rows take nobody too: -10 + 35 + 5 + 5.
        (hours([3.0, 3.0], 5.0), [-5.0, -5.0], 35.0),
        # One of 4 hours fits beside the base load.
        (hours([4.0, 4.0], 9.0, base=4.0), [0.0, 0.0], 30.0),
        # No room at all, but the second row needs none.
        (hours([3.0, 0.0], 5.0, base=9.0), [0.0, 0.0], 20.0),
        # Three times a tenth is three tenths, whatever the last digit says.
        (hours([0.1, 0.2], 0.3), [0.0, 0.0], 50.0),
        # The tolerance of the limit lets both in.
        (hours([0.5000001, 0.5000001], 1.0), [0.0, 0.0], 50.0),
        (hours([0.500001, 0.500001], 1.0), [0.0, 0.0], 30.0),
        # Amounts of no common measure are rounded down, by too little to matter.
        (hours([math.pi, math.e], 5.8), [0.0, 0.0], 30.0),
        (hours([math.pi, math.e], 5.9), [0.0, 0.0], 50.0),
        # Beyond all measure, none fits.
        (hours([1e300, 2e300], 5.0), [0.0, 0.0], 0.0),
    ],
)
def test_by_hand(problem: Problem, by_row: list[float], expected: float) -> None:
    assert knapsack_bound(problem, NOTHING, np.array(by_row), 0) == expected


def test_price_of_a_kept_limit_counts_for_nothing() -> None:
    problem = hours([3.0, 3.0], 5.0)
    assert knapsack_bound(problem, [np.array([7.0])], np.zeros(2), 0) == 30.0


def test_other_limits_are_held_by_their_prices() -> None:
    problem = hours([3.0, 3.0], 5.0)
    count = Resource.at_most("count", np.ones(2), np.zeros(1))
    problem = replace(problem, resources=(*problem.resources, count))
    # Each costs 12 more, and the room of the count is 0.
    assert knapsack_bound(problem, [np.zeros(1), np.array([12.0])], np.zeros(2), 0) == 18.0


def test_lower_limit_is_held_by_its_price() -> None:
    problem = hours([3.0, 3.0], 5.0, score=(-6.0, -8.0))
    least = replace(problem.resources[0], lower=np.ones(1), under_cost=np.full(1, np.inf))
    problem = replace(problem, resources=(least,))
    assert best_assignment(problem)[1] == -6.0
    # At 2 an hour too few, 3 hours are worth 6, and the first is as good as nobody.
    assert knapsack_bound(problem, [np.array([-2.0])], np.zeros(2), 0) == -2.0
    assert knapsack_bound(problem, [np.array([-2.5])], np.zeros(2), 0) == 7.5 - 6.0 - 2.5


def test_soft_and_absent_limits_keep_their_prices() -> None:
    limit = Resource(
        name="hours",
        layers=(Layer(np.full(2, 3.0)),),
        base=np.zeros(3),
        lower=np.full(3, -np.inf),
        upper=np.array([4.0, 4.0, np.inf]),
        under_cost=np.zeros(3),
        over_cost=np.array([np.inf, 5.0, 0.0]),
    )
    rep = np.tile(np.arange(3, dtype=np.int32), 2)
    score = np.array([9.0, 8.0, 1.0, 7.0, 6.0, 2.0])
    problem = Problem(np.array([0, 3, 6]), rep, score, 3, (limit,))
    prices = [np.array([1.0, 1.0, 0.0])]
    # Rows cost 1 each. The first rep takes 9 - 1; the second one's cost 3 each, and its 4 hours are
    # worth 4; the third takes 2 - 1.
    told = knapsack_bound(problem, prices, np.ones(2), 0)
    assert told == 2.0 + 8.0 + (8 - 3 - 1) + (6 - 3 - 1) + 4.0 + 0.0 + 1.0


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"layers": (Layer(np.ones(2)), Layer(np.ones(2)))}, "takes one layer; hours has 2"),
        ({"layers": (Layer(np.array([1.0, -1.0])),)}, "takes no amounts below 0, as hours has"),
        ({"upper": np.array([np.inf])}, "takes hard upper limits; hours has none"),
        ({"over_cost": np.ones(1)}, "takes hard upper limits; hours has none"),
    ],
)
def test_what_has_no_knapsack_bound(change: dict[str, Any], fault: str) -> None:
    problem = hours([3.0, 2.0], 5.0)
    problem = replace(problem, resources=(replace(problem.resources[0], **change),))
    assert fault in (reason_against(problem, 0) or "")
    with pytest.raises(ProblemError, match=fault):
        knapsack_bound(problem, NOTHING, np.zeros(2), 0)
    assert knapsack_resource(problem, [np.ones(1)]) is None


def test_too_much_room_is_measured_in_larger_units_or_not_at_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    problem = hours([3.01, 2.0], 5.0)
    assert knapsacks(problem, 0).room == [500]
    monkeypatch.setattr(knapsack_bound_module, "MOST_CELLS", 900)
    # No more than all items have: 135 + 89.
    assert knapsacks(problem, 0).room == [224]
    monkeypatch.setattr(knapsack_bound_module, "MOST_CELLS", 300)
    assert reason_against(problem, 0) == "hours has too much room for a knapsack bound"


@pytest.mark.parametrize("by_row", [np.zeros(1), np.zeros((2, 1)), np.array([0.0, np.nan])])
def test_other_multipliers_are_refused(
    by_row: Floats,
) -> None:
    with pytest.raises(ProblemError, match="takes 2 finite multipliers, got"):
        knapsack_bound(hours([3.0, 3.0], 5.0), NOTHING, by_row, 0)


def test_the_limit_that_is_worth_most_is_kept() -> None:
    problem = hours([3.0, 2.0], 5.0)
    count = Resource.at_most("count", np.ones(2), np.ones(1))
    money = Resource.at_most("money", np.array([4.0, 5.0]), np.full(1, 8.0))
    problem = replace(problem, resources=(count, *problem.resources, money))

    def kept(*prices: float) -> int | None:
        return knapsack_resource(problem, [np.array([price]) for price in prices])

    assert kept(0.0, 2.0, 1.0) == 1
    assert kept(0.0, 1.0, 2.0) == 2
    # Of equal amounts, knapsacks prove no more than prices.
    assert kept(99.0, 1.0, 2.0) == 2
    assert kept(99.0, 0.0, 0.0) is None


def test_it_proves_more_than_the_best_prices() -> None:
    problem = hard_problem(np.random.default_rng(0), 60, 5)
    prices = newton_prices(problem)
    by_row = best_of_rows(problem, reduced_scores(problem, prices.by_resource))
    proved = prove_multipliers(problem, prices, by_row, 0)
    assert (proved.resource, proved.prices) == (0, prices)
    assert proved.bound < prices.bound

"""A problem in another order is the same problem, and the way back is exact."""

from __future__ import annotations

import numpy as np
import pytest

from models.outcome import Limits, Multipliers, Prices
from planner.bound import bound, prove
from planner.engines.baselines.greedy import greedy
from planner.engines.engine import Progress, Start
from planner.engines.exact import Exact
from planner.engines.shuffled import Shuffled, ShuffledWatcher
from tests.problems import random_choice, random_problem
from tests.watchers import Notebook, solve


@pytest.mark.parametrize("seed", range(30))
def test_plans_prices_and_bounds_are_the_same_in_any_order(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = random_problem(rng, 12, 4)
    shuffled = Shuffled.of(problem, seed)
    chosen = random_choice(rng, problem)
    prices = tuple(rng.normal(size=resource.num_groups) for resource in problem.resources)
    start = shuffled.start(Start(chosen, prices))
    assert start is not None
    assert start.prices is not None
    assert shuffled.problem.objective(start.chosen) == pytest.approx(problem.objective(chosen))
    assert shuffled.problem.is_feasible(start.chosen) == problem.is_feasible(chosen)
    assert bound(shuffled.problem, start.prices) == pytest.approx(bound(problem, prices))
    notebook = Notebook()
    ShuffledWatcher(shuffled, notebook).report(
        Progress(
            chosen=start.chosen,
            prices=Prices(start.prices, 1.0),
            multipliers=Multipliers(
                0, shuffled.rows.astype(np.float64), Prices(start.prices, 1.0), 1.0
            ),
            message="half way",
        )
    )
    (heard,) = notebook.heard
    assert heard.message == "half way"
    assert heard.prices is not None
    assert heard.multipliers is not None
    np.testing.assert_array_equal(heard.chosen, chosen)
    np.testing.assert_array_equal(heard.multipliers.by_row, np.arange(problem.num_rows))
    for price, before in zip(heard.prices.by_resource, prices, strict=True):
        np.testing.assert_array_equal(price, before)


def test_an_outcome_comes_back_in_the_order_that_was() -> None:
    problem = random_problem(np.random.default_rng(5), 12, 4)
    shuffled = Shuffled.of(problem, 3)
    outcome = solve(Exact(), shuffled.problem, Limits(gap=0.0))
    back = shuffled.back(outcome)
    assert back.prices is not None
    assert problem.objective(back.assignment()) == pytest.approx(outcome.objective)
    assert prove(problem, back.prices.by_resource).bound == pytest.approx(back.prices.bound)


def test_nothing_stays_nothing() -> None:
    problem = random_problem(np.random.default_rng(5), 6, 3)
    shuffled = Shuffled.of(problem, 3)
    assert shuffled.start(None) is None
    assert shuffled.back(Progress(message="begun")).chosen is None
    start = shuffled.start(Start(greedy(problem)))
    assert start is not None
    assert start.prices is None


def test_the_order_is_the_seeds() -> None:
    problem = random_problem(np.random.default_rng(5), 40, 8)
    orders = {tuple(Shuffled.of(problem, seed).reps.tolist()) for seed in range(5)}
    assert len(orders) == 5
    assert tuple(Shuffled.of(problem, 1).reps.tolist()) in orders

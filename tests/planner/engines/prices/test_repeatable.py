"""With a limit on steps a run is the same every time, with any number of threads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from models.outcome import Limits
from models.problem import NOBODY
from planner.bound import losses
from planner.engines.exact import Exact
from planner.engines.neighbourhood import restrict
from planner.engines.polish import PARTS, Polish
from planner.engines.prices.engine import Prices
from planner.engines.rivalry import Rivalry
from tests.knapsacks import newton_prices
from tests.problems import flow_problem, hard_problem, random_choice, random_problem
from tests.watchers import Notebook, solve

if TYPE_CHECKING:
    from models.problem import Problem
    from planner.engines.engine import Engine

Told = tuple[bytes | float | str | None, ...]
"""All that a run told on its way."""


def told(engine: Engine, problem: Problem, iterations: int, threads: int) -> Told:
    """Return all plans, bounds and messages of a run, one after the other, and its plan."""
    notebook = Notebook()
    limits = Limits(seconds=None, iterations=iterations, gap=0.0, threads=threads, seed=3)
    outcome = solve(engine, problem, limits, None, notebook)
    assert problem.is_feasible(outcome.assignment())
    heard: list[bytes | float | str | None] = []
    for progress in notebook.heard:
        if progress.chosen is not None:
            heard.append(progress.chosen.tobytes())
        if progress.prices is not None:
            heard.append(progress.prices.bound)
        if progress.multipliers is not None:
            heard.append(progress.multipliers.bound)
        heard += [progress.bound, progress.message]
    return (*heard, outcome.assignment().tobytes(), outcome.bound, outcome.iterations)


# Problems on which many steps take little time and both searches have their turns.
@pytest.mark.parametrize(("engine", "seed"), [(Prices(), 23), (Exact(), 26)])
def test_four_runs_are_the_same(engine: Engine, seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = random_problem(rng, 400, 12, num_resources=3, hard=0.3)
    runs = [told(engine, problem, 40, threads) for threads in (1, 2, 1, 2)]
    assert len(set(runs)) == 1
    assert len({each for each in runs[0] if isinstance(each, bytes)}) > 1


@pytest.mark.parametrize(("engine", "seed"), [(Prices(), 45), (Exact(), 2)])
def test_twenty_runs_are_the_same(engine: Engine, seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = random_problem(rng, 100, 6, num_resources=2, hard=0.5)
    runs = {told(engine, problem, 10, 1 + run % 2) for run in range(20)}
    assert len(runs) == 1


@pytest.mark.parametrize("seed", range(2))
def test_polish_is_the_same_beside_itself(seed: int) -> None:
    problem = flow_problem(np.random.default_rng(seed), 300, 30)
    prices = newton_prices(problem)
    plans = []
    for threads in (1, 2, 1, 2):
        search = Polish(problem, prices, problem.indptr[1:] - 1, seed, threads)
        for _ in range(4):
            search.step(None)
            plans.append(search.chosen.tobytes())
    assert plans[:4] == plans[4:8] == plans[8:12] == plans[12:]
    assert len(set(plans)) > 1


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("most", [20, 400])
def test_parts_drawn_one_after_the_other_share_nothing(seed: int, most: int) -> None:
    rng = np.random.default_rng(seed)
    problem = [
        hard_problem(rng, 60, 8),
        random_problem(rng, 200, 12, num_resources=3),
        flow_problem(rng, 200, 12),
    ][seed % 3]
    prices = newton_prices(problem)
    loss, chosen = losses(problem, prices.by_resource), random_choice(rng, problem)
    rivalry = Rivalry(problem, loss)
    near, weights = loss <= np.median(loss), rivalry.weights(prices, chosen)
    seen_reps: set[int] = set()
    seen_rows: set[int] = set()
    held = problem.rep[chosen]
    for _ in range(PARTS + 1):
        pairs, reps = rivalry.draw(rng, near, chosen, weights, most)
        part = restrict(problem, pairs, chosen)
        # Its own reps, and nobody, are all that its rows may have and had.
        assert set(part.problem.rep) | set(held[part.rows]) <= {*reps.tolist(), NOBODY}
        assert not seen_reps & set(reps.tolist())
        assert not seen_rows & set(part.rows.tolist())
        seen_reps |= set(reps.tolist())
        seen_rows |= set(part.rows.tolist())
        near, weights[reps] = rivalry.without_rows_of(pairs, near), 0.0
    assert len(seen_rows) > 1

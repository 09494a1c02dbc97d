"""Equal reps and equal leads get equal results over many seeds, whatever they are called (R39)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from models.outcome import Limits
from planner.compile import compile_problem
from planner.engines.baselines.greedy import greedy
from planner.engines.registry import choose_engine
from planner.engines.shuffled import Shuffled
from tests.companies import hand_made
from tests.policies import policy
from tests.watchers import Notebook

if TYPE_CHECKING:
    from models.problem import Problem

SEEDS, FEWER = 1_000, 300
"""How many seeds are tried; fewer of them with slow engines in an ordinary run."""
MOST_SIGMAS = 4.5
AMOUNTS = [500, 400, 400, 200, 200, 200, 100]
HOURS = [3, 4, 4, 1, 1, 1, 1]
"""Seven leads for three equal reps; lead by lead is not the best way to fill their time."""


def company(capacity: dict[str, Any]) -> Problem:
    """Return the problem of the three reps under a limit."""
    snapshot = hand_made({"amount": AMOUNTS, "effort_hours": HOURS}, {"level": [1] * 3})
    return compile_problem(snapshot, policy(capacity=[capacity])).problem


TWO_LEADS = {"measure": "count", "at_most": 2}
FOUR_HOURS = {"measure": "effort_hours", "at_most": 4}


def test_lead_by_lead_is_not_enough() -> None:
    problem = company(FOUR_HOURS)
    best = choose_engine("exact", problem).solve(problem, Limits(), None, Notebook())
    assert best.objective is not None
    assert all(problem.objective(greedy(problem, seed)) < best.objective for seed in range(20))


@pytest.mark.parametrize(
    ("engine", "limit", "num_seeds"),
    [
        ("flow", TWO_LEADS, SEEDS),
        ("exact", TWO_LEADS, SEEDS),
        ("exact", FOUR_HOURS, FEWER),
        ("prices", FOUR_HOURS, FEWER),
        pytest.param("exact", FOUR_HOURS, SEEDS, marks=pytest.mark.hard),
        pytest.param("prices", FOUR_HOURS, SEEDS, marks=pytest.mark.hard),
        ("greedy", FOUR_HOURS, SEEDS),
        ("round_robin", TWO_LEADS, SEEDS),
    ],
)
def test_equal_reps_and_leads_fare_alike_over_seeds(
    engine: str, limit: dict[str, Any], num_seeds: int
) -> None:
    problem = company(limit)
    solver = choose_engine(engine, problem)
    value = np.zeros((num_seeds, problem.num_reps))
    is_assigned = np.zeros((num_seeds, problem.num_rows))
    for seed in range(num_seeds):
        shuffled = Shuffled.of(problem, seed)
        limits = Limits(seed=seed, iterations=1 if engine == "prices" else None)
        outcome = solver.solve(shuffled.problem, limits, None, Notebook())
        chosen = shuffled.back(outcome).assignment()
        rep = problem.rep[chosen]
        is_assigned[seed] = rep >= 0
        value[seed] = np.bincount(rep[rep >= 0], problem.score[chosen][rep >= 0], problem.num_reps)
    assert_alike(value)
    for amount in (400, 200):
        assert_alike(is_assigned[:, [at for at, other in enumerate(AMOUNTS) if other == amount]])


def assert_alike(results: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> None:
    """Compare the means of (n_seeds, n) results, up to what chance alone does."""
    off = results - results.mean(axis=1, keepdims=True)
    error = off.std(axis=0, ddof=1) / np.sqrt(len(results))
    assert (np.abs(off.mean(axis=0)) <= MOST_SIGMAS * error + 1e-9).all(), results.mean(axis=0)

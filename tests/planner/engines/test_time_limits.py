"""Time limits: the best plan so far is kept, and its gap is shown."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import pytest

from models.outcome import Limits, StopReason
from planner.bound import bound
from planner.engines.isolation import run_isolated
from planner.engines.registry import SOLVERS, engine_path
from tests.problems import flow_problem, hard_problem, random_problem

if TYPE_CHECKING:
    from models.outcome import Outcome
    from models.problem import Problem
    from planner.engines.engine import Engine

pytestmark = pytest.mark.usefixtures("nothing_left")

KINDS = ("hard", "hard and large", "flow", "everything")
CASES = [("flow", "flow"), *((name, kind) for name in ("exact", "prices") for kind in KINDS)]


def instance(kind: str, seed: int) -> Problem:
    """Return a problem; all but "everything" have the plan that gives each row its last pair."""
    rng = np.random.default_rng(seed)
    match kind:
        case "hard":
            return hard_problem(rng, int(rng.integers(50, 500)), int(rng.integers(5, 20)))
        case "hard and large":
            return hard_problem(rng, int(rng.integers(2_000, 6_000)), 20)
        case "flow":
            return flow_problem(rng, int(rng.integers(1_000, 20_000)), 50, density=0.2)
        case _:
            return random_problem(rng, int(rng.integers(100, 2_000)), 10, num_resources=3)


def assert_honest(problem: Problem, outcome: Outcome) -> None:
    """Assert that a run kept what it had and that its figures are right."""
    assert outcome.reason is not StopReason.FAILED, outcome.detail
    assert outcome.prices is not None
    assert outcome.prices.bound == pytest.approx(bound(problem, outcome.prices.by_resource))
    assert outcome.bound <= outcome.prices.bound
    if outcome.has_plan:
        assert problem.is_feasible(outcome.assignment())
        assert outcome.objective == problem.objective(outcome.assignment())
        assert np.isfinite(outcome.gap_money)


def solve(engine: type[Engine], problem: Problem, seconds: float) -> Outcome:
    """Run a solver under a time limit, with no gap that would let it stop before."""
    limits = Limits(seconds=seconds, gap=0.0, memory_mb=4_000)
    return run_isolated(engine_path(engine()), problem, limits)


def test_every_solver_is_tested() -> None:
    assert {name for name, _ in CASES} == set(SOLVERS)


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_best_plan_is_kept(name: str, kind: str) -> None:
    problem = instance(kind, 0)
    outcome = solve(SOLVERS[name], problem, 0.5)
    assert_honest(problem, outcome)
    assert outcome.has_plan or kind == "everything"


@pytest.mark.hard
@pytest.mark.parametrize("seconds", [1.0, 5.0, 30.0])
@pytest.mark.parametrize(("name", "kind"), CASES)
def test_reliability_06_time_limits(name: str, kind: str, seconds: float) -> None:
    late = []
    for seed in range(60 // len(KINDS)):
        problem = instance(kind, seed)
        begun = time.monotonic()
        outcome = solve(SOLVERS[name], problem, seconds)
        wall = time.monotonic() - begun
        assert_honest(problem, outcome)
        assert outcome.has_plan or kind == "everything", (seed, outcome.detail)
        if wall > 1.1 * seconds + 2.0:
            late.append((seed, round(wall, 2)))
    assert not late

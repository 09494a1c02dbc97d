"""Small problems: exact, flow, brute force and scipy's own HiGHS agree, and bounds hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.optimize import LinearConstraint, milp

from models.outcome import Limits, StopReason
from planner.bound import bound, zero_prices
from planner.engines.baselines.greedy import greedy
from planner.engines.exact import Exact
from planner.engines.flow import Flow
from planner.solve import Silent
from tests.brute_force import best_assignment
from tests.problems import flow_problem, random_problem

if TYPE_CHECKING:
    from models.outcome import Outcome
    from models.problem import Problem
    from planner.engines.engine import Engine

NUM_PROBLEMS = 300
PRICES_PER_PROBLEM = 40
RELATIVE = 1e-6
MONEY = 0.011
"""What `optimal` leaves open: 0.01 of the currency, and the rounding of its own test."""


def small_problem(seed: int) -> Problem:
    """Return a problem of up to 8 rows and 4 reps, one in six without a feasible assignment."""
    rng = np.random.default_rng(seed)
    rows, reps = int(rng.integers(1, 9)), int(rng.integers(1, 5))
    if seed % 6 == 0:
        return random_problem(rng, rows, reps, num_resources=3, hard=1.0, feasible=False)
    return random_problem(rng, rows, reps)


def solve(engine: Engine, problem: Problem) -> Outcome:
    return engine.solve(problem, Limits(seconds=30, gap=0.0), None, Silent())


def second_opinion(problem: Problem) -> float | None:
    """Return the best objective by scipy's milp on a model of its own; None if infeasible."""
    count = problem.num_pairs
    cost, upper, rows = [-problem.score], [np.ones(count)], []
    width = count + 2 * sum(resource.num_groups for resource in problem.resources)
    row_of_pair = problem.pair_rows()
    for row in range(problem.num_rows):
        line = np.zeros(width)
        line[:count] = row_of_pair == row
        rows.append((line, 1.0, 1.0))
    at = count
    for resource in problem.resources:
        for group in range(resource.num_groups):
            line = np.zeros(width)
            for layer in resource.layers:
                inside = problem.pair_group(layer) == group
                line[:count] += np.where(inside, problem.pair_amount(layer), 0.0)
            line[at], line[at + 1] = 1.0, -1.0
            prices = np.array([resource.under_cost[group], resource.over_cost[group]])
            slack = [
                1e-6 * max(1.0, abs(limit))
                for limit in (resource.lower[group], resource.upper[group])
            ]
            cost.append(np.where(np.isfinite(prices), prices, 0.0))
            upper.append(np.where(np.isfinite(prices), np.inf, np.nan_to_num(slack, posinf=0.0)))
            base = resource.base[group]
            rows.append((line, resource.lower[group] - base, resource.upper[group] - base))
            at += 2
    lines, low, high = zip(*rows, strict=True)
    integrality = np.r_[np.ones(count), np.zeros(width - count)]
    found = milp(
        np.concatenate(cost),
        integrality=integrality,
        bounds=(np.zeros(width), np.concatenate(upper)),
        constraints=LinearConstraint(np.array(lines), low, high),
        options={"mip_rel_gap": 0.0},
    )
    return None if found.x is None else -float(found.fun)


@pytest.mark.parametrize("first", range(0, NUM_PROBLEMS, 50))
def test_exact_equals_brute_force_and_a_second_solver(first: int) -> None:
    for seed in range(first, first + 50):
        problem = small_problem(seed)
        best, objective = best_assignment(problem)
        outcome = solve(Exact(), problem)
        other = second_opinion(problem)
        if best is None:
            assert outcome.reason is StopReason.INFEASIBLE, seed
            assert other is None, seed
            continue
        tolerance = max(MONEY, RELATIVE * abs(objective))
        assert outcome.objective is not None, seed
        assert problem.is_feasible(outcome.assignment()), seed
        assert outcome.objective == pytest.approx(objective, abs=tolerance), seed
        assert outcome.bound >= objective - tolerance, seed
        assert other == pytest.approx(objective, abs=tolerance), seed
        floor = greedy(problem)
        if problem.is_feasible(floor):
            assert problem.objective(floor) <= outcome.objective + RELATIVE, seed


def test_bounds_of_random_prices_are_never_below_the_best() -> None:
    checked = 0
    for seed in range(NUM_PROBLEMS):
        problem = small_problem(seed)
        best, objective = best_assignment(problem)
        if best is None:
            continue
        rng = np.random.default_rng(seed)
        for _ in range(PRICES_PER_PROBLEM):
            prices = [
                rng.uniform(-np.minimum(r.under_cost, 50), np.minimum(r.over_cost, 50))
                for r in problem.resources
            ]
            proved = bound(problem, prices)
            assert np.isfinite(proved), seed
            assert proved >= objective - RELATIVE * max(1.0, abs(objective)), seed
            checked += 1
    assert checked >= 2_000


def test_prices_outside_their_range_prove_nothing() -> None:
    problem = next(p for p in map(small_problem, range(1, 60)) if p.resources)
    outside = [resource.over_cost + 1.0 for resource in problem.resources]
    finite = [np.where(np.isfinite(price), price, 1.0) for price in outside]
    soft = any(np.isfinite(r.over_cost).any() for r in problem.resources)
    assert (bound(problem, finite) == np.inf) == soft
    assert np.isfinite(zero_prices(problem).bound)


@pytest.mark.parametrize("seed", range(60))
def test_flow_equals_exact_and_its_prices_are_optimal(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = flow_problem(rng, int(rng.integers(2, 40)), int(rng.integers(1, 8)), density=0.6)
    assert Flow().unsupported(problem) is None
    flow, exact = solve(Flow(), problem), solve(Exact(), problem)
    assert flow.objective == pytest.approx(exact.objective, abs=MONEY)
    assert flow.prices is not None
    assert flow.prices.bound == pytest.approx(flow.objective, rel=RELATIVE, abs=MONEY)


@pytest.mark.parametrize("seed", range(40))
def test_more_room_never_lowers_the_optimum(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = flow_problem(rng, 8, 4, density=0.7)
    (resource,) = problem.resources
    wider = type(resource)(
        resource.name,
        resource.layers,
        resource.base,
        resource.lower,
        resource.upper + rng.integers(0, 3, resource.num_groups),
        resource.under_cost,
        resource.over_cost,
    )
    more = type(problem)(problem.indptr, problem.rep, problem.score, problem.num_reps, (wider,))
    before, after = solve(Exact(), problem), solve(Exact(), more)
    if before.objective is not None:
        assert after.objective is not None
        assert after.objective >= before.objective - MONEY

"""Engines, brute force and unrelated solvers agree on what is best and on what is impossible."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from models.outcome import StopReason
from planner.bound import bound
from planner.engines.exact import Exact
from planner.engines.flow import Flow
from tests.brute_force import best_assignment
from tests.oracles import cp_sat_objective, milp_objective
from tests.problems import flow_problem, hard_problem, random_problem
from tests.watchers import solve

if TYPE_CHECKING:
    from models.outcome import Outcome
    from models.problem import Problem

SMALL = 300
LARGER = 300
OBJECTIVE = 1e-6
"""By how much two objectives may differ, as a share."""


def small_problem(seed: int) -> Problem:
    """Return a problem of up to 8 rows x 4 reps with everything a policy can compile to."""
    rng = np.random.default_rng(seed)
    return random_problem(
        rng,
        int(rng.integers(1, 9)),
        int(rng.integers(1, 5)),
        density=float(rng.choice([0.2, 0.7, 1.0])),
        hard=float(rng.choice([0.0, 0.5, 1.0])),
        negative=float(rng.choice([0.0, 0.5])),
        integral=bool(rng.random() < 0.5),
        feasible=bool(rng.random() < 0.4),
    )


def larger_problem(seed: int) -> Problem:
    """Return a problem in whole numbers, some with scores so large that sums come near 2^50."""
    rng = np.random.default_rng(seed)
    num_rows, num_reps = int(rng.integers(10, 31)), int(rng.integers(3, 7))
    match seed % 3:
        case 0:
            problem = hard_problem(rng, num_rows, num_reps)
        case 1:
            problem = flow_problem(rng, num_rows, num_reps, density=0.6)
            problem = replace(problem, score=np.rint(problem.score))
        case _:
            wild = seed % 2 == 1
            problem = random_problem(
                rng,
                num_rows,
                num_reps,
                num_resources=3,
                density=0.3 if wild else 0.7,
                obligatory=0.8 if wild else 0.2,
                hard=1.0 if wild else 0.5,
                integral=True,
                feasible=not wild,
            )
    if seed % 5 == 0:
        sums = np.maximum.reduceat(np.abs(problem.score), problem.indptr[:-1]).sum()
        factor = float(np.floor(2.0**50 / max(sums, 1.0) / 100))
        problem = scaled(problem, factor)
    return problem


def scaled(problem: Problem, factor: float) -> Problem:
    """Return the problem with all money multiplied."""
    resources = [
        replace(r, under_cost=r.under_cost * factor, over_cost=r.over_cost * factor)
        for r in problem.resources
    ]
    return replace(problem, score=problem.score * factor, resources=tuple(resources))


def assert_proven(problem: Problem, outcome: Outcome) -> None:
    """Assert that a plan is feasible, valued right and below its bounds."""
    assert outcome.reason is StopReason.OPTIMAL, outcome.detail
    assert problem.is_feasible(outcome.assignment())
    assert outcome.objective == problem.objective(outcome.assignment())
    assert outcome.prices is not None
    assert outcome.prices.bound == pytest.approx(bound(problem, outcome.prices.by_resource))
    assert outcome.bound <= outcome.prices.bound


def differs(first: float | None, second: float | None) -> bool:
    """Return whether two objectives are more than a millionth apart, or one of them is missing."""
    if first is None or second is None:
        return first is not second
    return abs(first - second) > OBJECTIVE * max(1.0, abs(second))


def test_300_small_problems() -> None:
    seen: Counter[str] = Counter()
    disagreements = []
    for seed in range(SMALL):
        problem = small_problem(seed)
        chosen, best = best_assignment(problem)
        outcome = solve(Exact(), problem)
        if chosen is None:
            seen["infeasible"] += 1
            assert outcome.reason is StopReason.INFEASIBLE, (seed, outcome.detail)
        else:
            seen["feasible"] += 1
            assert_proven(problem, outcome)
        answers = {"exact": outcome.objective, "milp": milp_objective(problem)}
        if Flow().unsupported(problem) is None:
            seen["flow"] += 1
            answers["flow"] = solve(Flow(), problem).objective
        expected = None if chosen is None else best
        disagreements += [
            (seed, name, answer, expected)
            for name, answer in answers.items()
            if differs(answer, expected)
        ]
        if outcome.bound < best - OBJECTIVE * max(1.0, abs(best)):
            disagreements.append((seed, "bound", outcome.bound, best))
    assert not disagreements
    # All kinds were there, so that agreement means something.
    assert min(seen["infeasible"] - 9, seen["feasible"] - 199, seen["flow"] - 49) > 0, seen


@pytest.mark.hard
def test_reliability_08_second_opinion() -> None:
    seen: Counter[str] = Counter()
    disagreements = []
    for seed in range(LARGER):
        problem = larger_problem(seed)
        expected = cp_sat_objective(problem)
        answers = {"milp": milp_objective(problem), "exact": solve(Exact(), problem).objective}
        if Flow().unsupported(problem) is None:
            seen["flow"] += 1
            answers["flow"] = solve(Flow(), problem).objective
        seen["infeasible" if expected is None else "feasible"] += 1
        disagreements += [
            (seed, name, answer, expected)
            for name, answer in answers.items()
            if differs(answer, expected)
        ]
    assert not disagreements
    assert min(seen.values()) >= 10, seen

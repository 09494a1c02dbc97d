"""The random problems of the tests have every feature, and the oracle is right about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given

from models.problem import NOBODY, Problem
from models.resource import NOT_COUNTED, Resource
from tests.brute_force import best_assignment
from tests.problems import hard_problem, problems, random_choice, random_problem

if TYPE_CHECKING:
    from collections.abc import Iterator

FEATURES = {
    "no resource",
    "several resources",
    "per row",
    "per pair",
    "negative amount",
    "two layers",
    "own groups",
    "not counted",
    "base",
    "hard lower",
    "soft lower",
    "hard upper",
    "soft upper",
    "row that must be assigned",
    "row that nobody may have",
}


def features(problem: Problem) -> Iterator[str]:
    """Yield what a problem has."""
    if not problem.resources:
        yield "no resource"
    if len(problem.resources) > 1:
        yield "several resources"
    if (problem.rep[problem.indptr[1:] - 1] != NOBODY).any():
        yield "row that must be assigned"
    if (problem.rep[problem.indptr[:-1]] == NOBODY).any():
        yield "row that nobody may have"
    for resource in problem.resources:
        yield from _features_of(problem, resource)


def _features_of(problem: Problem, resource: Resource) -> Iterator[str]:
    if len(resource.layers) > 1:
        yield "two layers"
    for layer in resource.layers:
        yield "per row" if len(layer.amount) == problem.num_rows else "per pair"
        if (layer.amount < 0).any():
            yield "negative amount"
        if layer.group is not None:
            yield "own groups"
            if (layer.group == NOT_COUNTED).any():
                yield "not counted"
    if resource.base.any():
        yield "base"
    for name, limit, cost in (
        ("lower", resource.lower, resource.under_cost),
        ("upper", resource.upper, resource.over_cost),
    ):
        if np.isinf(cost).any():
            yield f"hard {name}"
        if (np.isfinite(limit) & np.isfinite(cost) & (cost > 0)).any():
            yield f"soft {name}"


def test_random_problems_have_every_feature() -> None:
    rng = np.random.default_rng(0)
    drawn = [random_problem(rng, 6, 3) for _ in range(100)]
    counts = {
        feature: sum(feature in set(features(problem)) for problem in drawn) for feature in FEATURES
    }
    assert min(counts.values()) >= 5, counts


def test_some_problems_are_infeasible_and_only_where_they_may_be() -> None:
    rng = np.random.default_rng(0)
    for feasible in (True, False):
        drawn = [random_problem(rng, 4, 3, feasible=feasible) for _ in range(100)]
        has_none = [best_assignment(problem)[0] is None for problem in drawn]
        assert any(has_none) == (not feasible)
        assert not all(has_none)


def test_same_seed_same_problem() -> None:
    first, second = (random_problem(np.random.default_rng(3), 8, 4) for _ in range(2))
    np.testing.assert_array_equal(first.score, second.score)


@given(problems(max_rows=5))
def test_brute_force_agrees_with_the_problem(problem: Problem) -> None:
    chosen, objective = best_assignment(problem)
    rng = np.random.default_rng(0)
    others = [random_choice(rng, problem) for _ in range(20)]
    feasible = [problem.objective(other) for other in others if problem.is_feasible(other)]
    assert max(feasible, default=-np.inf) <= objective + 1e-9
    if chosen is not None:
        assert problem.is_feasible(chosen)
        assert problem.objective(chosen) == pytest.approx(objective)


def test_brute_force_by_hand() -> None:
    # Hours 3, 2, 2 for a rep with 4: the two small leads together beat the large one.
    problem = Problem(
        np.array([0, 2, 4, 6]),
        np.array([0, -1] * 3),
        np.array([30.0, 0.0, 18.0, 0.0, 17.0, -5.0]),
        1,
        (Resource.at_most("hours", np.array([3.0, 2.0, 2.0]), np.array([4.0])),),
    )
    chosen, objective = best_assignment(problem)
    assert chosen is not None
    assert (chosen.tolist(), objective) == ([1, 2, 4], 35.0)


def test_brute_force_refuses_what_takes_too_long() -> None:
    with pytest.raises(ValueError, match="plans are too many to try them all"):
        best_assignment(hard_problem(np.random.default_rng(0), 10, 4))


def test_hard_problem_has_a_plan_and_tight_hours() -> None:
    problem = hard_problem(np.random.default_rng(0), 100, 5)
    assert problem.is_feasible(problem.indptr[1:] - 1)
    greedy = problem.indptr[:-1] + np.argmax(problem.score.reshape(100, 6), axis=1)
    assert not problem.is_feasible(greedy)

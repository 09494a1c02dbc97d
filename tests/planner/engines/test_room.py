"""Room counts as the problem itself does, pair by pair."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given

from models.problem import Problem
from models.resource import Layer, Resource, slack, soft_cost
from planner.engines.baselines.room import Room
from tests.problems import problems, random_choice

if TYPE_CHECKING:
    from models.arrays import Floats


def use(problem: Problem, resource: Resource, pair: int) -> Floats:
    """Return (n_groups,) what a pair adds to each group."""
    added = np.zeros(resource.num_groups)
    for layer in resource.layers:
        group = problem.pair_group(layer)[pair]
        if group >= 0:
            added[group] += problem.pair_amount(layer)[pair]
    return added


@given(problems(max_rows=5))
def test_costs_add_up_to_the_objective(problem: Problem) -> None:
    room, chosen = Room(problem), random_choice(np.random.default_rng(0), problem)
    total = -sum(float(soft_cost(each, each.base).sum()) for each in problem.resources)
    for pair in chosen.tolist():
        total += problem.score[pair] - room.soft_cost(pair)
        room.take(pair)
    assert total == pytest.approx(problem.objective(chosen), abs=1e-6)


@given(problems(max_rows=5))
def test_has_room_where_no_hard_upper_limit_breaks(problem: Problem) -> None:
    room, chosen = Room(problem), random_choice(np.random.default_rng(0), problem)
    loads = [np.array(resource.base) for resource in problem.resources]
    for row, taken in enumerate(chosen.tolist()):
        for pair in range(problem.indptr[row], problem.indptr[row + 1]):
            fits = True
            for resource, load in zip(problem.resources, loads, strict=True):
                added = use(problem, resource, pair)
                most = resource.upper + slack(resource.upper)
                breaks = (added > 0) & np.isinf(resource.over_cost) & (load + added > most)
                fits = fits and not breaks.any()
            assert room.has_room(pair) == fits
        room.take(taken)
        for resource, load in zip(problem.resources, loads, strict=True):
            load += use(problem, resource, taken)


@given(problems())
def test_has_soft_where_any_load_costs_money(problem: Problem) -> None:
    costs = [c for r in problem.resources for c in (*r.under_cost, *r.over_cost)]
    assert Room(problem).has_soft == any(0 < cost < np.inf for cost in costs)


def test_two_layers_on_one_group_need_room_together() -> None:
    # Either layer alone fits below 3; 2 + 2 does not.
    pairs = Problem(np.array([0, 2]), np.array([0, -1]), np.zeros(2), 1)
    for upper, fits in ((3.0, False), (4.0, True)):
        limit = Resource.at_most("hours", np.ones(1), np.array([upper]))
        layers = (Layer(np.array([2.0])), Layer(np.array([2.0])))
        twice = Resource(
            "hours", layers, limit.base, limit.lower, limit.upper, limit.under_cost, limit.over_cost
        )
        problem = Problem(pairs.indptr, pairs.rep, pairs.score, 1, (twice,))
        assert Room(problem).has_room(0) == fits
        assert Room(problem).has_room(1)


def test_limits_hold_up_to_their_tolerance() -> None:
    # 0.1 + 0.2 is a little more than 0.3; the tolerance is 1e-6.
    for upper, fits in ((0.3, True), (0.3 - 0.9e-6, True), (0.3 - 1.1e-6, False)):
        limit = Resource.at_most("hours", np.array([0.1, 0.2]), np.array([upper]))
        problem = Problem(np.array([0, 1, 2]), np.array([0, 0]), np.zeros(2), 1, (limit,))
        room = Room(problem)
        room.take(0)
        assert room.has_room(1) == fits

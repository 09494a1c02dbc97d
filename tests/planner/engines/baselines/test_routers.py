"""What holds for every simple policy."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.problem import NOBODY, Problem
from planner.engines.baselines.routers import ROUTERS, Router
from tests.intakes import SEEDS, intakes, random_intake
from tests.problems import flow_problem, hard_problem

if TYPE_CHECKING:
    from planner.engines.baselines.intake import Intake

every_router = pytest.mark.parametrize("router", ROUTERS.values(), ids=ROUTERS)


def test_each_is_known_by_its_name() -> None:
    assert [router.name for router in ROUTERS.values()] == list(ROUTERS)
    assert "all" not in ROUTERS


@every_router
@given(intakes(), SEEDS)
def test_every_row_has_a_pair_of_its_own(router: Router, intake: Intake, seed: int) -> None:
    chosen = router.route(intake, seed)
    np.testing.assert_array_equal(
        intake.problem.pair_rows()[chosen], np.arange(intake.problem.num_rows)
    )
    np.testing.assert_array_equal(chosen, router.route(intake, seed))


@every_router
@given(st.integers(1, 30), st.integers(1, 6), SEEDS, st.booleans())
def test_hard_limits_hold_where_nobody_is_allowed(
    router: Router, num_rows: int, num_reps: int, seed: int, counts: bool
) -> None:
    kind = flow_problem if counts else hard_problem
    problem = kind(np.random.default_rng(seed), num_rows, num_reps)
    chosen = router.route(random_intake(problem, seed), seed)
    assert problem.is_feasible(chosen)


@every_router
@given(intakes(), SEEDS)
def test_scores_move_nobody_but_the_greedy(router: Router, intake: Intake, seed: int) -> None:
    other = replace(intake, problem=replace(intake.problem, score=-intake.problem.score))
    same = np.array_equal(router.route(other, seed), router.route(intake, seed))
    assert same or router.name == "greedy"


@every_router
@given(intakes(), SEEDS)
def test_the_order_of_rows_changes_nothing(router: Router, intake: Intake, seed: int) -> None:
    random = np.random.default_rng(seed)
    order = random.permutation(intake.problem.num_rows)
    shuffled = in_order(intake, order)
    expected = intake.problem.rep[router.route(intake, seed)][order]
    np.testing.assert_array_equal(shuffled.problem.rep[router.route(shuffled, seed)], expected)


def in_order(intake: Intake, order: np.ndarray) -> Intake:
    """Return the batch with its rows in another order, and with them all that is known."""
    problem = intake.problem
    pairs = np.concatenate([np.arange(*problem.indptr[[row, row + 1]]) for row in order])
    size = np.diff(problem.indptr)[order]
    layers = [
        [
            replace(
                layer,
                amount=layer.amount[pairs if len(layer.amount) == problem.num_pairs else order],
                group=problem.pair_group(layer)[pairs],
            )
            for layer in resource.layers
        ]
        for resource in problem.resources
    ]
    moved = Problem(
        np.append(0, np.cumsum(size)),
        problem.rep[pairs],
        problem.score[pairs],
        problem.num_reps,
        tuple(
            replace(resource, layers=tuple(own))
            for resource, own in zip(problem.resources, layers, strict=True)
        ),
        row_key=problem.row_key[order],
        rep_key=problem.rep_key,
        arrival=problem.arrival[order],
    )
    known = {
        field.name: getattr(intake.leads, field.name)[pairs if field.name == "liked" else order]
        for field in fields(intake.leads)
    }
    return replace(intake, problem=moved, leads=replace(intake.leads, **known))


@every_router
def test_who_may_work_nothing_gets_nothing(router: Router) -> None:
    problem = Problem(np.array([0, 2, 4]), np.array([1, NOBODY] * 2), np.array([1.0, 0] * 2), 3)
    intake = random_intake(problem, 0)
    assert set(problem.rep[router.route(intake, 0)].tolist()) <= {1, NOBODY}

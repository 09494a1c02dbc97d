"""A part is worth and allows what the whole does, all other rows as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.engines.neighbourhood import Part, restrict
from tests.problems import problems, random_choice

if TYPE_CHECKING:
    from models.arrays import Ints
    from models.problem import Problem

SEEDS = st.integers(0, 2**32 - 1)
EDGE = 1e-4
"""Loads are added up in another order, so that limits at their tolerance may differ."""


def draw_part(problem: Problem, seed: int) -> Part:
    """Return a part of some pairs, around a random assignment, feasible or not."""
    rng = np.random.default_rng(seed)
    pairs = np.flatnonzero(rng.random(problem.num_pairs) < rng.choice([0.0, 0.3, 0.7, 1.0]))
    return restrict(problem, pairs, random_choice(rng, problem))


@given(problems(), SEEDS)
def test_objective_is_that_of_the_part_and_what_is_fixed(problem: Problem, seed: int) -> None:
    part = draw_part(problem, seed)
    for again in range(5):
        chosen = random_choice(np.random.default_rng(again), part.problem)
        expected = part.problem.objective(chosen) + part.fixed
        assert problem.objective(part.whole(chosen)) == pytest.approx(expected, abs=1e-6)


def broken(problem: Problem, chosen: Ints) -> set[tuple[int, int]]:
    """Return (resource, group) of the hard limits that are clearly broken."""
    number = {id(resource): index for index, resource in enumerate(problem.resources)}
    return {
        (number[id(resource)], group)
        for resource, group, load, limit in problem.breaches(chosen)
        if abs(load - limit) > EDGE
    }


@given(problems(), SEEDS)
def test_broken_limits_are_those_of_the_part_and_of_untouched_groups(
    problem: Problem, seed: int
) -> None:
    part = draw_part(problem, seed)
    before = broken(problem, part.chosen)
    untouched = {(r, group) for r, group in before if group not in part.groups[r]}
    for again in range(5):
        chosen = random_choice(np.random.default_rng(again), part.problem)
        in_part = {(r, int(part.groups[r][g])) for r, g in broken(part.problem, chosen)}
        assert broken(problem, part.whole(chosen)) == in_part | untouched


@given(problems(), SEEDS)
def test_loads_of_the_part_are_those_of_the_whole(problem: Problem, seed: int) -> None:
    part = draw_part(problem, seed)
    chosen = random_choice(np.random.default_rng(seed), part.problem)
    loads = zip(
        problem.loads(part.whole(chosen)), part.problem.loads(chosen), part.groups, strict=True
    )
    for whole, own, groups in loads:
        np.testing.assert_allclose(own, whole[groups], atol=1e-9)


@given(problems(), SEEDS)
def test_rows_have_a_choice_and_begin_as_they_are(problem: Problem, seed: int) -> None:
    part = draw_part(problem, seed)
    assert (np.diff(part.problem.indptr) > 1).all()
    np.testing.assert_array_equal(part.whole(part.start()), part.chosen)
    np.testing.assert_array_equal(part.problem.rep, problem.rep[part.pairs])
    kept = np.setdiff1d(np.arange(problem.num_rows), part.rows)
    chosen = random_choice(np.random.default_rng(seed), part.problem)
    np.testing.assert_array_equal(part.whole(chosen)[kept], part.chosen[kept])


@given(problems(), SEEDS)
def test_all_pairs_are_the_whole(problem: Problem, seed: int) -> None:
    chosen = random_choice(np.random.default_rng(seed), problem)
    part = restrict(problem, np.arange(problem.num_pairs), chosen)
    np.testing.assert_array_equal(part.rows, np.flatnonzero(np.diff(problem.indptr) > 1))
    assert part.problem.num_pairs == np.diff(problem.indptr)[part.rows].sum()
    np.testing.assert_array_equal(part.problem.row_key, problem.row_key[part.rows])


@given(problems(), SEEDS)
def test_no_pair_no_part(problem: Problem, seed: int) -> None:
    chosen = random_choice(np.random.default_rng(seed), problem)
    part = restrict(problem, np.zeros(0, np.int64), chosen)
    assert part.problem.num_rows == 0
    assert part.fixed == pytest.approx(problem.objective(chosen))
    np.testing.assert_array_equal(part.whole(np.zeros(0, np.int64)), chosen)

"""CP-SAT's opinion on feasibility is right, and every word of it is understood."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from ortools.sat.python import cp_model

from models.problem import NOBODY, Problem
from models.resource import Layer, Resource
from planner.engines.answer import Answer
from planner.engines.second_opinion import ANSWERS, second_opinion
from tests.brute_force import best_assignment
from tests.problems import problems, random_problem


def test_every_status_has_a_meaning() -> None:
    assert set(ANSWERS) == set(cp_model.CpSolverStatus.__members__.values())


def test_only_a_proof_is_taken_for_one() -> None:
    proofs = [status for status, answer in ANSWERS.items() if answer is Answer.INFEASIBLE]
    assert proofs == [cp_model.INFEASIBLE]


@given(problems(max_rows=5, max_reps=3))
def test_agrees_with_brute_force(problem: Problem) -> None:
    chosen, _ = best_assignment(problem)
    opinion = second_opinion(problem)
    if chosen is None:
        assert (opinion.answer, opinion.chosen) == (Answer.INFEASIBLE, None)
    else:
        assert opinion.answer is Answer.OPTIMAL
        assert opinion.chosen is not None
        assert problem.is_feasible(opinion.chosen)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=20)
def test_never_infeasible_where_a_plan_is_known(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = random_problem(rng, 30, 5, hard=1.0, obligatory=0.8, num_resources=3)
    opinion = second_opinion(problem)
    assert opinion.answer is Answer.OPTIMAL
    assert opinion.chosen is not None
    assert problem.is_feasible(opinion.chosen)


def limited(lower: float, upper: float, base: float) -> Problem:
    """Return two rows that rep 0 may have, with amounts of 0.1 and 0.2, beside a base load."""
    hard = np.array([np.inf])
    layer = Layer(np.array([0.1, 0.2]))
    resource = Resource(
        "hours", (layer,), np.array([base]), np.array([lower]), np.array([upper]), hard, hard
    )
    return Problem(np.array([0, 2, 4]), np.array([0, NOBODY] * 2), np.zeros(4), 1, (resource,))


def test_limits_hold_up_to_their_tolerance_and_no_further() -> None:
    # 0.1 + 0.2 is a little more than 0.3; the tolerance is 1e-6.
    for lower, is_possible in ((0.3, True), (0.3 + 0.9e-6, True), (0.3 + 1.1e-6, False)):
        opinion = second_opinion(limited(lower, 1.0, 0.0))
        assert opinion.answer is (Answer.OPTIMAL if is_possible else Answer.INFEASIBLE)


def test_base_loads_count() -> None:
    assert second_opinion(limited(-np.inf, 1.0, 1.0)).answer is Answer.OPTIMAL
    assert second_opinion(limited(-np.inf, 1.0, 1.1)).answer is Answer.INFEASIBLE
    assert second_opinion(limited(5.0, 9.0, 4.6)).answer is Answer.INFEASIBLE
    assert second_opinion(limited(5.0, 9.0, 4.7)).answer is Answer.OPTIMAL


def test_group_that_no_pair_reaches() -> None:
    one = np.ones(2)
    resource = Resource(
        "count", (Layer(one),), 0 * one, np.array([0.0, 1.0]), 9 * one, np.inf * one, np.inf * one
    )
    problem = Problem(np.array([0, 2, 4]), np.array([0, NOBODY] * 2), np.zeros(4), 2, (resource,))
    assert second_opinion(problem).answer is Answer.INFEASIBLE


def test_without_time_it_does_not_know() -> None:
    problem = random_problem(np.random.default_rng(0), 300, 20, hard=1.0, num_resources=3)
    assert second_opinion(problem, 0.0).answer is Answer.NOTHING

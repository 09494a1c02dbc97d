"""The MathOpt model is the problem, and every word of its solvers is understood."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from ortools.math_opt.python import mathopt

from planner.bound import prove
from planner.engines.answer import Answer
from planner.engines.mip import ANSWERS, build, solve_lp, solve_mip
from tests.brute_force import best_assignment
from tests.oracles import relaxed_objective
from tests.problems import hard_problem, problems

if TYPE_CHECKING:
    from models.problem import Problem

RELATIVE = 1e-5


def near(value: float) -> object:
    """Return what equals a value up to the tolerances of the solvers."""
    return pytest.approx(value, rel=RELATIVE, abs=RELATIVE)


def test_every_reason_to_end_has_a_meaning() -> None:
    assert set(ANSWERS) == set(mathopt.TerminationReason)


def test_only_proofs_are_taken_for_proofs() -> None:
    reason = mathopt.TerminationReason
    proofs = {r for r, answer in ANSWERS.items() if answer is Answer.INFEASIBLE}
    assert proofs == {reason.INFEASIBLE, reason.INFEASIBLE_OR_UNBOUNDED}
    assert [r for r, answer in ANSWERS.items() if answer is Answer.OPTIMAL] == [reason.OPTIMAL]


@pytest.mark.parametrize("status", [mathopt.FeasibilityStatus, mathopt.SolutionStatus])
def test_solutions_are_feasible_or_not_or_nobody_knows(status: type) -> None:
    # `solve_lp` and `solve_mip` ask whether there is a feasible solution; a new word, such as one
    # for "nearly feasible", must be thought about.
    names = set(status.__members__)  # type: ignore[attr-defined]
    assert names == {"UNDETERMINED", "FEASIBLE", "INFEASIBLE"}


@given(problems(max_rows=5, max_reps=3))
@settings(max_examples=60)
def test_integer_model_agrees_with_brute_force(problem: Problem) -> None:
    chosen, best = best_assignment(problem)
    result = solve_mip(build(problem, integer=True), None)
    if chosen is None:
        assert result.answer is Answer.INFEASIBLE
        assert result.chosen is None
    elif result.answer is not Answer.INFEASIBLE:
        # Else a plan needs the tolerance of our limits, which `verified` and CP-SAT look for.
        assert (result.answer, result.bound) == (Answer.OPTIMAL, near(best))
        assert result.chosen is not None
        assert problem.objective(result.chosen) == near(best)


@given(problems())
@settings(max_examples=60)
def test_linear_model_agrees_with_scipy(problem: Problem) -> None:
    best = relaxed_objective(problem)
    result = solve_lp(build(problem, integer=False), None)
    if best is None:
        assert result.answer is Answer.INFEASIBLE
        return
    assert result.answer is Answer.OPTIMAL
    assert result.share is not None
    assert result.prices is not None
    assert np.add.reduceat(result.share, problem.indptr[:-1]) == pytest.approx(1.0)
    assert prove(problem, result.prices).bound == near(best)


@given(problems(max_rows=5, max_reps=3, feasible=True))
@settings(max_examples=30)
def test_bound_holds_wherever_the_solver_stops(problem: Problem) -> None:
    _, best = best_assignment(problem)
    mip = build(problem, integer=True)
    for result in (solve_mip(mip, None, gap_money=50.0), solve_mip(mip, None, nodes=0)):
        assert result.bound >= best - RELATIVE * max(1.0, abs(best))


def test_start_is_where_the_solver_begins() -> None:
    problem = hard_problem(np.random.default_rng(0), 40, 5)
    mip = build(problem, integer=True)
    best = solve_mip(mip, None, nodes=200).chosen
    assert best is not None
    again = solve_mip(mip, None, nodes=0, start=best)
    assert again.chosen is not None
    assert problem.objective(again.chosen) >= problem.objective(best)


def test_without_time_there_is_an_answer() -> None:
    problem = hard_problem(np.random.default_rng(0), 200, 10)
    lp = solve_lp(build(problem, integer=False), 0.0)
    mip = solve_mip(build(problem, integer=True), 0.0)
    assert Answer.INFEASIBLE not in (lp.answer, mip.answer)
    assert mip.answer is not Answer.OPTIMAL

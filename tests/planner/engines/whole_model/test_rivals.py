"""The rivals solve the problem that we solve, and are not blamed for what they do not say."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings

from models.errors import EngineError
from models.outcome import Limits
from models.problem import Problem
from models.resource import Resource
from planner.bound import prove
from planner.engines.answer import Answer
from planner.engines.mip import build
from planner.engines.whole_model.rivals import RIVALS, solve_whole
from tests.brute_force import best_assignment
from tests.oracles import milp_objective, relaxed_objective
from tests.problems import hard_problem, problems, random_problem

if TYPE_CHECKING:
    from planner.engines.whole_model.claim import Claim

LIMITS = Limits(seconds=60.0, gap=0.0, threads=2)
PLANNERS = [name for name, rival in RIVALS.items() if rival.integer]
RELAXERS = [name for name, rival in RIVALS.items() if not rival.integer]
RELATIVE = 1e-5
PDLP_RELATIVE = 1e-3
"""PDLP ends when its error is a millionth of the problem's figures, not of the bound."""


def said(name: str, problem: Problem, limits: Limits = LIMITS) -> Claim:
    """Return what a rival says, asked in a new thread: HiGHS keeps its number of threads in one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(solve_whole, name, problem, limits).result()


def impossible() -> Problem:
    """Return a problem of three leads that all must go to one rep with room for two."""
    room = Resource.at_most("hours", np.ones(3), np.array([2.0]))
    return Problem(np.arange(4), np.zeros(3, np.int32), np.ones(3), 1, (room,))


@pytest.mark.parametrize("name", PLANNERS)
@given(problem=problems(max_rows=5, max_reps=3))
@settings(max_examples=40)
def test_planners_agree_with_brute_force(name: str, problem: Problem) -> None:
    chosen, best = best_assignment(problem)
    if (
        name == "cp_sat"
        and build(problem, integer=True).model.get_num_variables() > problem.num_pairs
    ):
        with pytest.raises(EngineError, match="no limit that may be broken for a cost"):
            said(name, problem)
        return
    claim = said(name, problem)
    if chosen is None:
        assert (claim.reason, claim.chosen, claim.bound) == (Answer.INFEASIBLE, None, np.inf)
    elif claim.reason != Answer.INFEASIBLE:
        # Else every plan needs the tolerance of our limits.
        assert claim.chosen is not None
        assert problem.is_feasible(claim.chosen)
        near = pytest.approx(best, rel=RELATIVE, abs=RELATIVE)
        assert problem.objective(claim.chosen) == near
        assert claim.bound == near


@pytest.mark.parametrize("name", PLANNERS)
def test_planners_agree_with_scipy(name: str) -> None:
    rng = np.random.default_rng(4)
    problem = random_problem(rng, 25, 5, num_resources=2, feasible=True, hard=1.0)
    claim = said(name, problem)
    assert claim.chosen is not None
    assert problem.is_feasible(claim.chosen)
    assert problem.objective(claim.chosen) == pytest.approx(milp_objective(problem), rel=RELATIVE)


@pytest.mark.parametrize("name", RELAXERS)
@given(problem=problems(feasible=True))
@settings(max_examples=20)
def test_prices_of_relaxers_prove_the_bound_of_scipy(name: str, problem: Problem) -> None:
    best = relaxed_objective(problem)
    claim = said(name, problem)
    assert (claim.reason, claim.chosen, claim.bound) == (Answer.OPTIMAL, None, np.inf)
    assert claim.prices is not None
    tolerated = PDLP_RELATIVE if name == "pdlp" else RELATIVE
    near = pytest.approx(best, rel=tolerated, abs=100 * tolerated)
    assert prove(problem, claim.prices).bound == near


@pytest.mark.parametrize("name", RIVALS)
def test_where_no_plan_exists_there_is_none(name: str) -> None:
    claim = said(name, impossible())
    assert claim.chosen is None
    assert claim.bound == np.inf
    assert claim.reason == Answer.INFEASIBLE


@pytest.mark.parametrize("name", RIVALS)
def test_without_time_nothing_is_claimed_too_much(name: str) -> None:
    problem = hard_problem(np.random.default_rng(0), 2_000, 20)
    claim = said(name, problem, Limits(seconds=0.0, gap=0.0, threads=1))
    assert claim.reason not in (Answer.OPTIMAL, Answer.INFEASIBLE)
    assert claim.seconds >= 0
    if claim.chosen is not None:
        assert problem.objective(claim.chosen) <= claim.bound


@pytest.mark.parametrize("name", PLANNERS)
def test_a_bound_holds_where_a_planner_is_stopped(name: str) -> None:
    problem = hard_problem(np.random.default_rng(1), 100, 8)
    claim = said(name, problem, Limits(seconds=1.0, gap=0.0, threads=1))
    best = said("glop", problem)
    assert best.prices is not None
    assert claim.chosen is not None
    assert problem.is_feasible(claim.chosen)
    assert problem.objective(claim.chosen) <= claim.bound
    assert claim.bound <= prove(problem, best.prices).bound * (1 + RELATIVE)


def test_time_begins_when_the_model_is_built() -> None:
    begun = []
    solve_whole("glop", impossible(), LIMITS, lambda: begun.append("solving"))
    assert begun == ["solving"]


def test_an_unknown_rival_is_refused() -> None:
    with pytest.raises(EngineError, match="no rival is called 'gurobi'; there are cp_sat, highs, "):
        solve_whole("gurobi", impossible(), LIMITS)

"""OR-Tools' solvers on the whole model: CP-SAT, HiGHS, SCIP; GLOP, PDLP, HiGHS on its relaxation.

Each runs as it comes, but for the limits and for gap tolerances of 0. Measured with ortools 9.15 on
generalized assignment problems: HiGHS and CP-SAT do at least as well on scaled figures as on plain
ones, SCIP finds better plans on plain ones; linear solvers do not care.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
from ortools.math_opt.python import mathopt

from models.errors import EngineError
from planner.bound import best_pairs
from planner.engines.answer import Answer
from planner.engines.mip import ANSWERS, SHORTEST, build, dual_prices, pair_values
from planner.engines.whole_model.claim import Claim

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.outcome import Limits
    from models.problem import Problem
    from planner.engines.mip import MipModel

PDLP_TOLERANCE = 1e-6


@dataclass(frozen=True)
class Rival:
    """A solver and what it is given.

    Attributes
    ----------
    integer : whether it looks for an assignment, or solves the linear relaxation for its prices
    scaled : see `planner.engines.mip.build`
    """

    solver: mathopt.SolverType
    integer: bool
    scaled: bool = True


RIVALS = {
    "cp_sat": Rival(mathopt.SolverType.CP_SAT, integer=True),
    "highs": Rival(mathopt.SolverType.HIGHS, integer=True),
    "scip": Rival(mathopt.SolverType.GSCIP, integer=True, scaled=False),
    "glop": Rival(mathopt.SolverType.GLOP, integer=False),
    "pdlp": Rival(mathopt.SolverType.PDLP, integer=False),
    "highs_lp": Rival(mathopt.SolverType.HIGHS, integer=False),
}


def solve_whole(
    name: str, problem: Problem, limits: Limits, begin: Callable[[], None] = lambda: None
) -> Claim:
    """Return what a rival says about a problem.

    Solvers may crash, or overrun their time: run it in a process of its own.

    Parameters
    ----------
    limits : of which the seconds, the threads and the seed count; solvers of the relaxation take
        no seed
    begin : called when the model is built and solving begins

    Raises
    ------
    EngineError : no such rival, or the solver cannot take the model
    """
    if name not in RIVALS:
        raise EngineError(f"no rival is called {name!r}; there are {', '.join(RIVALS)}")
    rival = RIVALS[name]
    mip = build(problem, integer=rival.integer, scaled=rival.scaled)
    has_slacks = mip.model.get_num_variables() > problem.num_pairs
    if rival.solver is mathopt.SolverType.CP_SAT and has_slacks:
        # It rounds them, and then calls optimal what is not (ortools 9.15).
        raise EngineError(f"{name} takes no limit that may be broken for a cost")
    parameters = _parameters(rival, limits)
    begin()
    try:
        result = mathopt.solve(mip.model, rival.solver, params=parameters)
    except (AttributeError, RuntimeError, ValueError) as error:
        # The converter of MathOpt's own errors fails with AttributeError (ortools 9.15).
        raise EngineError(f"{name} refuses the model: {error}") from error
    return _plan(mip, result) if rival.integer else _relaxation(mip, result)


def _parameters(rival: Rival, limits: Limits) -> mathopt.SolveParameters:
    parameters = mathopt.SolveParameters()
    if limits.seconds is not None:
        parameters.time_limit = timedelta(seconds=max(limits.seconds, SHORTEST))
    if rival.solver is mathopt.SolverType.HIGHS:
        # It refuses the common parameter.
        parameters.highs.int_options["threads"] = limits.threads
    else:
        parameters.threads = limits.threads
    if rival.integer:
        parameters.random_seed = limits.seed % 2**31
        parameters.relative_gap_tolerance = 0.0
        parameters.absolute_gap_tolerance = 0.0
    if rival.solver is mathopt.SolverType.PDLP:
        criteria = parameters.pdlp.termination_criteria.simple_optimality_criteria
        criteria.eps_optimal_absolute = PDLP_TOLERANCE
        criteria.eps_optimal_relative = PDLP_TOLERANCE
    return parameters


def _plan(mip: MipModel, result: mathopt.SolveResult) -> Claim:
    answer = ANSWERS[result.termination.reason]
    chosen = None
    if result.has_primal_feasible_solution():
        chosen = best_pairs(mip.problem, pair_values(mip, result))
    bound = result.termination.objective_bounds.dual_bound * mip.money
    is_proved = mip.is_complete and answer not in (Answer.INFEASIBLE, Answer.FAILED)
    return Claim(
        reason=str(answer),
        chosen=chosen,
        bound=bound if is_proved and np.isfinite(bound) else np.inf,
        seconds=result.solve_stats.solve_time.total_seconds(),
    )


def _relaxation(mip: MipModel, result: mathopt.SolveResult) -> Claim:
    # Any prices prove a bound, also those of a solver that was stopped on its way.
    duals = [each.dual_solution for each in result.solutions if each.dual_solution is not None]
    return Claim(
        reason=str(ANSWERS[result.termination.reason]),
        prices=dual_prices(mip, duals[0].dual_values) if duals else None,
        seconds=result.solve_stats.solve_time.total_seconds(),
    )

"""The methods that the benchmark table compares, and how each is called."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from models.outcome import Limits
    from models.problem import Problem
    from planner.engines.whole_model.claim import Claim


@dataclass(frozen=True)
class Method:
    """One of those that are compared.

    Attributes
    ----------
    name : in files
    title : for people
    makes_plans : whether it looks for an assignment, or only for a bound
    engine : the name of our engine that it is; "" for a rival
    """

    name: str
    title: str
    makes_plans: bool = True
    engine: str = ""


OURS = Method("fairlead", "Fairlead", engine="auto")
GREEDY = Method("greedy", "Greedy", engine="greedy")
CP_SAT = Method("cp_sat", "CP-SAT")
HIGHS = Method("highs", "HiGHS")
SCIP = Method("scip", "SCIP")
GLOP = Method("glop", "GLOP", makes_plans=False)
PDLP = Method("pdlp", "PDLP 1e-6", makes_plans=False)
HIGHS_LP = Method("highs_lp", "HiGHS", makes_plans=False)
METHODS = {
    method.name: method
    for method in (OURS, CP_SAT, HIGHS, SCIP, GLOP, PDLP, HIGHS_LP, GREEDY)
}  # fmt: skip


def call_method(name: str, directory: Path, limits: Limits, begin: Callable[[], None]) -> Claim:
    """Return what a method says about the problem in a directory, called in this process.

    Parameters
    ----------
    directory : where `planner.engines.transport.write_problem` left it
    begin : called when everything is loaded and built, from which on time counts
    """
    from planner.engines.transport import read_problem

    problem, method = read_problem(directory), METHODS[name]
    if method.engine:
        return _call_engine(method.engine, problem, limits, begin)
    from planner.engines.whole_model.rivals import solve_whole

    return solve_whole(name, problem, limits, begin)


def _call_engine(name: str, problem: Problem, limits: Limits, begin: Callable[[], None]) -> Claim:
    from planner.engines.engine import Silent
    from planner.engines.registry import AUTO, BASELINES, choose_engine
    from planner.engines.whole_model.claim import Claim

    if name == AUTO:
        from planner.engines.prices.warm import warm

        warm()
    engine = choose_engine(name, problem)
    begin()
    outcome = engine.solve(problem, limits, None, Silent())
    claim = Claim(str(outcome.reason), chosen=outcome.chosen, seconds=outcome.seconds)
    if name in BASELINES or outcome.prices is None:
        return claim
    return replace(claim, prices=outcome.prices.by_resource, bound=outcome.bound)

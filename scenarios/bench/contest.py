"""The methods of the benchmark table on its instances, each answer verified."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.errors import ProblemError
from models.problem import NOBODY
from planner.bound import prove
from planner.engines.engine import Progress
from planner.engines.transport import write_problem
from planner.engines.workspace import workspace
from scenarios.bench.apart import NoAnswer, run_apart
from scenarios.bench.cells import Cell
from scenarios.bench.methods import call_method

if TYPE_CHECKING:
    from models.arrays import Ints
    from models.problem import Problem
    from planner.engines.engine import Watcher
    from planner.engines.whole_model.claim import Claim
    from scenarios.bench.cells import CellFile
    from scenarios.bench.programme import Instance


def measure(instances: list[Instance], file: CellFile, watcher: Watcher) -> bool:
    """Add the cells that a file lacks; return whether it has all of them, or was stopped before.

    Every method runs in a process of its own, one after the other.
    """
    total = sum(len(instance.methods) for instance in instances)
    for instance in instances:
        missing = [each for each in instance.methods if not file.has(instance.name, each.name)]
        if not missing:
            continue
        problem = instance.make()
        with workspace() as directory:
            write_problem(directory, problem)
            for method in missing:
                place = f"{len(file.cells) + 1} of {total}"
                watcher.report(Progress(message=f"{place}: {instance.name}, {method.title}"))
                arguments = (method.name, directory, instance.limits)
                seconds = instance.limits.seconds or 0.0
                try:
                    claim = run_apart(call_method, arguments, seconds, watcher)
                    cell = judge(instance.name, method.name, problem, claim)
                except NoAnswer as error:
                    cell = Cell(instance.name, method.name, problem.num_pairs, reason=str(error))
                if watcher.should_stop():
                    return False
                file.add(cell)
    return True


def judge(instance: str, method: str, problem: Problem, claim: Claim) -> Cell:
    """Return what a claim is worth: its assignment is verified, its prices are evaluated anew.

    A bound that no prices prove is the method's word.
    """
    objective, assigned, reason = None, None, claim.reason
    if claim.chosen is not None:
        if _is_feasible(problem, claim.chosen):
            objective = problem.objective(claim.chosen)
            with_rep = claim.chosen[problem.rep[claim.chosen] != NOBODY]
            assigned = float(np.abs(problem.score[with_rep]).sum())
        else:
            reason = f"{reason}, its plan breaks a limit"
    bound = claim.bound if np.isfinite(claim.bound) else np.inf
    if claim.prices is not None:
        bound = min(bound, prove(problem, claim.prices).bound)
    return Cell(
        instance,
        method,
        problem.num_pairs,
        objective=objective,
        assigned=assigned,
        bound=float(bound) if np.isfinite(bound) else None,
        seconds=round(claim.seconds, 3),
        reason=reason,
    )


def _is_feasible(problem: Problem, chosen: Ints) -> bool:
    try:
        return problem.is_feasible(chosen)
    except ProblemError:
        return False

"""Confirms by a second, unrelated solver that a problem has no feasible assignment."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from models.outcome import Outcome, StopReason

if TYPE_CHECKING:
    from models.problem import Problem


def infeasible_outcome(engine: str, problem: Problem, began: float) -> Outcome:
    """Return the outcome of an engine that found nothing feasible, after CP-SAT has confirmed it."""
    from planner.engines.second_opinion import has_feasible

    answer = has_feasible(problem)
    if answer is False:
        reason, detail = (
            StopReason.INFEASIBLE,
            "no assignment keeps every hard limit; two solvers agree",
        )
    elif answer is True:
        reason, detail = StopReason.FAILED, f"{engine} found nothing feasible, but CP-SAT did"
    else:
        reason, detail = StopReason.FAILED, f"{engine} says infeasible; CP-SAT could not confirm it"
    return Outcome(engine=engine, reason=reason, detail=detail, seconds=time.monotonic() - began)

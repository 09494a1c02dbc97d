"""The outcome of a problem that an engine calls infeasible, once a second solver has spoken."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from models.outcome import Outcome, StopReason
from planner.engines.answer import Answer

if TYPE_CHECKING:
    from planner.engines.second_opinion import Opinion


def infeasible_outcome(engine: str, opinion: Opinion, began: float) -> Outcome:
    """Return the outcome of an engine that found nothing feasible, given CP-SAT's opinion.

    Parameters
    ----------
    began : when the engine began, by the monotonic clock
    """
    reason = StopReason.FAILED
    if opinion.answer is Answer.INFEASIBLE:
        reason = StopReason.INFEASIBLE
        detail = "no assignment keeps every hard limit; two solvers agree"
    elif opinion.chosen is not None:
        detail = f"{engine} found nothing feasible, but CP-SAT did; this is a fault of ours"
    else:
        detail = f"{engine} found nothing feasible; CP-SAT could not confirm that nothing is"
    return Outcome(engine=engine, reason=reason, detail=detail, seconds=time.monotonic() - began)

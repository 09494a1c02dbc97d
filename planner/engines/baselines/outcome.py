"""The outcome of a policy that goes over the rows once and proves nothing."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from models.outcome import Outcome, StopReason
from planner.bound import zero_prices

if TYPE_CHECKING:
    from models.arrays import Ints
    from models.problem import Problem


def one_pass_outcome(name: str, problem: Problem, chosen: Ints, began: float) -> Outcome:
    """Return the outcome of one pass, begun at a monotonic time; its bound is that of price 0."""
    prices = zero_prices(problem)
    return Outcome(
        engine=name,
        reason=StopReason.ITERATION_LIMIT,
        detail="the policy goes over the leads once",
        chosen=chosen,
        objective=problem.objective(chosen),
        prices=prices,
        bound=prices.bound,
        seconds=time.monotonic() - began,
        iterations=1,
    )

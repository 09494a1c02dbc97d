"""The best plan that has a given pair: solved again, warm, with everything else free."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models.outcome import StopReason
from planner.engines.engine import Start
from planner.engines.neighbourhood import restrict
from planner.engines.registry import AUTO
from planner.run import run

if TYPE_CHECKING:
    from models.arrays import Ints
    from models.outcome import Limits
    from planner.engines.engine import Watcher
    from planner.planned import Planned


@dataclass(frozen=True, eq=False)
class Forced:
    """What became of a plan with a pair forced.

    Attributes
    ----------
    chosen : (n_rows,) the best assignment found; None if there is none
    objective, bound : money; -inf without an assignment
    impossible : whether it is proved that there is none
    """

    chosen: Ints | None
    objective: float
    bound: float
    impossible: bool


def solve_forced(
    planned: Planned, row: int, pair: int, begin: Ints | None, limits: Limits, watcher: Watcher
) -> Forced:
    """Return the best plan that has a pair.

    Parameters
    ----------
    begin : (n_rows,) a feasible assignment that has it, if one is known
    """
    problem = planned.compiled.problem
    held = np.array(planned.chosen if begin is None else begin)
    held[row] = pair
    others = np.ones(problem.num_pairs, bool)
    others[problem.indptr[row] : problem.indptr[row + 1]] = False
    part = restrict(problem, np.flatnonzero(others), held)
    prices = tuple(price[groups] for price, groups in zip(planned.prices, part.groups, strict=True))
    outcome = run(part.problem, AUTO, limits, Start(part.start(), prices), watcher)
    if outcome.chosen is None:
        is_infeasible = outcome.reason is StopReason.INFEASIBLE
        return Forced(None, -np.inf, outcome.bound + part.fixed, is_infeasible)
    chosen = part.whole(outcome.chosen)
    return Forced(chosen, problem.objective(chosen), outcome.bound + part.fixed, impossible=False)

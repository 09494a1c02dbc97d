"""Optimal prices of an optimal assignment where every lead counts one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.problem import NOBODY
from planner.bound import prove

if TYPE_CHECKING:
    from models.arrays import Floats, Ints
    from models.outcome import Prices
    from models.problem import Problem
    from planner.engines.unit_costs import UnitCosts


def residual_prices(
    problem: Problem, costs: UnitCosts, chosen: Ints, tolerance: float = 0.0
) -> Prices:
    """Return the least prices that support an optimal assignment, with the bound they prove.

    For reps r and s, price_s - price_r is at least what any lead of r would gain by going to s, and
    price_r lies between the costs of r's last lead and of the next. The market, which is nobody,
    has price 0. The least such prices are longest paths in the residual graph (Ahuja, Magnanti,
    Orlin 1993, "Network Flows", section 9.2), found as Bellman and Ford do. They end, because a
    cycle that gains would be a better assignment.

    Parameters
    ----------
    chosen : (n_rows,) int64, an optimal assignment
    tolerance : money by which its costs may be off
    """
    if not problem.resources:
        return prove(problem, ())
    market = problem.num_reps
    reps = np.arange(market)
    held = np.bincount(problem.rep[chosen] + 1, minlength=market + 1)[1:]
    price = np.append(costs.next(reps, held - 1), 0.0)
    giver, taker, gain = _best_gains(problem, chosen)
    begins = np.flatnonzero(np.diff(taker, prepend=-1))
    for _ in range(market if len(begins) else 0):
        offer = np.maximum.reduceat(price[giver] + gain, begins)
        better = offer > price[taker[begins]] + tolerance
        if not better.any():
            break
        price[taker[begins[better]]] = offer[better]
    return prove(problem, (np.minimum(price[:market], costs.next(reps, held)),))


def _best_gains(problem: Problem, chosen: Ints) -> tuple[Ints, Ints, Floats]:
    """Return (giver, taker, gain): the most that a lead gains by going from one rep to another.

    Sorted by taker; the market gives, as number n_reps, but it needs no price and takes nothing.
    """
    row = problem.pair_rows()
    away = (problem.rep != NOBODY) & (problem.rep != problem.rep[chosen][row])
    row, taker = row[away], problem.rep[away].astype(np.int64)
    giver = problem.rep[chosen][row].astype(np.int64) % (problem.num_reps + 1)
    gain = problem.score[away] - problem.score[chosen][row]
    order = np.lexsort((giver, taker))
    giver, taker, gain = giver[order], taker[order], gain[order]
    begins = np.flatnonzero((np.diff(giver, prepend=-1) != 0) | (np.diff(taker, prepend=-1) != 0))
    if len(begins) == 0:
        return giver, taker, gain
    return giver[begins], taker[begins], np.maximum.reduceat(gain, begins)

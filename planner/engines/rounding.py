"""From the shares of a linear relaxation to an assignment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from planner.bound import best_of_rows
from planner.engines.baselines.room import Room

if TYPE_CHECKING:
    from models.arrays import Floats, Ints
    from models.problem import Problem

WHOLE = 1.0 - 1e-6


def rounded(problem: Problem, share: Floats, loss: Floats) -> Ints:
    """Return (n_rows,) pairs: whole rows as they are, split ones where there is room.

    The row with the largest share chooses first: the pair that loses least under the prices or,
    where loads cost money, the one with the best score after those costs. Where no pair has room,
    a row takes the one that loses least all the same: the result may break a limit.

    Parameters
    ----------
    share : (n_pairs,) between 0 and 1
    loss : (n_pairs,) money, see `planner.bound.losses`
    """
    room = Room(problem)
    chosen = problem.indptr[:-1].copy()
    whole = np.flatnonzero(share >= WHOLE)
    chosen[np.searchsorted(problem.indptr, whole, side="right") - 1] = whole
    largest = best_of_rows(problem, share)
    for pair in whole.tolist():
        room.take(pair)
    split = np.flatnonzero(largest < WHOLE)
    for row in split[np.argsort(-largest[split], kind="stable")].tolist():
        pairs = np.arange(problem.indptr[row], problem.indptr[row + 1])
        wanted = pairs[np.argsort(loss[pairs], kind="stable")].tolist()
        free = [pair for pair in wanted if room.has_room(pair)]
        if free and room.has_soft:
            pair = max(free, key=lambda p: problem.score[p] - room.soft_cost(p))
        else:
            pair = (free or wanted)[0]
        room.take(pair)
        chosen[row] = pair
    return chosen

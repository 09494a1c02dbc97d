"""Round robin: leads as they arrive, each to the rep served least recently who may have it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from models.problem import NOBODY
from planner.engines.baselines.greedy import must_assign
from planner.engines.baselines.outcome import one_pass_outcome
from planner.engines.baselines.room import Room
from planner.engines.ties import rep_ties, row_ties

if TYPE_CHECKING:
    from models.arrays import Ints
    from models.outcome import Limits, Outcome
    from models.problem import Problem
    from planner.engines.engine import Start, Watcher


class RoundRobin:
    """What a CRM does, with limits added (R32; baselines, common frame)."""

    name: ClassVar[str] = "round_robin"
    isolated: ClassVar[bool] = False

    def unsupported(self, problem: Problem) -> str | None:
        """Return None: any problem can be dealt out in turn."""
        return None

    def solve(
        self, problem: Problem, limits: Limits, start: Start | None, watcher: Watcher
    ) -> Outcome:
        """Return the assignment; `start` is not used."""
        del start, watcher
        began = time.monotonic()
        return one_pass_outcome(self.name, problem, round_robin(problem, limits.seed), began)


def round_robin(problem: Problem, seed: int = 0) -> Ints:
    """Return (n_rows,) pairs: each row to the rep with room who was served least recently.

    The first turn is in a random but repeatable order, so that no name comes first. Rows that must
    be assigned, such as pinned leads, are dealt out before the others; if no rep has room for one,
    it goes to the next in turn all the same: the result may break a limit.
    """
    room = Room(problem)
    served = np.argsort(np.argsort(rep_ties(problem, seed))).tolist()
    turn = len(served)
    indptr, rep = problem.indptr.tolist(), problem.rep.tolist()
    chosen = np.empty(problem.num_rows, np.int64)
    order = np.lexsort((row_ties(problem, seed), problem.arrival, ~must_assign(problem)))
    for row in order.tolist():
        pairs = range(indptr[row], indptr[row + 1])
        waiting = sorted(
            (pair for pair in pairs if rep[pair] != NOBODY), key=lambda pair: served[rep[pair]]
        )
        full = pairs[-1] if rep[pairs[-1]] == NOBODY else waiting[0]
        pair = next((pair for pair in waiting if room.has_room(pair)), full)
        if rep[pair] != NOBODY:
            served[rep[pair]] = turn
            turn += 1
        room.take(pair)
        chosen[row] = pair
    return chosen

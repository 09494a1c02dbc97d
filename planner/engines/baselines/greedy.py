"""Score-greedy: the best lead first, each to its best rep with room (baselines P10)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from models.problem import NOBODY
from planner.engines.baselines.outcome import one_pass_outcome
from planner.engines.baselines.room import Room
from planner.engines.ties import pair_ties, row_ties

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.arrays import Ints
    from models.outcome import Limits, Outcome
    from models.problem import Problem
    from planner.engines.engine import Start, Watcher


class Greedy:
    """The strongest simple policy, and the floor of every other engine.

    What converge-optimization calls fit is the score here, territories are rules of the policy, and
    priority, which comes before the score there, is a preference for urgency within it.
    """

    name: ClassVar[str] = "greedy"
    isolated: ClassVar[bool] = False

    def unsupported(self, problem: Problem) -> str | None:
        """Return None: any problem can be tried greedily."""
        return None

    def solve(
        self, problem: Problem, limits: Limits, start: Start | None, watcher: Watcher
    ) -> Outcome:
        """Return the greedy assignment; `start` is not used."""
        del start, watcher
        began = time.monotonic()
        return one_pass_outcome(self.name, problem, greedy(problem, limits.seed), began)


def greedy(problem: Problem, seed: int = 0) -> Ints:
    """Return (n_rows,) pairs: rows by best score, each its best pair that has room.

    Rows that must be assigned choose first. If no pair has room for one of them, it takes its best
    pair all the same: the result may break a limit.
    """
    best = np.maximum.reduceat(problem.score, problem.indptr[:-1])
    rows = np.lexsort((row_ties(problem, seed), -best, ~must_assign(problem)))
    by_score = np.lexsort((pair_ties(problem, seed), -problem.score, problem.pair_rows()))
    return place_in_order(problem, rows, by_score)


def must_assign(problem: Problem) -> NDArray[np.bool_]:
    """Return (n_rows,) whether a row has no (lead, nobody) pair: pinned leads, for example."""
    return np.not_equal(problem.rep[problem.indptr[1:] - 1], NOBODY)


def place_in_order(problem: Problem, rows: Ints, preference: Ints) -> Ints:
    """Return (n_rows,) pairs: each row in turn takes its preferred pair that has room.

    Where loads cost money, the preferred pair is the one with the best score after those costs.

    Parameters
    ----------
    rows : (n_rows,) the order in which rows choose
    preference : (n_pairs,) the pairs of each row, row after row, the preferred first
    """
    room = Room(problem)
    indptr, order = problem.indptr.tolist(), preference.tolist()
    chosen = np.empty(problem.num_rows, np.int64)
    for row in rows.tolist():
        pairs = order[indptr[row] : indptr[row + 1]]
        found = _preferred(room, problem, pairs)
        pair = pairs[0] if found is None else found
        room.take(pair)
        chosen[row] = pair
    return chosen


def fill(problem: Problem, chosen: Ints, seed: int = 0) -> Ints:
    """Return (n_rows,) pairs: those of a plan, and for rows with nobody the best that has room."""
    room = Room(problem)
    for pair in chosen.tolist():
        room.take(pair)
    open_rows = np.flatnonzero(problem.rep[chosen] == NOBODY)
    best = np.maximum.reduceat(problem.score, problem.indptr[:-1])
    open_rows = open_rows[np.argsort(-best[open_rows], kind="stable")]
    order = np.lexsort((pair_ties(problem, seed), -problem.score, problem.pair_rows())).tolist()
    filled = np.array(chosen)
    for row in open_rows.tolist():
        room.release(chosen[row])
        pairs = order[problem.indptr[row] : problem.indptr[row + 1]]
        found = _preferred(room, problem, pairs)
        filled[row] = chosen[row] if found is None else found
        room.take(filled[row])
    return filled


def _preferred(room: Room, problem: Problem, pairs: list[int]) -> int | None:
    """Return the first of a row's pairs that has room, or the best one where loads cost money."""
    if not room.has_soft:
        return next((pair for pair in pairs if room.has_room(pair)), None)
    free = [pair for pair in pairs if room.has_room(pair)]
    return max(free, key=lambda p: problem.score[p] - room.soft_cost(p), default=None)

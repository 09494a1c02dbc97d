"""Large neighbourhood search: free the books of a few competing reps, solve that part exactly.

Shaw 1998, "Using constraint programming and local search methods to solve vehicle routing
problems", doi:10.1007/3-540-49481-2_30; here with MathOpt as the exact solver.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.problem import NOBODY
from planner.bound import reduced_scores
from planner.engines.mip import build, solve_mip
from planner.engines.neighbourhood import pairs_of_rows, restrict

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.outcome import Prices
    from models.problem import Floats, Ints, Problem

PART_GAP = 1e-5
MOST_PAIRS = 700
IMPROVEMENT = 1e-6


class Polish:
    """Improves a feasible assignment step by step.

    Parameters
    ----------
    problem, prices : the problem and the prices that bound it
    chosen : (n_rows,) a feasible assignment
    seed : draws the neighbourhoods
    """

    def __init__(self, problem: Problem, prices: Prices, chosen: Ints, seed: int) -> None:
        self.problem, self.chosen = problem, np.array(chosen)
        self.objective = problem.objective(chosen)
        self.bound = prices.bound
        self.steps = 0
        self._rng = np.random.default_rng(seed)
        reduced = reduced_scores(problem, prices.by_resource)
        best = np.maximum.reduceat(reduced, problem.indptr[:-1])
        self._loss = np.repeat(best, np.diff(problem.indptr)) - reduced
        self._row = problem.pair_rows()
        self._rivals = _rivals(problem, self._loss)

    def step(self, size: int, seconds: float) -> bool:
        """Solve one neighbourhood of `size` reps; return whether the assignment got better."""
        self.steps += 1
        pairs = self._promising(self._draw(size))
        if len(pairs) == 0:
            return False
        rows = np.unique(self._row[pairs])
        part = restrict(self.problem, rows, pairs, self.chosen, self.problem.loads(self.chosen))
        result = solve_mip(build(part, integer=True), seconds, PART_GAP, None)
        if result.chosen is None:
            return False
        candidate = np.array(self.chosen)
        candidate[rows] = pairs[result.chosen]
        objective = self.problem.objective(candidate)
        if objective <= self.objective + IMPROVEMENT or not self.problem.is_feasible(candidate):
            return False
        self.chosen, self.objective = candidate, objective
        return True

    def _draw(self, size: int) -> NDArray[np.int64]:
        """Return reps that compete: one at random, then rivals in proportion to what they share."""
        first = int(self._rng.integers(self.problem.num_reps))
        weight = self._rivals[first].copy()
        weight[first] = 0.0
        others = min(size - 1, int((weight > 0).sum()))
        if others == 0:
            return np.array([first])
        drawn = self._rng.choice(len(weight), others, replace=False, p=weight / weight.sum())
        return np.r_[first, drawn]

    def _promising(self, reps: Ints) -> Ints:
        """Return the present pairs of rows worth freeing, and the other pairs they may go to.

        These are the pairs among `reps` and nobody that lose least under the prices: one that loses
        more than bound - objective is in no better assignment.
        """
        inside = np.append(np.isin(np.arange(self.problem.num_reps), reps), True)
        rows = np.flatnonzero(inside[self.problem.rep[self.chosen]])
        pairs = pairs_of_rows(self.problem, rows)
        others = pairs[inside[self.problem.rep[pairs]] & (pairs != self.chosen[self._row[pairs]])]
        loss = self._loss[others]
        limit = self.bound - self.objective
        if len(others) > MOST_PAIRS:
            limit = min(limit, float(np.partition(loss, MOST_PAIRS)[MOST_PAIRS]))
        others = others[loss <= limit]
        return np.sort(np.r_[others, self.chosen[np.unique(self._row[others])]])


def _rivals(problem: Problem, loss: Floats) -> Floats:
    """Return (n_reps, n_reps) how many rows two reps both could take at little loss."""
    is_rep = problem.rep != NOBODY
    near = is_rep & (loss <= np.median(loss[is_rep]) if is_rep.any() else is_rep)
    shared = np.zeros((problem.num_reps, problem.num_reps))
    row, rep = problem.pair_rows()[near], problem.rep[near]
    for apart in range(1, int(np.diff(problem.indptr).max(initial=1))):
        same = row[apart:] == row[:-apart]
        np.add.at(shared, (rep[apart:][same], rep[:-apart][same]), 1.0)
    return shared + shared.T

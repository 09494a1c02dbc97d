"""Large neighbourhood search: free the books of competing reps, solve that part exactly.

Shaw 1998, "Using constraint programming and local search methods to solve vehicle routing
problems", doi:10.1007/3-540-49481-2_30; here the prices say which pairs are worth freeing, as in
the core of a knapsack problem (Balas, Zemel 1980, doi:10.1287/opre.28.5.1130).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from planner.bound import losses
from planner.engines.answer import Answer
from planner.engines.neighbourhood import restrict
from planner.engines.rivalry import Rivalry
from planner.engines.verified import solve_verified

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.arrays import Floats, Ints
    from models.outcome import Prices
    from models.problem import Problem
    from planner.engines.mip import MipResult
    from planner.engines.neighbourhood import Part

PART_PAIRS = 400
"""A part grows rep by rep until so many pairs besides the present ones are free; fewer where parts
are too hard."""
LEAST_PAIRS = 20
PARTS = 2
"""Parts are solved two at a time."""
SMALLER, LARGER = 0.6, 1.05
"""How that number changes with a part that was not solved in its limits, and with one that was."""
PART_NODES = 50
PART_GAP = 0.02
"""A part is solved to within this share of the gap of the whole."""
PAIRS_PER_PRICE = 20
"""The first radius frees so many pairs for each price that is not 0."""
PROGRESS = 0.01
"""A step that closes less than this share of the gap is fruitless."""
PATIENCE = 1
"""Every rep has so many fruitless turns, on average, before more pairs are freed at once."""


class Polish:
    """Improves a feasible assignment step by step.

    Parameters
    ----------
    problem, prices : the problem and prices that bound it
    chosen : (n_rows,) a feasible assignment
    seed : draws the parts
    threads : whether parts are solved beside each other; that changes nothing else

    Attributes
    ----------
    chosen, objective : the best assignment, (n_rows,), and its money
    bound : money; a solver's bound on the whole, +inf if none was proved
    steps : how many parts were solved
    is_stale : whether the last steps, up to the widest radius, brought next to nothing
    is_settled : whether a solver has gone through all that may be better
    """

    def __init__(
        self, problem: Problem, prices: Prices, chosen: Ints, seed: int, threads: int = 1
    ) -> None:
        self.problem = problem
        self.chosen = np.array(chosen)
        self.objective = problem.objective(chosen)
        self.bound = np.inf
        self.steps = 0
        self.is_stale = False
        self.is_settled = False
        self._prices = prices
        self._rng = np.random.default_rng(seed)
        self._loss = losses(problem, prices.by_resource)
        self._rivalry = Rivalry(problem, self._loss)
        self._map = map if threads == 1 else ThreadPoolExecutor(PARTS).map
        self._narrowest = self._radius = first_radius(problem, prices, self._loss)
        self._fruitless = 0
        self._part_pairs = float(PART_PAIRS)

    @property
    def gap_money(self) -> float:
        """By how much the prices allow another assignment to be better, in money."""
        return max(0.0, self._prices.bound - self.objective)

    def begin_with(self, chosen: Ints) -> None:
        """Go on from another feasible assignment, if it is better."""
        self._take(chosen)

    def num_open(self) -> int:
        """Return how many pairs besides the chosen ones a better assignment may have."""
        near = self._near(self.gap_money)
        return int(np.count_nonzero(near) - np.count_nonzero(near[self.chosen]))

    def step(self, seconds: float | None) -> None:
        """Solve parts without common reps beside each other, for so many seconds at most."""
        self.steps += 1
        gap, before = self.gap_money, self.objective
        left = max(0.0, min(gap, self.bound - before))
        radius = min(self._radius, gap)
        drawn = self._draw(radius)
        num_reps = sum(len(reps) for _, reps in drawn)
        is_all = len(drawn[0][1]) == self.problem.num_reps and radius >= gap

        def solve(part: Part) -> MipResult:
            start = part.start() if is_all else None
            return solve_verified(
                part.problem, seconds, gap_money=PART_GAP * left, nodes=PART_NODES, start=start
            )

        parts = [restrict(self.problem, pairs, self.chosen) for pairs, _ in drawn]
        results = list(self._map(solve, parts))
        for part, result in zip(parts, results, strict=True):
            self._take_part(part, result, proves=is_all)
        is_solved = all(result.answer is Answer.OPTIMAL for result in results)
        factor = LARGER if is_solved else SMALLER
        self._part_pairs = min(max(factor * self._part_pairs, LEAST_PAIRS), PART_PAIRS)
        is_fruitless = self.objective - before <= PROGRESS * left
        self._fruitless = self._fruitless + 1 if is_fruitless else 0
        self.is_stale = False
        if self._fruitless > PATIENCE * (self.problem.num_reps // max(num_reps, 1) - 1):
            self._widen(radius >= gap)

    def prove(self, gap_money: float, nodes: int | None, seconds: float | None) -> None:
        """Solve all that may still be better as one.

        Parameters
        ----------
        gap_money : distance from its bound at which the solver may stop
        nodes, seconds : when to stop, None for never
        """
        pairs = np.flatnonzero(self._near(self.gap_money))
        part = restrict(self.problem, pairs, self.chosen)
        result = solve_verified(
            part.problem, seconds, gap_money=gap_money, nodes=nodes, start=part.start()
        )
        self._take_part(part, result, proves=True)
        self.is_settled = result.answer in (Answer.OPTIMAL, Answer.INFEASIBLE)

    def _draw(self, radius: float) -> list[tuple[Ints, Ints]]:
        """Return the pairs and the reps of parts that share neither reps nor rows."""
        weights = self._rivalry.weights(self._prices, self.chosen)
        near, most = self._near(radius), int(self._part_pairs)
        drawn: list[tuple[Ints, Ints]] = []
        for _ in range(PARTS):
            pairs, reps = self._rivalry.draw(self._rng, near, self.chosen, weights, most)
            if drawn and not len(reps):
                break
            drawn.append((pairs, reps))
            near, weights[reps] = self._rivalry.without_rows_of(pairs, near), 0.0
        return drawn

    def _near(self, radius: float) -> NDArray[np.bool_]:
        return self._loss <= radius

    def _widen(self, is_widest: bool) -> None:
        self._fruitless = 0
        self.is_stale = is_widest
        wider = max(2 * self._radius, PROGRESS * self.gap_money)
        self._radius = self._narrowest if is_widest else wider

    def _take_part(self, part: Part, result: MipResult, *, proves: bool) -> None:
        """Take what HiGHS found for a part, beside what it found for others.

        `proves`: the part has all pairs that a better assignment may have.
        """
        if result.chosen is not None:
            candidate = self.chosen.copy()
            candidate[part.rows] = part.pairs[result.chosen]
            self._take(candidate)
        if proves:
            self.bound = min(self.bound, result.bound + part.fixed)

    def _take(self, candidate: Ints) -> None:
        objective = self.problem.objective(candidate)
        if objective > self.objective and self.problem.is_feasible(candidate):
            self.chosen, self.objective = np.array(candidate), objective


def first_radius(problem: Problem, prices: Prices, loss: Floats) -> float:
    """Return money: the loss within which lie enough pairs for the limits that have a price."""
    num_prices = sum(int(np.count_nonzero(price)) for price in prices.by_resource)
    wanted = problem.num_rows + max(PART_PAIRS, PAIRS_PER_PRICE * num_prices)
    if wanted >= problem.num_pairs:
        return float(loss.max(initial=0.0))
    return float(np.partition(loss, wanted)[wanted])

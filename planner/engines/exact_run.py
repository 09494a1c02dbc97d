"""One run of `exact`: relaxation, rounding, neighbourhood search, proof."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from planner.bound import best_pairs, losses, prove
from planner.engines import polish
from planner.engines.answer import Answer
from planner.engines.baselines.greedy import place_in_order
from planner.engines.infeasible import infeasible_outcome
from planner.engines.neighbourhood import restrict
from planner.engines.polish import PART_PAIRS, Polish
from planner.engines.prices.best_prices import best_prices
from planner.engines.prices.core import core_of, first_radius
from planner.engines.prices.multipliers import tighten
from planner.engines.prices.newton import typical_amounts
from planner.engines.prices.rounds import AnnealingTurns
from planner.engines.relaxation import relax, sift
from planner.engines.rounding import rounded
from planner.engines.second_opinion import second_opinion
from planner.engines.turns import PolishTurns, Turns
from planner.engines.verified import solve_verified
from planner.kernels.packed import pack

if TYPE_CHECKING:
    from models.arrays import Ints
    from models.outcome import Outcome
    from planner.engines.record import Record
    from planner.engines.turns import Search

SIFTED_PAIRS = 40_000
"""From so many pairs on, Newton steps find prices first, and the relaxation is solved in parts."""
PRICES_END = 1e-7
PROOF_PAIRS = 6_000
"""Up to so many open pairs HiGHS takes all that may still be better as one."""
PROOF_NODES = 100
"""With a limit on steps, a proof may take so many nodes for each of them."""
WIDER = 8
TIGHTENING = 0.1
"""The share of the time left that goes into a better bound."""


class ExactRun:
    """One solve.

    Parameters
    ----------
    record : of the problem, its limits and who watches
    """

    def __init__(self, record: Record) -> None:
        self._record = record
        self._problem = record.problem
        self._limits = record.limits

    def solve(self) -> Outcome:
        """Return the outcome; what the record has is what it begins with."""
        record = self._record
        if record.is_close():
            return record.outcome()
        is_possible = self._relax() and self._find_plan()
        if record.chosen is None and not (is_possible and record.is_over()):
            # Some assignments keep the limits just within their tolerance, unseen by the others.
            opinion = second_opinion(self._problem, record.seconds_left())
            if opinion.chosen is not None:
                record.take_assignment(opinion.chosen)
            elif not is_possible:
                return infeasible_outcome(record.engine, opinion, record.began)
        self._search()
        return record.outcome()

    def _relax(self) -> bool:
        """Take prices and a rounded plan from the relaxation; False if it has no solution."""
        record, problem = self._record, self._problem
        if problem.num_pairs >= SIFTED_PAIRS:
            record.say("finding prices")
            packed = pack(problem)
            search = best_prices(packed, problem.num_reps, PRICES_END, record.is_over)
            record.take_prices(prove(problem, packed.split(search.best)))
            if not record.is_over():
                record.take_assignment(self._by_prices())
        record.say("solving the linear relaxation")
        if record.is_over():
            return True
        if problem.num_pairs >= SIFTED_PAIRS:
            result = sift(problem, record.prices, record.seconds_left)
        else:
            result = relax(problem, record.seconds_left)
        if result.prices is not None and result.share is not None:
            record.take_prices(prove(problem, result.prices))
            loss = losses(problem, record.prices.by_resource)
            record.take_assignment(rounded(problem, result.share, loss))
        return result.answer is not Answer.INFEASIBLE or record.chosen is not None

    def _by_prices(self) -> Ints:
        """Return (n_rows,) pairs: rows take what loses least, first who else would lose most."""
        loss = losses(self._problem, self._record.prices.by_resource)
        order = np.lexsort((loss, self._problem.pair_rows()))
        second = np.minimum(self._problem.indptr[:-1] + 1, self._problem.indptr[1:] - 1)
        return place_in_order(self._problem, np.argsort(-loss[order[second]], kind="stable"), order)

    def _find_plan(self) -> bool:
        """Look for a first plan if there is none; False if HiGHS proves that there can be none.

        It chooses among the pairs that lose least under the prices, and then among ever more.
        """
        record, problem = self._record, self._problem
        loss = losses(problem, record.prices.by_resource)
        guess = best_pairs(problem, -loss)
        radius = polish.first_radius(problem, record.prices, loss)
        while record.chosen is None and not record.is_over():
            record.say("looking for a first plan")
            near = np.flatnonzero(loss <= radius)
            part = restrict(problem, near, guess)
            is_all = len(near) == problem.num_pairs
            result = solve_verified(
                part.problem,
                self._seconds(1.0 if is_all else 0.25),
                gap_money=0.0 if is_all else np.inf,
                nodes=self._nodes(),
            )
            if result.chosen is not None:
                record.take_assignment(part.whole(result.chosen))
            if is_all:
                record.take_bound(result.bound + part.fixed)
                return result.answer is not Answer.INFEASIBLE
            radius = WIDER * radius if radius > 0 else float(loss.max())
        return True

    def _search(self) -> None:
        """Improve the plan part by part; where little is left open, let HiGHS prove the rest."""
        record = self._record
        if record.chosen is None or record.is_over():
            return
        polish = Polish(
            self._problem, record.prices, record.chosen, self._limits.seed, self._limits.threads
        )
        if polish.num_open() > PART_PAIRS:
            tighten(record, TIGHTENING)
        searches: list[Search] = [PolishTurns(record, polish)]
        if polish.num_open() > PROOF_PAIRS and not record.is_over():
            searches.insert(0, self._annealing())
        turns, proved = Turns(record, searches), -np.inf
        while not (record.is_over() or polish.is_settled):
            num_open = polish.num_open()
            is_small = num_open <= PART_PAIRS
            ripe = is_small or (turns.is_stale and num_open <= PROOF_PAIRS)
            if ripe and polish.objective > proved:
                record.say("proving the rest with HiGHS")
                proved = polish.objective
                gap = 0.0 if is_small else record.close_enough() / 2
                polish.prove(gap, self._nodes(), self._seconds(0.5))
                record.steps += 1
                record.take_assignment(polish.chosen)
            elif turns.is_stale and self._is_unlimited():
                return
            else:
                turns.turn()
                polish.begin_with(record.chosen)
            record.take_bound(polish.bound)

    def _annealing(self) -> AnnealingTurns:
        """Return a search among the pairs that lose little under the prices."""
        record, packed = self._record, pack(self._problem)
        price = packed.join(record.prices.by_resource)
        radius = np.full(self._problem.num_rows, first_radius(packed, price))
        core = core_of(self._problem, packed, price, radius, record.chosen)
        return AnnealingTurns(record, core, price, typical_amounts(packed))

    def _is_unlimited(self) -> bool:
        return self._limits.seconds is None and self._limits.iterations is None

    def _seconds(self, share: float) -> float | None:
        """Return a share of the time left; None without a time limit."""
        left = self._record.seconds_left()
        return None if left is None else share * left

    def _nodes(self) -> int | None:
        iterations = self._limits.iterations
        return None if iterations is None else PROOF_NODES * iterations

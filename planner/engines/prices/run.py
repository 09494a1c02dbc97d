"""One run of `prices`: prices, core, exchange, and then OR-Tools where the gap is lost."""

from __future__ import annotations

import itertools
import time
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np

from planner.bound import best_pairs, clip_prices, prove
from planner.engines.prices.best_prices import best_prices
from planner.engines.prices.core import core_of, first_radius
from planner.engines.prices.exchange import ExchangeSearch
from planner.engines.prices.multipliers import tighten
from planner.engines.prices.newton import typical_amounts
from planner.engines.prices.rounds import AnnealingTurns
from planner.engines.turns import PolishTurns, Turns
from planner.kernels.core import rows_using
from planner.kernels.packed import pack
from planner.kernels.proof import Proof
from planner.kernels.threads import use_threads

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.arrays import Bools, Floats, Ints
    from models.outcome import Outcome
    from planner.engines.engine import Start
    from planner.engines.prices.core import Core
    from planner.engines.record import Record

END_OF_GAP = 0.02
"""Smoothing may hide this share of the gap that is asked for."""
LEAST_END, MOST_END = 1e-7, 1e-5
LEAST_RADIUS = 1e-4
"""Where cores have to grow, they do from this share of the mean score on."""
FAR = 0.01
"""A start with a larger gap is of no use."""
CLOSE = 6.0
"""A plan within so many times the gap asked for is settled before anything else is tried."""
WIDER, MUCH_WIDER = 3.0, 10.0
TURNS_BEFORE_TIGHTENING = 6
TIGHTENING = 0.1
"""The share of the time left that goes into a better bound."""
RENEWED = 0.1
"""Rows of an earlier plan that lose more than this share of what all may lose are placed anew."""
MOST_LP_PAIRS, LP_SHARE = 500_000, 0.4
"""Up to so many pairs the linear relaxation is solved, in at most this share of the time left."""
FIRST_SECONDS = 1.0
"""Exchanges before the relaxation take no longer."""
WORTH_NEW_PRICES = 0.1
"""The share of the gap asked for by which a bound has to fall for a new beginning."""


class Beginning(Enum):
    """What exchanges begin with: the core's plan, that plan with the rows placed anew that lose
    much in it, or all rows placed anew.
    """

    HELD = "held"
    RENEWED = "renewed"
    PLACED = "placed"


class PricesRun:
    """One solve.

    Parameters
    ----------
    record : of the problem, its limits and who watches
    """

    def __init__(self, record: Record) -> None:
        self._record = record
        self._problem = record.problem
        self._limits = record.limits
        use_threads(record.limits.threads)
        self._packed = pack(record.problem)
        self._is_tightened = self._is_relaxed = self._is_cut_short = False
        self._proof: Proof | None = None
        self._typical = typical_amounts(self._packed)

    def solve(self, start: Start | None) -> Outcome:
        """Return the outcome; what the record has is what it begins with."""
        record, problem = self._record, self._problem
        if not (problem.num_rows and self._packed.num_slots):
            record.take_assignment(best_pairs(problem, problem.score))
            return record.outcome()
        price = self._near_start(start)
        if not record.is_over():
            self._around(self._best_prices() if price is None else price)
        if record.chosen is None and not record.is_over():
            from planner.engines.exact_run import ExactRun

            return ExactRun(record).solve()
        return record.outcome()

    def _near_start(self, start: Start | None) -> Floats | None:
        """Return (n_slots,) prices found from those of a start, whose plan is mended for them.

        None where the start has no prices, or is of no use.
        """
        if start is None or start.prices is None:
            return None
        record, unpriced = self._record, self._record.prices.bound
        known = self._take_prices(self._packed.join(clip_prices(self._problem, start.prices)))
        if record.is_over():
            return known
        if record.prices.bound >= unpriced:
            return None
        price = self._best_prices(known)
        record.say("mending the plan to start from")
        radius = np.full(self._problem.num_rows, first_radius(self._packed, price))
        # Kernels are compiled once more for arrays that may not be written.
        core = core_of(self._problem, self._packed, price, radius, np.array(start.chosen))
        self._exchange(core, price, Beginning.RENEWED)
        # Else it was another company's, or another policy's.
        return price if record.is_within(FAR) else None

    def _best_prices(self, known: Floats | None = None) -> Floats:
        """Return (n_slots,) prices, from known ones if there are some."""
        self._record.say("finding prices")
        search = best_prices(
            self._packed,
            self._problem.num_reps,
            min(max(END_OF_GAP * self._limits.gap, LEAST_END), MOST_END),
            self._record.is_over,
            seed=self._limits.seed,
            start=known,
        )
        return self._take_prices(search.best)

    def _take_prices(self, price: Floats) -> Floats:
        proof = Proof(self._problem) if self._proof is None else self._proof
        self._proof = proof
        self._record.take_prices(proof.prove(self._packed.split(price)))
        return price

    def _relaxed(self) -> tuple[Floats, Ints] | None:
        """Return the relaxation's prices, and the plan closest to it; None where these do not help.

        Where limits nearly contradict each other, as those of full books that few leads may leave,
        the best prices are far away, and Newton's steps do not get there.
        """
        record, problem = self._record, self._problem
        if self._is_relaxed or record.is_over() or problem.num_pairs > MOST_LP_PAIRS:
            return None
        self._is_relaxed = True
        record.say("solving the linear relaxation")
        from planner.engines.relaxation import sift

        before, left = record.bound, record.seconds_left()
        until = None if left is None else time.monotonic() + LP_SHARE * left
        result = sift(
            problem, record.prices, lambda: None if until is None else until - time.monotonic()
        )
        if result.prices is None or result.share is None:
            return None
        price = self._take_prices(self._packed.join(clip_prices(problem, result.prices)))
        record.steps += 1
        rounded = best_pairs(problem, result.share)
        if record.take_assignment(rounded) or record.objective is None:
            return price, rounded
        if before - record.bound < WORTH_NEW_PRICES * self._limits.gap * abs(before):
            return None
        return price, rounded

    def _around(self, price: Floats, held: Ints | None = None) -> None:
        """Look for plans near prices, in ever larger cores.

        Parameters
        ----------
        held : (n_rows,) a plan to begin with; it may break limits
        """
        record, problem = self._record, self._problem
        first = first_radius(self._packed, price)
        least = max(first, LEAST_RADIUS * float(np.abs(problem.score).mean()))
        radius = np.full(problem.num_rows, first)
        length = np.diff(problem.indptr)
        num_open, size = int(length[length > 1].sum()), 0
        while not record.is_over():
            core = core_of(problem, self._packed, price, radius, held)
            beginning = Beginning.PLACED if held is None else Beginning.HELD
            held, broken = self._exchange(core, price, beginning)
            if (sharper := self._relaxed()) is not None:
                self._around(*sharper)
                return
            if self._is_cut_short:
                self._is_cut_short = False
                continue
            is_all = len(core.pairs) == num_open
            if broken.any() and not (is_all or record.is_within(FAR)):
                # Who could give way there may have no other pair near enough.
                near = rows_using(self._packed.arrays, held, broken)
                grows = near if len(core.pairs) > size else slice(None)
                radius[grows] = MUCH_WIDER * np.maximum(radius[grows], least)
                size = len(core.pairs)
                record.steps += 1
                continue
            if record.chosen is not None and not record.is_over():
                core = core_of(problem, self._packed, price, radius, record.chosen)
                self._improve(core, price)
                held = record.chosen
            if is_all:
                break
            radius *= WIDER

    def _exchange(self, core: Core, price: Floats, beginning: Beginning) -> tuple[Ints, Bools]:
        """Return (n_rows,) a plan after exchanges, and (n_slots,) which hard limits it breaks."""
        record, gap = self._record, self._limits.gap
        search = ExchangeSearch(core, price, self._typical)
        enough = max(record.close_enough(), gap * abs(record.bound))
        if beginning is not Beginning.HELD:
            record.say("placing leads by prices")
            least = RENEWED * enough / self._problem.num_rows
            search.place(least if beginning is Beginning.RENEWED else None)
        record.say("exchanging leads")
        is_enough = self._until_the_relaxation()
        search.improve(enough, is_enough)
        if search.broken().any():
            search.repair(is_enough)
        self._take(core, search.chosen)
        if not (search.broken().any() or record.is_over()) and record.is_within(CLOSE * gap):
            search.settle(record.is_over, lambda found: self._take(core, found))
        return core.whole(search.chosen), search.broken()

    def _until_the_relaxation(self) -> Callable[[], bool]:
        """Return what tells that exchanges have gone on long enough.

        Where prices are far from the best ones, better prices bring more than exchanges; but a run
        of so many steps must not depend on the clock.
        """
        record = self._record
        may_relax = not self._is_relaxed and self._problem.num_pairs <= MOST_LP_PAIRS
        if not may_relax or record.limits.iterations is not None:
            return record.is_over
        until = time.monotonic() + FIRST_SECONDS

        def is_enough() -> bool:
            self._is_cut_short = time.monotonic() > until
            return self._is_cut_short or record.is_over()

        return is_enough

    def _take(self, core: Core, chosen: Ints) -> None:
        self._record.take_assignment(core.whole(chosen))

    def _tighten(self) -> None:
        """Tighten the bound once."""
        if not self._is_tightened and not self._record.is_over():
            self._is_tightened = True
            tighten(self._record, TIGHTENING)

    def _improve(self, core: Core, price: Floats) -> None:
        """Anneal the core and solve parts of it until both bring next to nothing."""
        record = self._record
        # The solvers take seconds to load, and large problems seldom need them.
        from planner.engines.polish import Polish

        prices = prove(core.problem, self._packed.split(price))
        polish = Polish(core.problem, prices, core.start(), self._limits.seed, self._limits.threads)
        turns = Turns(
            record,
            [
                AnnealingTurns(record, core, price, self._typical),
                PolishTurns(record, polish, core.part, core.whole),
            ],
        )
        for turn in itertools.count():
            if record.is_over() or turns.is_stale:
                return
            turns.turn()
            if turn == TURNS_BEFORE_TIGHTENING:
                self._tighten()

"""A plan of the core: rows placed one by one, then exchanged while that gains anything.

Moving a row, and moving another one out of its way, are the shifts and ejection chains of Yagiura,
Ibaraki, Glover 2004, "An ejection chain approach for the generalized assignment problem",
doi:10.1287/ijoc.1030.0036; hard limits may be broken on the way, for a penalty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.resource import slack
from planner.engines.prices.annealing import Annealing
from planner.kernels.packed import pack
from planner.kernels.search import Exchange, Terms, improve, place

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.arrays import Bools, Floats, Ints
    from planner.engines.prices.core import Core

PENALTY = 20.0
"""A unit beyond a hard limit costs so many times its price, or what a row is worth for it."""
FLOOR = 0.02
"""A unit of a slot is worth at least this share of what a mean score pays for one."""
LEAST_GAIN = 1.0
"""The least that an exchange gains, times the gap asked for per rep."""
NEAR = 0.3
"""Where the plan falls short by less than this share of it, only broken limits are left to mend."""
FIRST_SHARE, FINER = 0.1, 10.0
"""At first an exchange must gain this share of the largest waste, and less and less later on."""
SEED = 0
TRIES = 3_000_000
"""Exchanges evaluated between two looks at the clock."""


class ExchangeSearch:
    """Places and improves a plan of a core.

    Parameters
    ----------
    core : the core
    price : (n_slots,) the prices that made it
    typical : (n_slots,) about how much one row uses

    Attributes
    ----------
    chosen, load : (k,), (n_slots,) the plan and its loads; it may break hard limits
    """

    def __init__(self, core: Core, price: Floats, typical: Floats) -> None:
        self._core = core
        self._packed = packed = pack(core.problem, np.float64)
        arrays = packed.arrays
        self._row = np.repeat(np.arange(packed.num_rows), np.diff(arrays.indptr))
        by_rep = np.argsort(arrays.rep, kind="stable")
        by_rep = by_rep[np.count_nonzero(arrays.rep < 0) :]
        begins = np.searchsorted(arrays.rep[by_rep], np.arange(core.problem.num_reps + 1))
        self._exchange = Exchange(arrays, core.loss, self._row, by_rep, begins)
        self._worth = worth_of_units(core, typical)
        penalty = PENALTY * np.maximum(np.abs(price), self._worth)
        self._terms = Terms(
            price,
            packed.lower,
            packed.upper,
            np.where(np.isinf(packed.under_cost), penalty, packed.under_cost),
            np.where(np.isinf(packed.over_cost), penalty, packed.over_cost),
        )
        self.chosen = core.start()
        self.load = packed.join(core.problem.loads(self.chosen))

    def place(self, least: float | None = None) -> None:
        """Place rows anew, first those that lose most where they do not get their best pair.

        Parameters
        ----------
        least : money; rows that lose no more in the plan so far keep their pair; None places all
        """
        order = np.argsort(-self._regret(), kind="stable")
        self.load = np.array(self._packed.base)
        if least is not None:
            is_kept = self._core.loss[self.chosen] <= least
            order = order[~is_kept[order]]
            self.load = self._packed.join(self._core.problem.loads(self.chosen, is_kept))
        free = self._terms._replace(price=np.zeros(len(self.load)))
        place(self._exchange, free, self.load, order, self.chosen)

    def improve(self, enough: float, stop: Callable[[], bool]) -> None:
        """Exchange, at first only for much money and then for less and less.

        It ends where what is left to gain is little beside the distance asked for, broken limits
        apart.

        Parameters
        ----------
        enough : money, the distance from the bound that is asked for
        """
        least = LEAST_GAIN * enough / max(self._core.problem.num_reps, 1)
        waste = self._waste_of_reps()
        threshold = max(least, FIRST_SHARE * float(waste.max(initial=0.0)))
        is_open = np.ones(len(waste), np.bool_)
        while not stop():
            reps = np.argsort(-self._waste_of_reps(), kind="stable")
            improve(
                self._exchange, self._terms, self.load, self.chosen, reps, is_open, threshold, TRIES
            )
            if is_open.any():
                continue
            if threshold <= least or self._short() <= NEAR * enough:
                break
            threshold = max(least, threshold / FINER)
            is_open[:] = True

    def _short(self) -> float:
        """Return money by which the plan falls short of the bound, penalties apart."""
        packed, terms = self._packed, self._terms
        over = np.where(np.isinf(packed.over_cost), 0.0, terms.over)
        under = np.where(np.isinf(packed.under_cost), 0.0, terms.under)
        waste = self._waste(terms._replace(over=over, under=under))
        return float(self._core.loss[self.chosen].sum() + waste.sum())

    def _regret(self) -> Floats:
        """Return (k,) by how much the second-best pair of each row is worse."""
        indptr = self._exchange.arrays.indptr
        order = np.lexsort((self._core.loss, self._row))
        second: Floats = self._core.loss[order[indptr[:-1] + 1]]
        return second

    def _waste_of_reps(self) -> Floats:
        """Return (n_reps,) money wasted in the slots that each rep's pairs use."""
        arrays, waste = self._exchange.arrays, self._waste(self._terms)
        size = self._core.problem.num_reps
        by_rep = np.zeros(size)
        for start in arrays.offset:
            by_rep += waste[start : start + size]
        for layer in range(arrays.pair_slot.shape[1]):
            slot = arrays.pair_slot[:, layer]
            counted = (slot >= 0) & (arrays.rep >= 0)
            np.maximum.at(by_rep, arrays.rep[counted], waste[slot[counted]])
        return by_rep

    def _waste(self, terms: Terms) -> Floats:
        """Return (n_slots,) the price of what is left unused, and costs outside limits."""
        load = self.load
        limit = np.where(terms.price > 0, terms.upper, np.where(terms.price < 0, terms.lower, load))
        waste: Floats = terms.price * (limit - load)
        waste += terms.over * np.maximum(load - terms.upper, 0.0)
        waste += terms.under * np.maximum(terms.lower - load, 0.0)
        return waste

    def repair(self, stop: Callable[[], bool]) -> None:
        """Mend broken limits by longer chains."""
        search = self._annealing()
        search.repair(stop)
        self._take(search.chosen)

    def settle(self, stop: Callable[[], bool], take: Callable[[Ints], None]) -> None:
        """Improve a plan that breaks nothing by longer chains; `take` is given what they find."""
        search = self._annealing()
        search.settle(stop, take)
        self._take(search.chosen)

    def _annealing(self) -> Annealing:
        core = self._core
        return Annealing(self._packed, core.loss, self._terms.price, self._worth, self.chosen, SEED)

    def _take(self, chosen: Ints) -> None:
        self.chosen = chosen
        self.load = self._packed.join(self._core.problem.loads(chosen))

    def broken(self) -> Bools:
        """Return (n_slots,) whether a hard limit is broken."""
        packed = self._packed
        over = np.isinf(packed.over_cost) & (self.load > packed.upper + slack(packed.upper))
        under = np.isinf(packed.under_cost) & (self.load < packed.lower - slack(packed.lower))
        broken: Bools = over | under
        return broken


def worth_of_units(core: Core, typical: Floats) -> Floats:
    """Return (n_slots,) money above 0 that a unit beyond a hard limit costs at least."""
    mean = float(np.abs(core.problem.score).mean()) if core.problem.num_pairs else 0.0
    return FLOOR * (mean or 1.0) / typical

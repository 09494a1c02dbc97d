"""Annealing as one of the searches that improve a record's plan in turns."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from planner.engines.prices.annealing import PATIENCE, Annealing
from planner.engines.prices.exchange import worth_of_units
from planner.kernels.packed import pack

if TYPE_CHECKING:
    from models.arrays import Floats, Ints
    from planner.engines.prices.core import Core
    from planner.engines.record import Record

PATIENCE_WITH_A_CLOCK = 4
"""Rounds without a better plan that end a run which a clock ends anyway: each is twice as long."""


class AnnealingTurns:
    """Anneals a record's plan within a core, a round in each turn.

    Parameters
    ----------
    core : made with the record's plan as the one held
    price : (n_slots,) the prices that made it
    typical : (n_slots,) about how much one row uses
    """

    def __init__(self, record: Record, core: Core, price: Floats, typical: Floats) -> None:
        self._record, self._core = record, core
        packed, worth = pack(core.problem, np.float64), worth_of_units(core, typical)
        limits, start = record.limits, core.start()
        has_a_clock = limits.seconds is not None and limits.iterations is None
        patience = PATIENCE_WITH_A_CLOCK if has_a_clock else PATIENCE
        self._search = Annealing(packed, core.loss, price, worth, start, limits.seed, patience)

    @property
    def is_stale(self) -> bool:
        """Whether the last rounds found nothing better."""
        return self._search.is_stale

    def turn(self) -> None:
        """Anneal one round from the record's plan."""
        record, search = self._record, self._search
        if record.chosen is None or not len(self._core.rows):
            return
        record.say("annealing who works what")
        search.begin_with(self._core.part(record.chosen))
        began = time.monotonic()
        steps = search.round(self._stop, self._take)
        left = record.seconds_left()
        if left is not None and record.limits.iterations is None and steps:
            # A round that the clock ends before it is cold would be of no use.
            at_most = int(left * steps / (time.monotonic() - began))
            search.next_steps = max(min(search.next_steps, at_most), 1)

    def _take(self, chosen: Ints) -> None:
        self._record.take_assignment(self._core.whole(chosen))

    def _stop(self) -> bool:
        is_over = self._record.is_over()
        self._record.steps += not is_over
        return is_over

"""What happens in each draw: the same for all plans, so that they differ by themselves alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scenarios.robustness.uncertainty import WORKDAYS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.arrays import Floats, Ints
    from scenarios.robustness.chances import Chances
    from scenarios.robustness.uncertainty import Uncertainty

CELLS_AT_A_TIME = 2_000_000
"""Numbers per array of a block: a few of them stay below some hundred megabytes."""


@dataclass(frozen=True, eq=False)
class Block:
    """Some draws.

    Attributes
    ----------
    chance : (n_draws, n_points) true win probabilities
    luck : (n_draws, n_leads) 0 to 1; a lead is won where it lies below the true probability
    arrivals : per draw (n_arrivals,) int64, numbers of leads in a pool, in order of time
    lost : (n_draws, n_reps) share of the period's working time that an absence takes
    """

    chance: Floats
    luck: Floats
    arrivals: tuple[Ints, ...]
    lost: Floats

    @property
    def size(self) -> int:
        """How many draws."""
        return len(self.chance)


@dataclass(frozen=True, eq=False)
class World:
    """What the draws are about.

    Attributes
    ----------
    chances : of the pairs of all plans
    num_leads, num_reps : of the company
    num_slots : the most loads that a plan keeps account of
    pool_size : how many different leads may arrive
    weeks : length of the period
    """

    chances: Chances
    num_leads: int
    num_reps: int
    num_slots: int
    pool_size: int
    weeks: float

    def blocks(
        self, uncertainty: Uncertainty, draws: int, seed: int, at_a_time: int | None = None
    ) -> Iterator[Block]:
        """Yield all draws, some at a time; how many at a time changes nothing.

        Parameters
        ----------
        at_a_time : as many as memory allows if not given
        """
        # One stream for each thing: what one of them takes moves no other.
        chance, luck, number, which, away, days = (
            np.random.default_rng([seed, stream]) for stream in range(6)
        )
        width = max(self.num_leads, self.chances.num_points, self.num_reps, self.num_slots)
        size = at_a_time or max(1, CELLS_AT_A_TIME // width)
        reps = self.num_reps
        for start in range(0, draws, size):
            some = min(size, draws - start)
            counts = number.poisson(uncertainty.arrivals * self.weeks, some)
            is_away = away.random((some, reps)) < uncertainty.absence
            length = days.integers(1, uncertainty.days_absent + 1, (some, reps))
            yield Block(
                chance=self.chances.draw(chance, some),
                luck=luck.random((some, self.num_leads)),
                arrivals=tuple(which.integers(self.pool_size, size=n) for n in counts.tolist()),
                lost=np.where(is_away, np.minimum(length / (WORKDAYS * self.weeks), 1.0), 0.0),
            )

"""The best prices of a problem of any size: of a sample of its rows first, then of all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from planner.engines.prices.newton import FIRST_DAMPING, Newton
from planner.kernels.packed import take_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.arrays import Floats
    from planner.kernels.packed import Packed

SHARES = (1 / 16, 1 / 4)
"""Of the rows, one sample after the other."""
ROWS_PER_REP = 40
"""A sample holds at least so many rows for each rep."""
SAMPLE_END = 2e-4
FIRST_TEMPERATURE = 0.3
"""Times the money by which pairs differ."""
WARM = 0.01
"""With known prices the first temperature is so much lower."""


def best_prices(
    packed: Packed,
    num_reps: int,
    end: float,
    stop: Callable[[], bool],
    *,
    seed: int = 0,
    start: Floats | None = None,
    scale: float | None = None,
) -> Newton:
    """Return the search for prices at its end.

    Parameters
    ----------
    end : share of the bound that smoothing may still hide
    start : (n_slots,) prices close to the best ones, as those of an earlier plan
    scale : money by which pairs of a row differ; None for the mean score
    """
    if scale is None:
        scale = float(np.abs(packed.arrays.score).mean(dtype=np.float64))
    temperature = FIRST_TEMPERATURE * scale or 1.0
    if start is not None:
        temperature *= WARM
    price = np.zeros(packed.num_slots) if start is None else start
    damping = FIRST_DAMPING
    rng = np.random.default_rng(seed)
    for share in SHARES if start is None else ():
        count = int(share * packed.num_rows)
        if count >= ROWS_PER_REP * num_reps:
            rows = np.sort(rng.choice(packed.num_rows, count, replace=False))
            sample = Newton(take_rows(packed, rows, count / packed.num_rows), stop, damping)
            temperature = sample.cool(price, temperature, SAMPLE_END)
            price, damping = sample.best, sample.damping
    search = Newton(packed, stop, damping)
    search.cool(price, temperature, end)
    return search

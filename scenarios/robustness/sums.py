"""Sums by group of many draws at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from models.arrays import Floats, Ints


def sums_by_group(values: Floats, group: Ints, size: int) -> Floats:
    """Return (n_draws, size) sums of (n_draws, n) values; group -1 is not counted.

    >>> sums_by_group(np.array([[1.0, 2.0, 4.0]]), np.array([1, -1, 1]), 3).tolist()
    [[0.0, 5.0, 0.0]]
    """
    counted = np.flatnonzero(group >= 0)
    order = counted[np.argsort(group[counted], kind="stable")]
    sums = np.zeros((len(values), size))
    if len(order):
        present, first = np.unique(group[order], return_index=True)
        sums[:, present] = np.add.reduceat(values[:, order], first, axis=1)
    return sums

"""Win probabilities that are wrong together: one error for every class of leads with a rep."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from models.arrays import Floats, Ints


@dataclass(frozen=True, eq=False)
class Chances:
    """The win probabilities of some pairs, and how wrong they may be.

    In each cell, a class of leads with a rep, the true probabilities are one draw F of a Dirichlet
    process with a uniform base and concentration `strength` (Ferguson 1973,
    doi:10.1214/aos/1176342360): the true value of an estimate p is F(p). So each is
    Beta(p strength, (1 - p) strength), with mean p; equal estimates of a cell are equal in truth,
    higher ones are never lower, and cells know nothing of each other.

    Attributes
    ----------
    estimate : (n_points,) the different estimates, cell by cell, rising within each
    cell : (n_points,) int64 which cell each belongs to, 0, 1, ...
    strength : outcomes
    """

    estimate: Floats
    cell: Ints
    strength: float

    @classmethod
    def of_pairs(cls, cell: Ints, estimate: Floats, strength: float) -> tuple[Chances, Ints]:
        """Return the chances of pairs, and (n_pairs,) which of their points each pair is.

        Parameters
        ----------
        cell : (n_pairs,) any numbers, equal for pairs whose errors are common
        estimate : (n_pairs,) 0 to 1
        """
        order = np.lexsort((estimate, cell))
        in_order, cells = estimate[order], cell[order]
        is_new = np.ones(len(order), bool)
        is_new[1:] = (np.diff(in_order) != 0) | (np.diff(cells) != 0)
        point = np.empty(len(order), np.int64)
        point[order] = np.cumsum(is_new) - 1
        number = np.unique(cells[is_new], return_inverse=True)[1].astype(np.int64)
        return cls(in_order[is_new], number, strength), point

    @property
    def num_points(self) -> int:
        """How many different estimates there are."""
        return len(self.estimate)

    def draw(self, random: np.random.Generator, size: int) -> Floats:
        """Return (size, n_points) true probabilities."""
        if math.isinf(self.strength) or not self.num_points:
            return np.broadcast_to(self.estimate, (size, self.num_points))
        # Each cell has a step up to each of its estimates, and one from the last up to 1.
        is_last = np.append(np.diff(self.cell) != 0, True)
        first = np.append(True, is_last[:-1])
        step = self.estimate - np.where(first, 0.0, np.append(0.0, self.estimate[:-1]))
        at = np.arange(self.num_points) + self.cell
        shape = np.empty(self.num_points + self.cell[-1] + 1)
        shape[at] = step
        shape[at[is_last] + 1] = 1.0 - self.estimate[is_last]
        height = np.cumsum(random.standard_gamma(self.strength * shape, (size, len(shape))), axis=1)
        below = np.column_stack([np.zeros(size), height[:, at[is_last] + 1]])
        start, whole = below[:, self.cell], np.diff(below, axis=1)[:, self.cell]
        # Sums of many cells are rounded: a certainty must stay one.
        drawn = np.clip((height[:, at] - start) / whole, 0.0, 1.0)
        return np.where((self.estimate == 0) | (self.estimate == 1), self.estimate, drawn)

"""Every group of every resource numbered through, and what each pair adds to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models.resource import NOT_COUNTED, slack

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.arrays import Floats, Ints
    from models.problem import Problem
    from models.resource import Resource


@dataclass(frozen=True, eq=False)
class Slots:
    """The loads of a problem as one sparse matrix, slots by pairs.

    Attributes
    ----------
    sizes : groups of each resource
    base, lower, upper, under_cost, over_cost : (n_slots,) as in the resources
    slot, pair, amount : (n_cells,) what pairs add; each (slot, pair) once, no amount is 0
    """

    sizes: tuple[int, ...]
    base: Floats
    lower: Floats
    upper: Floats
    under_cost: Floats
    over_cost: Floats
    slot: Ints
    pair: Ints
    amount: Floats

    @classmethod
    def of(cls, problem: Problem) -> Slots:
        """Return the slots of a problem."""
        resources = problem.resources
        sizes = tuple(resource.num_groups for resource in resources)
        offsets = np.cumsum((0, *sizes)).tolist()
        cells = [_cells(problem, *each) for each in zip(resources, offsets[:-1], strict=True)]

        def joined(name: str) -> Floats:
            return np.concatenate([np.zeros(0), *(getattr(each, name) for each in resources)])

        return cls(
            sizes=sizes,
            base=joined("base"),
            lower=joined("lower"),
            upper=joined("upper"),
            under_cost=joined("under_cost"),
            over_cost=joined("over_cost"),
            slot=np.concatenate([np.zeros(0, np.int64), *(slot for slot, _, _ in cells)]),
            pair=np.concatenate([np.zeros(0, np.int64), *(pair for _, pair, _ in cells)]),
            amount=np.concatenate([np.zeros(0), *(amount for _, _, amount in cells)]),
        )

    def __len__(self) -> int:
        return len(self.base)

    def split(self, values: Floats) -> tuple[Floats, ...]:
        """Return (n_slots,) values as one array per resource."""
        return tuple(np.split(values, np.cumsum(self.sizes)[:-1])) if self.sizes else ()

    def most(self) -> Floats:
        """Return (n_slots,) the most that all pairs together could add."""
        return self._sum(np.maximum(self.amount, 0.0))

    def least(self) -> Floats:
        """Return (n_slots,) the least that all pairs together could add."""
        return self._sum(np.minimum(self.amount, 0.0))

    def binding(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return (n_slots,) twice: whether a lower and an upper limit could be broken, or cost."""
        return (
            (self.under_cost > 0) & (self.base + self.least() < self.lower),
            (self.over_cost > 0) & (self.base + self.most() > self.upper),
        )

    def oversized(self) -> NDArray[np.bool_]:
        """Return (n_cells,) whether the pair alone breaks a hard limit, whatever the others do."""
        most = np.where(np.isinf(self.over_cost), self.upper + slack(self.upper), np.inf)
        least = np.where(np.isinf(self.under_cost), self.lower - slack(self.lower), -np.inf)
        # Others may give way by all that is negative, but for the pair's own part of it.
        low = (self.base + self.least())[self.slot] + np.maximum(self.amount, 0.0)
        high = (self.base + self.most())[self.slot] + np.minimum(self.amount, 0.0)
        return (low > most[self.slot]) | (high < least[self.slot])

    def _sum(self, amount: Floats) -> Floats:
        total: Floats = np.bincount(self.slot, amount, minlength=len(self)).astype(np.float64)
        return total


def _cells(problem: Problem, resource: Resource, offset: int) -> tuple[Ints, Ints, Floats]:
    """Return (slot, pair, amount) of a resource whose first group has a number."""
    group = np.concatenate([np.zeros(0, np.int32), *map(problem.pair_group, resource.layers)])
    amount = np.concatenate([np.zeros(0), *map(problem.pair_amount, resource.layers)])
    used = np.flatnonzero((group != NOT_COUNTED) & (amount != 0))
    slot, pair, amount = group[used].astype(np.int64) + offset, used, amount[used]
    if len(resource.layers) < 2:
        return slot, pair, amount
    pair = used % problem.num_pairs
    # Two layers may count a pair in the same group.
    key, where = np.unique(slot * problem.num_pairs + pair, return_inverse=True)
    total = np.bincount(where, amount, minlength=len(key))
    key, total = key[total != 0], total[total != 0]
    return key // problem.num_pairs, key % problem.num_pairs, total

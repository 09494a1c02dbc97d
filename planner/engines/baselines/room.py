"""The room left under hard limits while rows are placed one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.resource import slack

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.arrays import Floats, Ints
    from models.problem import Problem
    from models.resource import Resource

NO_SLOT = -1


class Room:
    """Loads of every resource and group, as one flat list of slots.

    Plain lists, because rows are placed one by one.

    Attributes
    ----------
    has_soft : whether any load costs money
    """

    def __init__(self, problem: Problem) -> None:
        self._uses: list[tuple[list[int], list[float]]] = []
        self._load: list[float] = []
        self._limit: list[float] = []
        self._cost: list[list[float]] = []
        for resource in problem.resources:
            for slot, amount in _uses(problem, resource, len(self._load)):
                self._uses.append((slot.tolist(), amount.tolist()))
            self._load += resource.base.tolist()
            is_hard = np.isinf(resource.over_cost)
            limit = np.where(is_hard, resource.upper + slack(resource.upper), np.inf)
            self._limit += limit.tolist()
            under, over = _soft(resource.under_cost), _soft(resource.over_cost)
            self._cost += np.stack([resource.lower, resource.upper, under, over], axis=1).tolist()
        self.has_soft = any(under > 0 or over > 0 for _, _, under, over in self._cost)

    def has_room(self, pair: int) -> bool:
        """Whether every hard upper limit that the pair adds to holds after it is chosen."""
        for slots, amounts in self._uses:
            slot, amount = slots[pair], amounts[pair]
            if slot >= 0 and amount > 0 and self._load[slot] + amount > self._limit[slot]:
                return False
        return True

    def soft_cost(self, pair: int) -> float:
        """Return what choosing the pair adds to soft costs, in money."""
        total = 0.0
        for slots, amounts in self._uses:
            slot, amount = slots[pair], amounts[pair]
            if slot >= 0:
                total += self._cost_at(slot, self._load[slot] + amount)
                total -= self._cost_at(slot, self._load[slot])
        return total

    def take(self, pair: int) -> None:
        """Add the pair to the loads."""
        for slots, amounts in self._uses:
            if slots[pair] >= 0:
                self._load[slots[pair]] += amounts[pair]

    def release(self, pair: int) -> None:
        """Take the pair off the loads."""
        for slots, amounts in self._uses:
            if slots[pair] >= 0:
                self._load[slots[pair]] -= amounts[pair]

    def _cost_at(self, slot: int, load: float) -> float:
        lower, upper, under, over = self._cost[slot]
        cost = under * (lower - load) if under and load < lower else 0.0
        return cost + (over * (load - upper) if over and load > upper else 0.0)


def _uses(problem: Problem, resource: Resource, offset: int) -> list[tuple[Ints, Floats]]:
    """Return (n_pairs,) slots and amounts per layer; no pair uses a slot in two layers."""
    uses: list[tuple[NDArray[np.int64], NDArray[np.float64]]] = []
    for layer in resource.layers:
        group = problem.pair_group(layer).astype(np.int64)
        slot = np.where(group >= 0, group + offset, NO_SLOT)
        amount = problem.pair_amount(layer)
        for earlier_slot, earlier_amount in uses:
            same = (slot == earlier_slot) & (slot != NO_SLOT)
            earlier_amount[same] += amount[same]
            slot[same] = NO_SLOT
        uses.append((slot, amount))
    return uses


def _soft(cost: Floats) -> Floats:
    return np.where(np.isinf(cost), 0.0, cost)

"""The room left under hard limits while rows are placed one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.problem import slack

if TYPE_CHECKING:
    from models.problem import Problem


class Room:
    """Loads of every resource and group, as one flat list of slots.

    Plain lists, because rows are placed one by one.
    """

    def __init__(self, problem: Problem) -> None:
        offset = 0
        limits, costs = [], []
        self._uses: list[tuple[list[int], list[float]]] = []
        for resource in problem.resources:
            for layer in resource.layers:
                group = problem.pair_group(layer).astype(np.int64)
                slot = np.where(group >= 0, group + offset, -1)
                self._uses.append((slot.tolist(), problem.pair_amount(layer).tolist()))
            offset += resource.num_groups
            hard = np.isinf(resource.over_cost)
            limits.append(np.where(hard, resource.upper + slack(resource.upper), np.inf))
            costs.append(np.column_stack([resource.lower, resource.upper,
                                          np.where(np.isinf(resource.under_cost), 0, resource.under_cost),
                                          np.where(hard, 0, resource.over_cost)]))
        self.load = [x for resource in problem.resources for x in resource.base.tolist()]
        self._limit = np.concatenate(limits).tolist() if limits else []
        self._cost = np.concatenate(costs).tolist() if costs else []

    def has_room(self, pair: int) -> bool:
        """Whether every hard upper limit holds after the pair is chosen."""
        for slots, amounts in self._uses:
            slot, amount = slots[pair], amounts[pair]
            if slot >= 0 and amount > 0 and self.load[slot] + amount > self._limit[slot]:
                return False
        return True

    def soft_cost(self, pair: int) -> float:
        """Return what choosing the pair adds to soft costs, in money."""
        total = 0.0
        for slots, amounts in self._uses:
            slot, amount = slots[pair], amounts[pair]
            if slot >= 0:
                total += self._cost_at(slot, self.load[slot] + amount)
                total -= self._cost_at(slot, self.load[slot])
        return total

    def _cost_at(self, slot: int, load: float) -> float:
        lower, upper, under, over = self._cost[slot]
        cost = under * (lower - load) if under and load < lower else 0.0
        return cost + (over * (load - upper) if over and load > upper else 0.0)

    def take(self, pair: int) -> None:
        """Add the pair to the loads."""
        for slots, amounts in self._uses:
            if slots[pair] >= 0:
                self.load[slots[pair]] += amounts[pair]

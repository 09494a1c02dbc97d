"""What a rep's first, second, third ... lead costs where every lead counts one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models.problem import NOBODY
from models.resource import slack

if TYPE_CHECKING:
    from models.arrays import Floats, Ints
    from models.problem import Problem


@dataclass(frozen=True, eq=False)
class UnitCosts:
    """Convex costs of a rep's number of leads.

    Attributes
    ----------
    room : (n_reps,) how many leads a rep may get
    base : (n_reps,) leads from outside the plan
    lower, upper : (n_reps,) leads beyond which a rep costs money; 0 where that limit is absent
    under_cost, over_cost : (n_reps,) money per lead outside; 0 where the limit is hard or absent
    """

    room: Ints
    base: Floats
    lower: Floats
    upper: Floats
    under_cost: Floats
    over_cost: Floats

    @classmethod
    def of(cls, problem: Problem) -> UnitCosts:
        """Return the costs of a problem whose one resource, if any, counts leads per rep."""
        size = problem.num_reps
        room = np.bincount(problem.rep[problem.rep != NOBODY], minlength=size)
        if not problem.resources:
            none = np.zeros(size)
            return cls(room, none, none, none, none, none)
        (resource,) = problem.resources
        hard = np.isinf(resource.over_cost)
        free = np.where(hard, resource.upper + slack(resource.upper) - resource.base, np.inf)
        return cls(
            np.clip(np.floor(np.minimum(room, free)), 0, None).astype(np.int64),
            resource.base,
            np.where(np.isinf(resource.lower), 0.0, resource.lower),
            np.where(np.isinf(resource.upper), 0.0, resource.upper),
            resource.under_cost,
            np.where(hard, 0.0, resource.over_cost),
        )

    def next(self, rep: Ints, count: Ints) -> Floats:
        """Return money that one more lead costs reps who have `count`; inf if there is no room."""
        load = self.base[rep] + count
        cost = self._cost(rep, load + 1) - self._cost(rep, load)
        return np.where(count < self.room[rep], cost, np.inf)

    def steps(self) -> tuple[Ints, Ints, Floats]:
        """Return (rep, room, cost) of every run of leads that cost a rep the same."""
        rep = np.repeat(np.arange(len(self.room)), self.room)
        place = np.arange(len(rep)) - np.repeat(np.cumsum(self.room) - self.room, self.room)
        cost = self.next(rep, place)
        is_new = np.ones(len(rep), np.bool_)
        is_new[1:] = (np.diff(rep) != 0) | (np.diff(cost) != 0)
        begins = np.flatnonzero(is_new)
        return rep[begins], np.diff(np.append(begins, len(rep))), cost[begins]

    def _cost(self, rep: Ints, load: Floats) -> Floats:
        short = np.maximum(self.lower[rep] - load, 0.0)
        excess = np.maximum(load - self.upper[rep], 0.0)
        return self.under_cost[rep] * short + self.over_cost[rep] * excess

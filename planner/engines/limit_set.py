"""The limits of a problem that may give way, as a set: which of them hold, and which are broken."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from models.conflict import Side
from models.resource import slack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from models.arrays import Floats, Ints
    from models.problem import Problem
    from models.resource import Resource

    Members = NDArray[np.bool_]


class LimitSet:
    """Every soft limit of a problem, numbered: first all lower ones, then all upper ones.

    Attributes
    ----------
    every : (n_limits,) bool, which of the numbers are soft limits
    resource : (n_limits,) int64, the place of each one's resource
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        resources = problem.resources
        self._sizes = [resource.num_groups for resource in resources]
        lower = [_is_soft(resource.under_cost) for resource in resources]
        upper = [_is_soft(resource.over_cost) for resource in resources]
        self.every: Members = np.concatenate([np.zeros(0, np.bool_), *lower, *upper])
        place = np.repeat(np.arange(len(resources)), self._sizes)
        self.resource: Ints = np.concatenate([place, place])

    def none(self) -> Members:
        """Return the empty set."""
        return np.zeros(len(self.every), np.bool_)

    def broken(self, chosen: Ints) -> Members:
        """Return which limits an assignment breaks by more than their tolerance."""
        lower, upper = [np.zeros(0, np.bool_)], [np.zeros(0, np.bool_)]
        for resource, load in zip(self.problem.resources, self.problem.loads(chosen), strict=True):
            lower.append(load < resource.lower - slack(resource.lower))
            upper.append(load > resource.upper + slack(resource.upper))
        beyond: Members = self.every & np.concatenate([*lower, *upper])
        return beyond

    def only_row(self, chosen: Ints, members: Members) -> int | None:
        """Return the one row for which an assignment breaks the one limit of a set that it does."""
        within = np.flatnonzero(self.broken(chosen) & members)
        if len(within) != 1:
            return None
        place = int(self.resource[within[0]])
        resource = self.problem.resources[place]
        slot = int(within[0]) % (len(self.every) // 2)
        group = slot - sum(self._sizes[:place])
        rows = {
            row
            for layer in resource.layers
            for row in np.flatnonzero(self.problem.pair_group(layer)[chosen] == group).tolist()
        }
        return rows.pop() if len(rows) == 1 else None

    def of_prices(self, prices: tuple[Floats, ...]) -> Members:
        """Return which limits have a price: above 0 for upper ones, below 0 for lower ones."""
        price = np.concatenate([np.zeros(0), *prices])
        least = 1e-9 * float(np.abs(price).max(initial=0.0))
        priced: Members = self.every & np.concatenate([price < -least, price > least])
        return priced

    def hardened(self, hard: Members, *, elastic: bool = False) -> Problem:
        """Return the problem in which some limits are hard.

        Parameters
        ----------
        elastic : whether the others stay soft, rather than bind nothing
        """
        resources = []
        for resource, lower, upper in zip(self.problem.resources, *self._split(hard), strict=True):
            under = np.where(lower, np.inf, resource.under_cost)
            over = np.where(upper, np.inf, resource.over_cost)
            if not elastic:
                under = np.where(_is_soft(resource.under_cost) & ~lower, 0.0, under)
                over = np.where(_is_soft(resource.over_cost) & ~upper, 0.0, over)
            resources.append(replace(resource, under_cost=under, over_cost=over))
        return replace(self.problem, resources=tuple(resources))

    def waived(self, members: Members) -> Problem:
        """Return the problem in which some limits bind nothing, and the others stay soft."""
        resources = []
        for resource, lower, upper in zip(
            self.problem.resources, *self._split(members), strict=True
        ):
            under = np.where(lower, 0.0, resource.under_cost)
            over = np.where(upper, 0.0, resource.over_cost)
            resources.append(replace(resource, under_cost=under, over_cost=over))
        return replace(self.problem, resources=tuple(resources))

    def sides(self, members: Members) -> tuple[Ints, ...]:
        """Return a set per resource as (n_groups,) sides."""
        lower, upper = self._split(members)
        return tuple(
            low * int(Side.LOWER) + high * int(Side.UPPER)
            for low, high in zip(lower, upper, strict=True)
        )

    def _split(self, members: Members) -> tuple[list[Members], list[Members]]:
        """Return the lower and the upper ones of a set, per resource."""
        lower, upper = np.split(members, 2)
        cuts = np.cumsum(self._sizes)[:-1]
        return list(np.split(lower, cuts)), list(np.split(upper, cuts))


def _is_soft(cost: Floats) -> Members:
    return np.isfinite(cost) & (cost > 0)


def exchanges(problem: Problem, chosen: Ints, row: int) -> Iterator[Ints]:
    """Yield assignments in which a row and another one have each other's reps."""
    rep = problem.rep[chosen]
    first, last = problem.indptr[row], problem.indptr[row + 1]
    mine = dict(zip(problem.rep[first:last].tolist(), range(first, last), strict=True))
    theirs = np.full(problem.num_rows, -1)
    same = np.flatnonzero(problem.rep == rep[row])
    theirs[np.searchsorted(problem.indptr, same, side="right") - 1] = same
    for other in np.flatnonzero(theirs >= 0).tolist():
        pair = mine.get(int(rep[other]))
        if pair is not None and pair != chosen[row]:
            exchanged = chosen.copy()
            exchanged[row], exchanged[other] = pair, theirs[other]
            yield exchanged


def without_idle(problem: Problem) -> Problem:
    """Return the problem without resources that neither bind nor cost anything."""

    def binds(resource: Resource) -> bool:
        return bool(resource.under_cost.any() or resource.over_cost.any())

    return replace(problem, resources=tuple(filter(binds, problem.resources)))

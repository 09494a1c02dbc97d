"""What it does to every limit that a row's pair is exchanged for another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models.resource import NOT_COUNTED, slack, soft_cost

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.arrays import Floats
    from models.problem import Problem
    from models.resource import Resource


@dataclass(frozen=True, slots=True)
class Effect:
    """What an exchange of pairs does to one limit.

    Attributes
    ----------
    resource, group : which
    change : of the load, in the resource's unit; load : before it
    soft_cost : money by which the cost of the load rises
    missing : by how much the load then breaks a hard limit, and more than before; 0 if it does not
    at_most : whether that is an upper limit
    """

    resource: int
    group: int
    change: float
    load: float
    soft_cost: float
    missing: float
    at_most: bool


def uses(problem: Problem, pair: int) -> dict[tuple[int, int], float]:
    """Return what a pair adds to loads, by number of the resource and group."""
    row = int(np.searchsorted(problem.indptr, pair, "right")) - 1
    used: dict[tuple[int, int], float] = {}
    for number, resource in enumerate(problem.resources):
        for layer in resource.layers:
            group = int(problem.pair_group(layer)[pair])
            if group == NOT_COUNTED:
                continue
            amount = layer.amount[pair if len(layer.amount) == problem.num_pairs else row]
            used[number, group] = used.get((number, group), 0.0) + float(amount)
    return used


def effects(problem: Problem, loads: tuple[Floats, ...], old: int, new: int) -> Iterator[Effect]:
    """Yield what it does to each limit that a row takes another pair.

    Parameters
    ----------
    loads : per resource, of an assignment with the old pair
    """
    change = uses(problem, new)
    for slot, amount in uses(problem, old).items():
        change[slot] = change.get(slot, 0.0) - amount
    for (number, group), amount in change.items():
        if amount != 0.0:
            yield _effect(problem.resources[number], number, group, amount, loads[number])


def _effect(resource: Resource, number: int, group: int, change: float, loads: Floats) -> Effect:
    before = float(loads[group])
    after = before + change
    then = np.array(loads)
    then[group] = after
    cost = float(soft_cost(resource, then).sum() - soft_cost(resource, loads).sum())
    lower, upper = resource.lower[group], resource.upper[group]
    above = after - upper if np.isinf(resource.over_cost[group]) else -np.inf
    below = lower - after if np.isinf(resource.under_cost[group]) else -np.inf
    if change > 0 and above > slack(upper):
        missing, at_most = min(above, change), True
    elif change < 0 and below > slack(lower):
        missing, at_most = min(below, -change), False
    else:
        missing, at_most = 0.0, change > 0
    return Effect(number, group, change, before, cost, float(missing), at_most)

"""A part of a problem: some rows freed, everything else as an assignment has it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from models.problem import Problem
from models.resource import Layer, slack

if TYPE_CHECKING:
    from models.arrays import Floats, Ints
    from models.resource import Resource


@dataclass(frozen=True, eq=False)
class Part:
    """The problem of placing some rows anew among some of their pairs.

    Attributes
    ----------
    problem : the part; its base loads are those of the rows that stay
    rows : (k,) the rows that are freed, sorted
    pairs : (part.num_pairs,) what the part's pairs are in the whole, sorted
    chosen : (n_rows,) the assignment that all other rows keep
    fixed : money; what the whole's objective has more than the part's
    groups : per resource the groups that the part has left, by the numbers of the whole
    """

    problem: Problem
    rows: Ints
    pairs: Ints
    chosen: Ints
    fixed: float
    groups: tuple[Ints, ...]

    def start(self) -> Ints:
        """Return (k,) the assignment's own pairs, as the part's."""
        return np.searchsorted(self.pairs, self.chosen[self.rows])

    def whole(self, chosen: Ints) -> Ints:
        """Return (n_rows,) the whole's pairs, given the (k,) part's."""
        whole = np.array(self.chosen)
        whole[self.rows] = self.pairs[chosen]
        return whole


def restrict(problem: Problem, pairs: Ints, chosen: Ints) -> Part:
    """Return the problem of choosing among some pairs, where a row has more than its present one.

    Parameters
    ----------
    pairs : any pairs, the chosen ones need not be among them
    chosen : (n_rows,) the present assignment
    """
    pairs = np.union1d(pairs, chosen)
    row = np.searchsorted(problem.indptr, pairs, side="right") - 1
    count = np.bincount(row, minlength=problem.num_rows)
    free = count > 1
    rows, pairs, row = np.flatnonzero(free), pairs[free[row]], row[free[row]]
    groups, resources = [], []
    for resource, load in zip(problem.resources, problem.loads(chosen), strict=True):
        touched, left = _restricted(problem, resource, load, chosen, (rows, pairs, row))
        groups.append(touched)
        resources.append(left)
    part = Problem(
        indptr=np.append(0, np.cumsum(count[rows])),
        rep=problem.rep[pairs],
        score=problem.score[pairs],
        num_reps=problem.num_reps,
        resources=tuple(resources),
        row_key=problem.row_key[rows],
        rep_key=problem.rep_key,
    )
    start = np.searchsorted(pairs, chosen[rows])
    fixed = problem.objective(chosen) - part.objective(start)
    return Part(part, rows, pairs, chosen, fixed, tuple(groups))


def _restricted(
    problem: Problem, resource: Resource, load: Floats, chosen: Ints, freed: tuple[Ints, Ints, Ints]
) -> tuple[Ints, Resource]:
    """Return the groups that free pairs touch or fixed ones break, and the resource of these."""
    rows, pairs, row = freed
    base = np.array(load)
    layers = []
    for layer in resource.layers:
        group = problem.pair_group(layer)
        per_pair = len(layer.amount) == problem.num_pairs
        amount = layer.amount[pairs if per_pair else row]
        held = layer.amount[chosen[rows] if per_pair else rows]
        counted = group[chosen[rows]] >= 0
        np.subtract.at(base, group[chosen[rows]][counted], held[counted])
        layers.append(Layer(amount, group[pairs]))
    touched = np.unique(np.concatenate([np.zeros(0, np.int64), *(y.group for y in layers)]))
    broken = np.flatnonzero(
        (np.isinf(resource.over_cost) & (load > resource.upper + slack(resource.upper)))
        | (np.isinf(resource.under_cost) & (load < resource.lower - slack(resource.lower)))
    )
    touched = np.union1d(touched[touched >= 0], broken)
    if resource.relief is not None:
        # Its steps take all limits down, also of loads that stay as they are.
        touched = np.arange(resource.num_groups)
    number = np.full(resource.num_groups + 1, -1, np.int32)
    number[touched] = np.arange(len(touched))
    left = replace(
        resource,
        layers=tuple(Layer(layer.amount, number[layer.group]) for layer in layers),
        base=base[touched],
        lower=resource.lower[touched],
        upper=resource.upper[touched],
        under_cost=resource.under_cost[touched],
        over_cost=resource.over_cost[touched],
    )
    return touched, left

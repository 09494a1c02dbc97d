"""The core: the part of a problem that prices leave undecided.

As in the core of a knapsack problem (Balas, Zemel 1980, doi:10.1287/opre.28.5.1130): every row
keeps the pairs close to its best one, and rows with a single such pair are settled.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from models.problem import Layer, Problem
from planner.kernels.core import near_pairs

if TYPE_CHECKING:
    from models.problem import Floats, Ints, Resource
    from planner.kernels.packed import Packed


@dataclass(frozen=True, eq=False)
class Core:
    """What is left to decide.

    Attributes
    ----------
    problem : the undecided rows with their near pairs; its bases hold the loads of all others
    rows, pairs : (k,), (m,) int64, the rows and pairs of the whole
    loss : (m,) money, how far each pair is below the best of its row
    chosen : (n_rows,) int64, pairs of the whole; those of the core's rows are open
    """

    problem: Problem
    rows: Ints
    pairs: Ints
    loss: Floats
    chosen: Ints

    def whole(self, chosen: Ints) -> Ints:
        """Return (n_rows,) the whole's pairs, given (k,) the core's."""
        whole = np.array(self.chosen)
        whole[self.rows] = self.pairs[chosen]
        return whole

    def start(self) -> Ints:
        """Return (k,) the chosen pairs of the core's rows, as the core's."""
        return np.searchsorted(self.pairs, self.chosen[self.rows])


def core_of(
    problem: Problem, packed: Packed, price: Floats, radius: Floats, held: Ints | None = None
) -> Core:
    """Return the core of the pairs that lose at most so much under prices.

    Parameters
    ----------
    packed : the problem as kernels take it
    radius : (n_rows,) money
    held : (n_rows,) a plan, whose pairs stay in the core; each row's best pair if None
    """
    near = near_pairs(packed, price, radius, held)
    part = Problem(
        indptr=near.indptr,
        rep=problem.rep[near.pairs],
        score=problem.score[near.pairs],
        num_reps=problem.num_reps,
        resources=tuple(_cut(problem, each, near.rows, near.pairs) for each in problem.resources),
        row_key=problem.row_key[near.rows],
        rep_key=problem.rep_key,
    )
    core = Core(part, near.rows, near.pairs, near.loss, near.chosen)
    loads = zip(problem.loads(near.chosen), part.loads(core.start()), strict=True)
    resources = tuple(
        replace(resource, base=whole - mine)
        for resource, (whole, mine) in zip(part.resources, loads, strict=True)
    )
    return replace(core, problem=replace(part, resources=resources))


def _cut(problem: Problem, resource: Resource, rows: Ints, pairs: Ints) -> Resource:
    """Return the resource of some rows and pairs, without any base."""
    layers = tuple(
        Layer(
            layer.amount[pairs if len(layer.amount) == problem.num_pairs else rows],
            None if layer.group is None else layer.group[pairs],
        )
        for layer in resource.layers
    )
    return replace(resource, layers=layers, base=np.zeros(resource.num_groups))

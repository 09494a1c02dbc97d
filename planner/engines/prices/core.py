"""The core: the part of a problem that prices leave undecided.

As in the core of a knapsack problem (Balas, Zemel 1980, doi:10.1287/opre.28.5.1130): every row
keeps the pairs close to its best one, and rows with a single such pair are settled.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from models.problem import Problem
from models.resource import Layer
from planner.kernels.core import near_pairs
from planner.kernels.packed import take_rows
from planner.kernels.passes import best_pairs_and_losses

if TYPE_CHECKING:
    from models.arrays import Floats, Ints
    from models.resource import Resource
    from planner.kernels.packed import Packed


PAIRS_PER_PRICE = 40
"""So many pairs besides the best ones are near at first, for each price that is not 0."""
PAIRS_PER_ROW, FEW_PAIRS = 5, 20_000
"""Small problems have more of them: so many for each row, as long as these are few."""
LOOKED_AT_ROWS = 100_000


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

    def part(self, chosen: Ints) -> Ints:
        """Return (k,) the core's pairs of an assignment of the whole that lies within it."""
        return np.searchsorted(self.pairs, chosen[self.rows])

    def start(self) -> Ints:
        """Return (k,) the chosen pairs of the core's rows, as the core's."""
        return self.part(self.chosen)


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


def first_radius(packed: Packed, price: Floats) -> float:
    """Return money: the loss within which lie enough pairs for the limits that have a price."""
    wanted = float(PAIRS_PER_PRICE * max(int(np.count_nonzero(price)), 1))
    wanted = max(wanted, min(PAIRS_PER_ROW * packed.num_rows, FEW_PAIRS))
    if packed.num_rows > LOOKED_AT_ROWS:
        step = packed.num_rows // LOOKED_AT_ROWS
        wanted /= step
        packed = take_rows(packed, np.arange(0, packed.num_rows, step), 1.0 / step)
    loss = np.empty(len(packed.arrays.rep))
    best_pairs_and_losses(packed.arrays, price, np.empty(packed.num_rows, np.int64), loss)
    place = min(packed.num_rows + int(wanted), len(loss) - 1)
    return float(np.partition(loss, place)[place]) if len(loss) else 0.0


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

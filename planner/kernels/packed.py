"""A problem in the form that kernels read: every group a numbered slot, every pair one visit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from models.resource import NOT_COUNTED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from models.arrays import Floats, Ints
    from models.problem import Problem
    from models.resource import Layer

NUM_BLOCKS = 64
"""Sums are taken block by block and then over blocks, so threads change nothing."""


class Arrays(NamedTuple):
    """What kernels read of the pairs.

    Attributes
    ----------
    blocks : (n_blocks + 1,) int64, rows at which blocks begin, of about equally many pairs
    indptr, rep : as in the problem
    score : (n_pairs,) money
    offset : (n_row_layers,) int64, the first slot of layers that count per row, at the pair's rep
    row_amount : (n_row_layers, n_rows) what these layers count
    pair_slot : (n_pairs, n_pair_layers) int32, slots of the other layers; -1 where not counted
    pair_amount : (n_pairs, n_pair_layers) what they count
    """

    blocks: Ints
    indptr: Ints
    rep: NDArray[np.int32]
    score: NDArray[Any]
    offset: Ints
    row_amount: NDArray[Any]
    pair_slot: NDArray[np.int32]
    pair_amount: NDArray[Any]


@dataclass(frozen=True, eq=False)
class Packed:
    """A problem for kernels.

    Attributes
    ----------
    arrays : what is read of the pairs
    sizes : groups of each resource
    base, lower, upper, under_cost, over_cost : (n_slots,) float64, as in the resources
    """

    arrays: Arrays
    sizes: tuple[int, ...]
    base: Floats
    lower: Floats
    upper: Floats
    under_cost: Floats
    over_cost: Floats

    @property
    def num_slots(self) -> int:
        """How many groups all resources have."""
        return len(self.base)

    @property
    def num_rows(self) -> int:
        """How many rows there are."""
        return len(self.arrays.indptr) - 1

    def join(self, by_resource: Sequence[Floats]) -> Floats:
        """Return (n_slots,) values of all resources."""
        return np.concatenate([np.zeros(0), *by_resource])

    def split(self, values: Floats) -> tuple[Floats, ...]:
        """Return (n_slots,) values as one array per resource."""
        return tuple(np.split(values, np.cumsum(self.sizes)[:-1])) if self.sizes else ()


def pack(problem: Problem, dtype: type[np.floating[Any]] = np.float32) -> Packed:
    """Return a problem for kernels.

    Parameters
    ----------
    dtype : of scores and amounts; float32 halves what a pass reads, float64 proves
    """
    resources = problem.resources
    sizes = tuple(resource.num_groups for resource in resources)
    starts = np.cumsum((0, *sizes)).tolist()
    by_row: list[tuple[int, Floats]] = []
    by_pair: list[tuple[NDArray[np.int32], Floats]] = []
    for resource, start in zip(resources, starts[:-1], strict=True):
        for layer in resource.layers:
            if layer.group is None and len(layer.amount) == problem.num_rows:
                by_row.append((start, layer.amount))
            elif not _counts_nothing(layer):
                by_pair.append((_slots(problem, layer, start), _amounts(problem, layer)))
    pairs = problem.num_pairs
    arrays = Arrays(
        blocks=row_blocks(problem.indptr),
        indptr=problem.indptr,
        rep=problem.rep,
        score=problem.score.astype(dtype, copy=False),
        offset=np.array([start for start, _ in by_row], np.int64),
        row_amount=_stacked([amount for _, amount in by_row], problem.num_rows, dtype),
        pair_slot=np.ascontiguousarray(_stacked([s for s, _ in by_pair], pairs, np.int32).T),
        pair_amount=np.ascontiguousarray(_stacked([a for _, a in by_pair], pairs, dtype).T),
    )

    def joined(name: str) -> Floats:
        return np.concatenate([np.zeros(0), *(getattr(each, name) for each in resources)])

    return Packed(
        arrays=arrays,
        sizes=sizes,
        base=joined("base"),
        lower=joined("lower"),
        upper=joined("upper"),
        under_cost=joined("under_cost"),
        over_cost=joined("over_cost"),
    )


def take_rows(packed: Packed, rows: Ints, share: float) -> Packed:
    """Return a sample of the rows, with that share of the room of every slot."""
    arrays = packed.arrays
    length = np.diff(arrays.indptr)[rows]
    indptr = np.append(0, np.cumsum(length))
    pairs = np.arange(indptr[-1]) + np.repeat(arrays.indptr[rows] - indptr[:-1], length)
    sampled = Arrays(
        blocks=row_blocks(indptr),
        indptr=indptr,
        rep=arrays.rep[pairs],
        score=arrays.score[pairs],
        offset=arrays.offset,
        row_amount=np.ascontiguousarray(arrays.row_amount[:, rows]),
        pair_slot=arrays.pair_slot[pairs],
        pair_amount=arrays.pair_amount[pairs],
    )
    base = packed.base
    return Packed(
        arrays=sampled,
        sizes=packed.sizes,
        base=np.zeros(packed.num_slots),
        lower=(packed.lower - base) * share,
        upper=(packed.upper - base) * share,
        under_cost=packed.under_cost,
        over_cost=packed.over_cost,
    )


def row_blocks(indptr: Ints) -> Ints:
    """Return (n_blocks + 1,) rows at which blocks of about equally many pairs begin."""
    wanted = np.linspace(0, indptr[-1], NUM_BLOCKS + 1)
    begins = np.searchsorted(indptr, wanted).astype(np.int64)
    begins[0], begins[-1] = 0, len(indptr) - 1
    return begins


def _counts_nothing(layer: Layer) -> bool:
    return layer.group is not None and bool((layer.group == NOT_COUNTED).all())


def _slots(problem: Problem, layer: Layer, start: int) -> NDArray[np.int32]:
    group = problem.pair_group(layer)
    return np.where(group == NOT_COUNTED, NOT_COUNTED, group + np.int32(start)).astype(np.int32)


def _amounts(problem: Problem, layer: Layer) -> Floats:
    if len(layer.amount) == problem.num_pairs:
        return layer.amount
    return np.repeat(layer.amount, np.diff(problem.indptr))


def _stacked(values: Sequence[NDArray[Any]], length: int, dtype: Any) -> NDArray[Any]:
    stacked = np.zeros((len(values), length), dtype)
    for index, value in enumerate(values):
        stacked[index] = value
    return stacked

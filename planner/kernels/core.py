"""Which pairs lie near the best of their row, and which rows use what."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit, prange

from planner.kernels.packed import NUM_BLOCKS
from planner.kernels.passes import reduced_scores

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.arrays import Floats, Ints
    from planner.kernels.packed import Arrays, Packed


class Near(NamedTuple):
    """The pairs that lose little under prices, of rows with more than one of them.

    Attributes
    ----------
    rows : (k,) int64
    indptr, pairs : (k + 1,), (m,) the near pairs of each of these rows
    loss : (m,) money, how far each pair is below the best of its row
    chosen : (n_rows,) the pair that each row has: the given one, or else its best
    """

    rows: Ints
    indptr: Ints
    pairs: Ints
    loss: Floats
    chosen: Ints


def near_pairs(packed: Packed, price: Floats, radius: Floats, held: Ints | None = None) -> Near:
    """Return the pairs that lose at most so much under prices, and the held ones.

    Parameters
    ----------
    radius : (n_rows,) money
    held : (n_rows,) the pair that each row has; the best one if None
    """
    arrays = packed.arrays
    best = np.empty(packed.num_rows, np.int64)
    count = np.empty(packed.num_rows, np.int32)
    keep = np.full(packed.num_rows, -1, np.int64) if held is None else held
    _count_near(arrays, price, radius, keep, best, count)
    chosen = best if held is None else held
    is_free = count > 1
    rows = np.flatnonzero(is_free)
    indptr = np.append(0, np.cumsum(count[rows], dtype=np.int64))
    pairs = np.empty(indptr[-1], np.int64)
    loss = np.empty(indptr[-1])
    _write_near(arrays, price, radius, keep, (rows, indptr), (pairs, loss))
    return Near(rows, indptr, pairs, loss, chosen)


@njit(parallel=True, cache=True)
def _count_near(
    arrays: Arrays,
    price: Floats,
    radius: Floats,
    held: Ints,
    best_pairs: Ints,
    count: NDArray[np.int32],
) -> None:
    width = np.diff(arrays.indptr).max()
    for block in prange(len(arrays.blocks) - 1):
        values = np.empty(width)
        for row in range(arrays.blocks[block], arrays.blocks[block + 1]):
            first, last = arrays.indptr[row], arrays.indptr[row + 1]
            best, best_pairs[row] = reduced_scores(arrays, price, row, values)
            near = 0
            for pair in range(first, last):
                if values[pair - first] >= best - radius[row] or pair == held[row]:
                    near += 1
            count[row] = near


@njit(parallel=True, cache=True)
def _write_near(
    arrays: Arrays,
    price: Floats,
    radius: Floats,
    held: Ints,
    counted: tuple[Ints, Ints],
    written: tuple[Ints, Floats],
) -> None:
    rows, indptr = counted
    pairs, loss = written
    width = np.diff(arrays.indptr).max()
    for block in prange(NUM_BLOCKS):
        values = np.empty(width)
        for k in range(len(rows) * block // NUM_BLOCKS, len(rows) * (block + 1) // NUM_BLOCKS):
            row = rows[k]
            first, last = arrays.indptr[row], arrays.indptr[row + 1]
            best, _ = reduced_scores(arrays, price, row, values)
            at = indptr[k]
            for pair in range(first, last):
                if values[pair - first] >= best - radius[row] or pair == held[row]:
                    pairs[at] = pair
                    loss[at] = best - values[pair - first]
                    at += 1


@njit(parallel=True, cache=True)
def rows_using(arrays: Arrays, chosen: Ints, wanted: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return (n_rows,) whether a row's chosen pair uses any of the wanted slots, (n_slots,)."""
    uses = np.zeros(len(chosen), np.bool_)
    for row in prange(len(chosen)):
        pair = chosen[row]
        rep = arrays.rep[pair]
        if rep >= 0:
            for layer in range(len(arrays.offset)):
                if wanted[arrays.offset[layer] + rep] and arrays.row_amount[layer, row] != 0.0:
                    uses[row] = True
        for layer in range(arrays.pair_slot.shape[1]):
            slot = arrays.pair_slot[pair, layer]
            if slot >= 0 and wanted[slot]:
                uses[row] = True
    return uses

"""One pass over the pairs: the bound that prices prove, loads of the best pairs, losses of all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit, prange

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.arrays import Floats, Ints
    from planner.kernels.packed import Arrays


@njit(inline="always")
def reduced_score(arrays: Arrays, price: Floats, row: int, pair: int) -> float:
    """Return the pair's score minus what it pays for the resources that it uses."""
    value = np.float64(arrays.score[pair])
    rep = arrays.rep[pair]
    if rep >= 0:
        for layer in range(len(arrays.offset)):
            value -= price[arrays.offset[layer] + rep] * arrays.row_amount[layer, row]
    for layer in range(arrays.pair_slot.shape[1]):
        slot = arrays.pair_slot[pair, layer]
        if slot >= 0:
            value -= price[slot] * arrays.pair_amount[pair, layer]
    return value


@njit(inline="always")
def reduced_scores(
    arrays: Arrays, price: Floats, row: int, values: NDArray[Any]
) -> tuple[float, int]:
    """Write the reduced scores of a row's pairs; return the best and the first such pair."""
    first = arrays.indptr[row]
    best, best_pair = -np.inf, first
    for pair in range(first, arrays.indptr[row + 1]):
        value = reduced_score(arrays, price, row, pair)
        values[pair - first] = value
        if value > best:
            best, best_pair = value, pair
    return best, best_pair


@njit(inline="always")
def add_load(arrays: Arrays, load: Floats, row: int, pair: int, share: float) -> None:
    """Add a share of what the pair uses to (n_slots,) loads."""
    rep = arrays.rep[pair]
    if rep >= 0:
        for layer in range(len(arrays.offset)):
            load[arrays.offset[layer] + rep] += share * arrays.row_amount[layer, row]
    for layer in range(arrays.pair_slot.shape[1]):
        slot = arrays.pair_slot[pair, layer]
        if slot >= 0:
            load[slot] += share * arrays.pair_amount[pair, layer]


def best_sum(arrays: Arrays, price: Floats) -> tuple[float, Floats]:
    """Return the sum over rows of the best reduced score, and the (n_slots,) loads of these pairs.

    Loads do not hold the base. The first of equal pairs is the best.
    """
    # numba would sum over blocks in an order that depends on the number of threads.
    total, load = _best_sums(arrays, price)
    return float(total.sum()), load.sum(axis=0)


@njit(parallel=True, cache=True)
def _best_sums(arrays: Arrays, price: Floats) -> tuple[Floats, Floats]:
    num_blocks = len(arrays.blocks) - 1
    total = np.zeros(num_blocks)
    load = np.zeros((num_blocks, len(price)))
    for block in prange(num_blocks):
        mine = load[block]
        best_of_all = 0.0
        for row in range(arrays.blocks[block], arrays.blocks[block + 1]):
            best, best_pair = -np.inf, arrays.indptr[row]
            for pair in range(arrays.indptr[row], arrays.indptr[row + 1]):
                value = reduced_score(arrays, price, row, pair)
                if value > best:
                    best, best_pair = value, pair
            best_of_all += best
            add_load(arrays, mine, row, best_pair, 1.0)
        total[block] = best_of_all
    return total, load


@njit(parallel=True, cache=True)
def best_pairs_and_losses(arrays: Arrays, price: Floats, chosen: Ints, loss: Floats) -> None:
    """Write (n_rows,) the best pair of each row, and (n_pairs,) how far each pair is below it."""
    for block in prange(len(arrays.blocks) - 1):
        for row in range(arrays.blocks[block], arrays.blocks[block + 1]):
            mine = loss[arrays.indptr[row] : arrays.indptr[row + 1]]
            best, chosen[row] = reduced_scores(arrays, price, row, mine)
            for k in range(len(mine)):
                mine[k] = best - mine[k]

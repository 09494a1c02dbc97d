"""The bound smoothed by a temperature: rows spread over their pairs as the softmax of scores."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit, prange

from planner.kernels.passes import add_load, reduced_scores

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.arrays import Floats, Ints
    from planner.kernels.packed import Arrays

FARTHEST = 18.0
"""Pairs more temperatures than this below the best of their row have a share under 2e-8: none."""
CURVATURE_BLOCKS = 16
SEEN = 9.0
"""The curvature is taken from pairs at most so many temperatures below the best of their row."""


class Contested(NamedTuple):
    """Rows with more than one pair of some share.

    Attributes
    ----------
    rows : (n_rows,) those of each block, from its first row's place on
    num_rows, num_pairs : (n_blocks,) how many there are, and how many pairs they have close to best
    """

    rows: NDArray[np.int32]
    num_rows: Ints
    num_pairs: Ints


def smoothed(
    arrays: Arrays, price: Floats, temperature: float
) -> tuple[float, float, float, Floats, Contested]:
    """Evaluate smoothed best reduced scores.

    Returns
    -------
    the sum over rows of temperature x log sum exp (reduced / temperature); the sum of best reduced
    scores; temperature x the entropy of the shares; (n_slots,) loads of the shares; contested rows
    """
    rows = np.empty(len(arrays.indptr) - 1, np.int32)
    sums, load, num_rows, num_pairs = _smoothed(arrays, price, temperature, rows)
    # numba would sum over blocks in an order that depends on the number of threads.
    soft, hard, entropy = sums.sum(axis=0).tolist()
    return soft, hard, entropy, load.sum(axis=0), Contested(rows, num_rows, num_pairs)


@njit(parallel=True, cache=True)
def _smoothed(
    arrays: Arrays, price: Floats, temperature: float, contested: NDArray[np.int32]
) -> tuple[Floats, Floats, Ints, Ints]:
    num_blocks = len(arrays.blocks) - 1
    sums = np.zeros((num_blocks, 3))
    load = np.zeros((num_blocks, len(price)))
    num_rows, num_pairs = np.zeros(num_blocks, np.int64), np.zeros(num_blocks, np.int64)
    width = np.diff(arrays.indptr).max()
    for block in prange(num_blocks):
        mine = load[block]
        values, shares = np.empty(width), np.empty(width)
        of_soft, of_hard, of_entropy = 0.0, 0.0, 0.0
        found = arrays.blocks[block]
        for row in range(arrays.blocks[block], arrays.blocks[block + 1]):
            first = arrays.indptr[row]
            below = values[: arrays.indptr[row + 1] - first]
            best, best_pair = reduced_scores(arrays, price, row, below)
            of_hard += best
            near, farthest = 0, best - FARTHEST * temperature
            for k in range(len(below)):
                near += below[k] > farthest
            if near == 1:
                of_soft += best
                add_load(arrays, mine, row, best_pair, 1.0)
                continue
            weight, close = _weigh(below, shares, best, temperature)
            log_weight = np.log(weight)
            of_soft += best + temperature * log_weight
            for k in range(len(below)):
                if shares[k] > 0.0:
                    share = shares[k] / weight
                    of_entropy += share * (log_weight - below[k])
                    add_load(arrays, mine, row, first + k, share)
            if close > 1:
                contested[found] = row
                found += 1
                num_pairs[block] += close
        sums[block, 0], sums[block, 1] = of_soft, of_hard
        sums[block, 2] = temperature * of_entropy
        num_rows[block] = found - arrays.blocks[block]
    return sums, load, num_rows, num_pairs


@njit(inline="always")
def _weigh(values: Floats, shares: Floats, best: float, temperature: float) -> tuple[float, int]:
    """Make reduced scores temperatures below the best; return the weight and who is close."""
    weight, close = 0.0, 0
    per_money = 1.0 / temperature
    for k in range(len(values)):
        values[k] = (values[k] - best) * per_money
        shares[k] = 0.0
        if values[k] > -FARTHEST:
            shares[k] = np.exp(values[k])
            weight += shares[k]
            if values[k] > -SEEN:
                close += 1
    return weight, close


def contested_cells(
    arrays: Arrays,
    price: Floats,
    temperature: float,
    contested: Contested,
) -> tuple[Ints, Floats, NDArray[np.int32], Floats]:
    """Return the contested rows' close pairs in one piece, for many products with the curvature.

    Parameters
    ----------
    contested : as `smoothed` found them at the same prices and temperature

    Returns
    -------
    (n + 1,) where each row's pairs begin; their shares; (m, n_layers) slots, -1 where not counted;
    and amounts
    """
    rows, num_rows, num_pairs = contested
    total = int(num_pairs.sum())
    num_layers = len(arrays.offset) + arrays.pair_slot.shape[1]
    begins = np.append(np.empty(num_rows.sum(), np.int64), total)
    shares = np.empty(total)
    slots = np.empty((total, num_layers), np.int32)
    amounts = np.empty((total, num_layers))
    counts = (num_rows, np.cumsum(num_rows) - num_rows, np.cumsum(num_pairs) - num_pairs)
    _write_cells(arrays, price, temperature, rows, counts, (begins, shares, slots, amounts))
    return begins, shares, slots, amounts


@njit(parallel=True, cache=True)
def _write_cells(
    arrays: Arrays,
    price: Floats,
    temperature: float,
    contested: NDArray[np.int32],
    counts: tuple[Ints, Ints, Ints],
    cells: tuple[Ints, Floats, NDArray[np.int32], Floats],
) -> None:
    num_rows, first_row, first_pair = counts
    begins, shares, slots, amounts = cells
    num_blocks = len(num_rows)
    layers, others = len(arrays.offset), arrays.pair_slot.shape[1]
    width = np.diff(arrays.indptr).max()
    for block in prange(num_blocks):
        below = np.empty(width)
        at = first_pair[block]
        for k in range(num_rows[block]):
            row = contested[arrays.blocks[block] + k]
            begins[first_row[block] + k] = at
            first, last = arrays.indptr[row], arrays.indptr[row + 1]
            best, _ = reduced_scores(arrays, price, row, below)
            weight, start = 0.0, at
            for pair in range(first, last):
                distance = (below[pair - first] - best) / temperature
                if distance > -SEEN:
                    shares[at] = np.exp(distance)
                    weight += shares[at]
                    rep = arrays.rep[pair]
                    for layer in range(layers):
                        slots[at, layer] = arrays.offset[layer] + rep if rep >= 0 else -1
                        amounts[at, layer] = arrays.row_amount[layer, row]
                    for layer in range(others):
                        slots[at, layers + layer] = arrays.pair_slot[pair, layer]
                        amounts[at, layers + layer] = arrays.pair_amount[pair, layer]
                    at += 1
            for cell in range(start, at):
                shares[cell] /= weight


def curvature_times(
    begins: Ints,
    shares: Floats,
    slots: NDArray[np.int32],
    amounts: Floats,
    vector: Floats,
) -> Floats:
    """Return (n_slots,) temperature x the second derivative of the smoothed bound, times a vector.

    Of each row it is the covariance of what it uses under its shares.
    """
    product = np.zeros((CURVATURE_BLOCKS, len(vector)))
    _add_products(begins, shares, slots, amounts, vector, product)
    total: Floats = product.sum(axis=0)
    return total


@njit(parallel=True, cache=True)
def _add_products(
    begins: Ints,
    shares: Floats,
    slots: NDArray[np.int32],
    amounts: Floats,
    vector: Floats,
    product: Floats,
) -> None:
    num_blocks = len(product)
    rows = len(begins) - 1
    for block in prange(num_blocks):
        mine = product[block]
        for row in range(rows * block // num_blocks, rows * (block + 1) // num_blocks):
            first, last = begins[row], begins[row + 1]
            mean = 0.0
            for cell in range(first, last):
                mean += shares[cell] * _dot(slots, amounts, vector, cell)
            for cell in range(first, last):
                weight = shares[cell] * (_dot(slots, amounts, vector, cell) - mean)
                for layer in range(slots.shape[1]):
                    if slots[cell, layer] >= 0:
                        mine[slots[cell, layer]] += weight * amounts[cell, layer]


@njit(inline="always")
def _dot(slots: NDArray[np.int32], amounts: Floats, vector: Floats, cell: int) -> float:
    total = 0.0
    for layer in range(slots.shape[1]):
        if slots[cell, layer] >= 0:
            total += vector[slots[cell, layer]] * amounts[cell, layer]
    return total


def curvature_diagonal(
    begins: Ints, shares: Floats, slots: NDArray[np.int32], amounts: Floats, num_slots: int
) -> Floats:
    """Return (n_slots,) the diagonal of the same matrix."""
    diagonal = np.zeros((CURVATURE_BLOCKS, num_slots))
    _add_diagonal(begins, shares, slots, amounts, diagonal)
    total: Floats = diagonal.sum(axis=0)
    return total


@njit(parallel=True, cache=True)
def _add_diagonal(
    begins: Ints, shares: Floats, slots: NDArray[np.int32], amounts: Floats, diagonal: Floats
) -> None:
    num_blocks = len(diagonal)
    rows = len(begins) - 1
    for block in prange(num_blocks):
        mine = diagonal[block]
        for row in range(rows * block // num_blocks, rows * (block + 1) // num_blocks):
            first, last = begins[row], begins[row + 1]
            for layer in range(slots.shape[1]):
                for cell in range(first, last):
                    slot = slots[cell, layer]
                    if slot >= 0:
                        mean = 0.0
                        for other in range(first, last):
                            if slots[other, layer] == slot:
                                mean += shares[other] * amounts[other, layer]
                        used = amounts[cell, layer]
                        mine[slot] += shares[cell] * used * (used - mean)

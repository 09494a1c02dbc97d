"""Plans by placing rows one after the other, and by exchanging them until nothing is gained.

Money is counted from the bound down: under prices an assignment falls short of their bound by the
losses of its pairs and by the price of what it leaves unused of each slot, none of them negative.
So an exchange cannot gain more than what its pairs lose and its slots waste now, and most exchanges
are dismissed by that alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.arrays import Floats, Ints
    from planner.kernels.packed import Arrays


class Terms(NamedTuple):
    """What makes a load fall short of the bound, money per unit.

    Attributes
    ----------
    price, lower, upper : (n_slots,)
    under, over : (n_slots,) costs outside the limits; of a hard limit a penalty
    """

    price: Floats
    lower: Floats
    upper: Floats
    under: Floats
    over: Floats


class Exchange(NamedTuple):
    """What a search works on.

    Attributes
    ----------
    arrays : the pairs
    loss : (n_pairs,) money
    row : (n_pairs,) int64
    by_rep, rep_begins : the pairs of each rep and where they begin, (n,) and (n_reps + 1,)
    """

    arrays: Arrays
    loss: Floats
    row: Ints
    by_rep: Ints
    rep_begins: Ints


@njit(inline="always")
def waste_at(terms: Terms, slot: int, load: float) -> float:
    """Return the price of what a load leaves unused, and what it costs outside the limits."""
    price = terms.price[slot]
    waste = 0.0
    if price > 0.0:
        waste = price * (terms.upper[slot] - load)
    elif price < 0.0:
        waste = price * (terms.lower[slot] - load)
    if load > terms.upper[slot]:
        waste += terms.over[slot] * (load - terms.upper[slot])
    elif load < terms.lower[slot]:
        waste += terms.under[slot] * (terms.lower[slot] - load)
    return waste


@njit
def change(arrays: Arrays, terms: Terms, load: Floats, row: int, pair: int, sign: float) -> float:
    """Add a pair to the loads, or take it away; return what that adds to their waste."""
    waste = 0.0
    rep = arrays.rep[pair]
    if rep >= 0:
        for layer in range(len(arrays.offset)):
            amount = arrays.row_amount[layer, row]
            if amount != 0.0:
                slot = arrays.offset[layer] + rep
                waste -= waste_at(terms, slot, load[slot])
                load[slot] += sign * amount
                waste += waste_at(terms, slot, load[slot])
    for layer in range(arrays.pair_slot.shape[1]):
        slot = arrays.pair_slot[pair, layer]
        if slot >= 0:
            waste -= waste_at(terms, slot, load[slot])
            load[slot] += sign * arrays.pair_amount[pair, layer]
            waste += waste_at(terms, slot, load[slot])
    return waste


@njit(inline="always")
def gain_at(terms: Terms, slot: int, load: float, amount: float) -> float:
    """Return the most waste that so much more or less load could save in one slot."""
    rate = abs(terms.price[slot])
    if load > terms.upper[slot]:
        rate += terms.over[slot]
    elif load < terms.lower[slot]:
        rate += terms.under[slot]
    saved: float = min(waste_at(terms, slot, load), rate * abs(amount))
    return saved


@njit
def most_gain(arrays: Arrays, terms: Terms, load: Floats, row: int, pair: int) -> float:
    """Return the most that a pair's coming or going can save in all slots that it uses."""
    gain = 0.0
    rep = arrays.rep[pair]
    if rep >= 0:
        for layer in range(len(arrays.offset)):
            amount = arrays.row_amount[layer, row]
            if amount != 0.0:
                slot = arrays.offset[layer] + rep
                gain += gain_at(terms, slot, load[slot], amount)
    for layer in range(arrays.pair_slot.shape[1]):
        slot = arrays.pair_slot[pair, layer]
        if slot >= 0:
            gain += gain_at(terms, slot, load[slot], arrays.pair_amount[pair, layer])
    return gain


@njit(cache=True)
def place(exchange: Exchange, terms: Terms, load: Floats, order: Ints, chosen: Ints) -> None:
    """Let rows choose in an order, each the pair that loses least with what it breaks.

    Parameters
    ----------
    terms : without prices, since loads grow from nothing
    load, chosen : (n_slots,), (n_rows,) changed in place
    """
    arrays, loss = exchange.arrays, exchange.loss
    for row in order:
        best, best_pair = np.inf, arrays.indptr[row]
        for pair in range(arrays.indptr[row], arrays.indptr[row + 1]):
            value = loss[pair] + change(arrays, terms, load, row, pair, 1.0)
            change(arrays, terms, load, row, pair, -1.0)
            if value < best:
                best, best_pair = value, pair
        chosen[row] = best_pair
        change(arrays, terms, load, row, best_pair, 1.0)


@njit(cache=True)
def improve(
    exchange: Exchange,
    terms: Terms,
    load: Floats,
    chosen: Ints,
    reps: Ints,
    is_open: NDArray[np.bool_],
    least: float,
    most_tries: int,
) -> float:
    """Exchange rows of open reps, first those that come first, while that gains money.

    A row joins or leaves the rep; if that alone gains nothing, another row of the rep that it joins
    gives way to whoever is best for it. A rep that was gone through is closed, until an exchange
    changes what it has.

    Parameters
    ----------
    load, chosen : (n_slots,), (n_rows,) the loads and pairs, changed in place
    reps : (n_reps,) in the order in which they are looked at
    is_open : (n_reps,) changed in place
    least : money that an exchange must gain
    most_tries : how many exchanges to evaluate

    Returns
    -------
    the money gained
    """
    gained = 0.0
    left = most_tries
    found, num_done = True, 0
    while found:
        found = False
        for rep in reps:
            if not is_open[rep]:
                continue
            found = True
            num_done += 1
            is_open[rep] = False
            for at in range(exchange.rep_begins[rep], exchange.rep_begins[rep + 1]):
                pair = exchange.by_rep[at]
                row = exchange.row[pair]
                if left <= 0:
                    # A rep that takes more than that alone would be begun anew for ever.
                    is_open[rep] = num_done > 1
                    return gained
                if chosen[row] == pair:
                    gain, used = _leave(exchange, terms, load, chosen, row, least, is_open)
                else:
                    gain, used = _join(exchange, terms, load, chosen, row, pair, least, is_open)
                left -= used
                gained += gain
    return gained


@njit(inline="always")
def _take(
    exchange: Exchange, chosen: Ints, row: int, pair: int, is_open: NDArray[np.bool_]
) -> None:
    rep = exchange.arrays.rep
    for each in (chosen[row], pair):
        if rep[each] >= 0:
            is_open[rep[each]] = True
    chosen[row] = pair


@njit
def _leave(
    exchange: Exchange,
    terms: Terms,
    load: Floats,
    chosen: Ints,
    row: int,
    least: float,
    is_open: NDArray[np.bool_],
) -> tuple[float, int]:
    """Move a row to its best other pair if that gains."""
    arrays, loss = exchange.arrays, exchange.loss
    now = chosen[row]
    most = loss[now] + most_gain(arrays, terms, load, row, now)
    if most <= least:
        return 0.0, 1
    before = loss[now] - change(arrays, terms, load, row, now, -1.0)
    pair, value = _best_pair(exchange, terms, load, row, now)
    tries = arrays.indptr[row + 1] - arrays.indptr[row]
    gain = before - value
    if pair >= 0 and gain > least:
        change(arrays, terms, load, row, pair, 1.0)
        _take(exchange, chosen, row, pair, is_open)
        return gain, tries
    change(arrays, terms, load, row, now, 1.0)
    return 0.0, tries


@njit
def _best_pair(
    exchange: Exchange, terms: Terms, load: Floats, row: int, barred: int
) -> tuple[int, float]:
    """Return the pair, other than a barred one, by which a row falls least short, and how much."""
    arrays, loss = exchange.arrays, exchange.loss
    best, best_pair = np.inf, -1
    for pair in range(arrays.indptr[row], arrays.indptr[row + 1]):
        if pair != barred:
            value = loss[pair] + change(arrays, terms, load, row, pair, 1.0)
            change(arrays, terms, load, row, pair, -1.0)
            if value < best:
                best, best_pair = value, pair
    return best_pair, best


@njit
def _join(
    exchange: Exchange,
    terms: Terms,
    load: Floats,
    chosen: Ints,
    row: int,
    pair: int,
    least: float,
    is_open: NDArray[np.bool_],
) -> tuple[float, int]:
    """Move a row to a pair, and if need be another row out of its way, if that gains."""
    arrays, loss = exchange.arrays, exchange.loss
    now = chosen[row]
    rep = arrays.rep[pair]
    lost = loss[pair] - loss[now]
    most = most_gain(arrays, terms, load, row, now)
    most += most_gain(arrays, terms, load, row, pair) - lost
    tries = 1
    if most <= least:
        return 0.0, tries
    gain = -lost - change(arrays, terms, load, row, now, -1.0)
    gain -= change(arrays, terms, load, row, pair, 1.0)
    if gain > least:
        _take(exchange, chosen, row, pair, is_open)
        return gain, tries
    for at in range(exchange.rep_begins[rep], exchange.rep_begins[rep + 1]):
        other_pair = exchange.by_rep[at]
        other = exchange.row[other_pair]
        if chosen[other] != other_pair or other == row:
            continue
        tries += 1
        # Where it goes it may fill what is wasted there, which is not in the estimate.
        freed = loss[other_pair] + most_gain(arrays, terms, load, other, other_pair)
        if gain + freed <= least:
            continue
        before = loss[other_pair] - change(arrays, terms, load, other, other_pair, -1.0)
        best, value = _best_pair(exchange, terms, load, other, other_pair)
        tries += arrays.indptr[other + 1] - arrays.indptr[other]
        if best >= 0 and gain + before - value > least:
            change(arrays, terms, load, other, best, 1.0)
            _take(exchange, chosen, other, best, is_open)
            _take(exchange, chosen, row, pair, is_open)
            return gain + before - value, tries
        change(arrays, terms, load, other, other_pair, 1.0)
    change(arrays, terms, load, row, pair, -1.0)
    change(arrays, terms, load, row, now, 1.0)
    return 0.0, tries

"""Chains of moves between reps, taken at a temperature: better ones always, worse ones seldom.

A row leaves its rep for another one, a row of that one gives way to a third rep, and so on: the
ejection chains of Yagiura, Ibaraki, Glover 2004, "An ejection chain approach for the generalized
assignment problem", doi:10.1287/ijoc.1030.0036. A chain goes on only while what it has gained so
far, the waste that it leaves at its first rep apart, is worth it (Lin, Kernighan 1973,
doi:10.1287/opre.21.2.498). What a whole chain may lose is drawn as in simulated annealing
(Kirkpatrick, Gelatt, Vecchi 1983, doi:10.1126/science.220.4598.671).

Several plans are annealed side by side, each in a thread of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit, prange

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.arrays import Floats, Ints

    Int32s = NDArray[np.int32]

DEPTH = 8
"""A chain moves at most so many rows."""
MOST_TRIES = 3_000
"""Pairs looked at for one chain."""
JOURNAL = 1 << 14
"""Moves of one part in one call."""
PRICE, LOWER, UPPER, UNDER, OVER = range(5)
"""Columns of terms."""
NOBODY_YET = -1
"""In place of who gives way: the pair has not been tried yet."""
EPSILON = 1e-9


class Pairs(NamedTuple):
    """The pairs of a core.

    Attributes
    ----------
    indptr : (n_rows + 1,) int64
    rep, loss : (n_pairs,) the pairs of a row by rising loss, in money
    slot : (n_pairs, n) what each pair counts in, no slot twice; -1 for nothing
    amount : (n_pairs, n)
    """

    indptr: Ints
    rep: Int32s
    loss: Floats
    slot: Int32s
    amount: Floats


class State(NamedTuple):
    """Plans that are annealed side by side, each on its own.

    Attributes
    ----------
    chosen : (n_plans, n_rows) pairs
    load : (n_plans, n_slots)
    short : (n_plans,) money by which each falls short of the bound, penalties included
    best, best_short : the same of the best state so far that broke nothing; +inf before one
    begins : (n_reps + 1,) where each rep's rows stand in `rows`
    rows : (n_plans, n) the rows of each rep, and room for all that it may have
    held : (n_plans, n_reps) how many each rep has
    place : (n_plans, n_rows) where each row stands among its rep's
    """

    chosen: Ints
    load: Floats
    short: Floats
    best: Ints
    best_short: Floats
    begins: Ints
    rows: Ints
    held: Ints
    place: Ints


@njit(inline="always")
def _waste(terms: Floats, slot: int, load: float) -> float:
    waste = 0.0
    price = terms[slot, PRICE]
    if price > 0.0:
        waste = price * (terms[slot, UPPER] - load)
    elif price < 0.0:
        waste = price * (terms[slot, LOWER] - load)
    if load > terms[slot, UPPER]:
        waste += terms[slot, OVER] * (load - terms[slot, UPPER])
    elif load < terms[slot, LOWER]:
        waste += terms[slot, UNDER] * (terms[slot, LOWER] - load)
    return waste


@njit(inline="always")
def _change(
    slots: Int32s, amounts: Floats, terms: Floats, load: Floats, pair: int, sign: float
) -> float:
    """Return what a pair's coming or going would add to the waste."""
    waste = 0.0
    for k in range(slots.shape[1]):
        slot = slots[pair, k]
        if slot >= 0:
            after = load[slot] + sign * amounts[pair, k]
            waste += _waste(terms, slot, after) - _waste(terms, slot, load[slot])
    return waste


@njit(inline="always")
def _add(slots: Int32s, amounts: Floats, load: Floats, pair: int, sign: float) -> None:
    for k in range(slots.shape[1]):
        slot = slots[pair, k]
        if slot >= 0:
            load[slot] += sign * amounts[pair, k]


@njit(inline="always")
def _waste_around(slots: Int32s, terms: Floats, load: Floats, pair: int) -> float:
    """Return the waste of all that a pair counts in."""
    waste = 0.0
    for k in range(slots.shape[1]):
        slot = slots[pair, k]
        if slot >= 0:
            waste += _waste(terms, slot, load[slot])
    return waste


@njit(inline="always")
def _move(
    rep: Int32s,
    begins: Ints,
    rows: Ints,
    held: Ints,
    place: Ints,
    chosen: Ints,
    row: int,
    pair: int,
) -> None:
    leaves, joins = rep[chosen[row]], rep[pair]
    if leaves >= 0:
        held[leaves] -= 1
        last = rows[begins[leaves] + held[leaves]]
        rows[begins[leaves] + place[row]] = last
        place[last] = place[row]
    if joins >= 0:
        place[row] = held[joins]
        rows[begins[joins] + held[joins]] = row
        held[joins] += 1
    chosen[row] = pair


@njit(inline="always")
def _is_broken(terms: Floats, tolerance: Floats, load: Floats) -> bool:
    for slot in range(len(load)):
        over = load[slot] - terms[slot, UPPER]
        under = terms[slot, LOWER] - load[slot]
        if over > tolerance[slot, 1] or under > tolerance[slot, 0]:
            return True
    return False


@njit(parallel=True, cache=True)
def anneal(
    pairs: Pairs,
    state: State,
    terms: Floats,
    tolerance: Floats,
    temperature: Floats,
    rows: Ints,
    starts: int,
    seed: int,
) -> Ints:
    """Take chains that begin at random ones of some rows; return how many, (n_plans,).

    Parameters
    ----------
    state : changed in place
    terms : (n_plans, n_slots, 5) price, lower and upper limit, and costs outside them, per unit
    tolerance : (n_slots, 2) how far below and above its limits a load breaks nothing
    temperature : (n_plans,) money; 0 takes better chains only
    rows : where chains begin
    starts : chains that are begun in each plan
    """
    num_plans = len(state.chosen)
    taken = np.zeros(num_plans, np.int64)
    for plan in prange(num_plans):
        taken[plan] = _anneal(
            pairs, state, plan, terms[plan], tolerance, temperature[plan], rows, starts, seed + plan
        )
    return taken


# One loop, since handing so many arrays to a function costs more than what it would do.
@njit(error_model="numpy")
def _anneal(  # noqa: C901
    pairs: Pairs,
    state: State,
    plan: int,
    terms: Floats,
    tolerance: Floats,
    temperature: float,
    first_rows: Ints,
    starts: int,
    seed: int,
) -> int:
    # In compiled code these draw from a generator of the thread's own.
    np.random.seed(seed)  # noqa: NPY002
    indptr, rep, loss, slots, amounts = pairs
    chosen, load, begins = state.chosen[plan], state.load[plan], state.begins
    rows, held, place = state.rows[plan], state.held[plan], state.place[plan]
    short, lowest = state.short[plan], state.best_short[plan]
    journal = np.empty((JOURNAL, 2), np.int64)
    num_moves, num_best, num_taken = 0, -1, 0
    # Of each row in the chain: its rep, the change so far without it, the pair tried now, the
    # change with that pair, and who of that rep was tried last to give way.
    in_hand, reps = np.empty(DEPTH, np.int64), np.empty(DEPTH, np.int64)
    before, after = np.empty(DEPTH), np.empty(DEPTH)
    tried_pair, tried_row = np.empty(DEPTH, np.int64), np.empty(DEPTH, np.int64)
    for _ in range(starts):
        if num_moves + DEPTH > JOURNAL:
            break
        row = first_rows[np.random.randint(len(first_rows))]  # noqa: NPY002
        most = -temperature * np.log(1.0 - np.random.random())  # noqa: NPY002
        pair = chosen[row]
        freed = _waste_around(slots, terms, load, pair)
        left = _change(slots, amounts, terms, load, pair, -1.0)
        _add(slots, amounts, load, pair, -1.0)
        freed += left
        level, tries = 0, 0
        in_hand[0], reps[0], before[0] = row, rep[pair], left - loss[pair]
        tried_pair[0], tried_row[0] = indptr[row] - 1, NOBODY_YET
        while level >= 0:
            row, pair = in_hand[level], tried_pair[level]
            if tried_row[level] == NOBODY_YET:
                pair += 1
                tried_pair[level] = pair
                if pair >= indptr[row + 1] or tries > MOST_TRIES:
                    _add(slots, amounts, load, chosen[row], 1.0)
                    level -= 1
                    continue
                if pair == chosen[row]:
                    continue
                tries += 1
                joins = rep[pair]
                wasted = _change(slots, amounts, terms, load, pair, 1.0)
                total = before[level] + loss[pair] + wasted
                if total < most and abs(total) > EPSILON:
                    _add(slots, amounts, load, pair, 1.0)
                    for k in range(level + 1):
                        journal[num_moves, 0] = in_hand[k]
                        journal[num_moves, 1] = chosen[in_hand[k]]
                        num_moves += 1
                        _move(rep, begins, rows, held, place, chosen, in_hand[k], tried_pair[k])
                    short += total
                    num_taken += 1
                    if short < lowest - EPSILON and not _is_broken(terms, tolerance, load):
                        lowest, num_best = short, num_moves
                    break
                around = _waste_around(slots, terms, load, pair)
                if level + 1 == DEPTH or joins < 0 or total - wasted - around - freed >= most:
                    continue
                is_new = True
                for k in range(level + 1):
                    is_new &= reps[k] != joins
                if is_new:
                    after[level] = total
                    tried_row[level] = held[joins]
                    _add(slots, amounts, load, pair, 1.0)
                continue
            joins = rep[pair]
            first, at = begins[joins], tried_row[level] - 1
            needed = most + freed - after[level]
            saved = 0.0
            while at >= 0 and tries <= MOST_TRIES:
                other = chosen[rows[first + at]]
                tries += 1
                saved = _change(slots, amounts, terms, load, other, -1.0) - loss[other]
                if saved < needed:
                    break
                at -= 1
            if at < 0 or tries > MOST_TRIES:
                _add(slots, amounts, load, pair, -1.0)
                tried_row[level] = NOBODY_YET
                continue
            tried_row[level] = at
            row = rows[first + at]
            _add(slots, amounts, load, chosen[row], -1.0)
            level += 1
            in_hand[level], reps[level], before[level] = row, joins, after[level - 1] + saved
            tried_pair[level], tried_row[level] = indptr[row] - 1, NOBODY_YET
    state.short[plan] = short
    if num_best >= 0:
        best = state.best[plan]
        best[:] = chosen
        for k in range(num_moves - 1, num_best - 1, -1):
            best[journal[k, 0]] = journal[k, 1]
        state.best_short[plan] = lowest
    return num_taken

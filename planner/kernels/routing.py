"""New leads one after the other: what each rep would bring under prices, and who has room."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.arrays import Floats, Ints

FREE, UNPLACED = -2, -1


class Offered(NamedTuple):
    """The pairs of new leads.

    Attributes
    ----------
    indptr, rep : (n_leads + 1,), (n_pairs,) int64, the reps who may work each lead
    value, score : (n_pairs,) money
    nobody : (n_leads,) money, the score of staying without a rep; -inf where that is forbidden
    part : (n_leads, n_terms) what leads count
    customer : (n_leads,) int64; leads of one customer share one rep
    """

    indptr: Ints
    rep: Ints
    value: Floats
    score: Floats
    nobody: Floats
    part: Floats
    customer: Ints


class Use(NamedTuple):
    """Where pairs count.

    Attributes
    ----------
    slot : (n_terms, n_reps) int64, whose load; -1 where not counted
    factor : (n_terms, n_reps) what one unit counts
    by_value : (n_terms,) bool, whether the unit is the pair's expected value
    """

    slot: Ints
    factor: Floats
    by_value: NDArray[np.bool_]


class State(NamedTuple):
    """Loads, limits and prices, each (n_slots,); limits with their tolerance, +-inf for none."""

    load: Floats
    least: Floats
    most: Floats
    price: Floats


@njit(inline="always")
def amount_of(offered: Offered, use: Use, lead: int, pair: int, term: int) -> float:
    """Return what a pair adds in a term."""
    amount = float(offered.part[lead, term] * use.factor[term, offered.rep[pair]])
    if use.by_value[term]:
        amount *= offered.value[pair]
    return amount


@njit(inline="always")
def has_room_in(state: State, slot: int, amount: float) -> bool:
    """Whether a load may be added to."""
    after = state.load[slot] + amount
    if amount > 0.0:
        return bool(after <= state.most[slot])
    return bool(amount == 0.0 or after >= state.least[slot])


@njit(cache=True)
def assess(offered: Offered, use: Use, state: State) -> tuple[Floats, NDArray[np.bool_]]:
    """Return (n_pairs, n_terms) money that each pair pays, and whether each limit has room."""
    terms = len(use.by_value)
    paid = np.zeros((len(offered.rep), terms))
    fits = np.ones((len(offered.rep), terms), np.bool_)
    for lead in range(len(offered.indptr) - 1):
        for pair in range(offered.indptr[lead], offered.indptr[lead + 1]):
            for term in range(terms):
                slot = use.slot[term, offered.rep[pair]]
                if slot >= 0:
                    amount = amount_of(offered, use, lead, pair, term)
                    paid[pair, term] = state.price[slot] * amount
                    fits[pair, term] = has_room_in(state, slot, amount)
    return paid, fits


@njit(cache=True)
def route(
    offered: Offered, use: Use, state: State, soft: State, order: Ints, holder: Ints
) -> tuple[Ints, NDArray[np.bool_]]:
    """Give each lead in turn to the rep with the best net who has room; loads and prices change.

    Parameters
    ----------
    soft : limits that money holds, and as load and price what is paid below and above them
    order : (n_leads,) the order of arrival
    holder : (n_customers,) who has each customer; -2 for nobody yet, -1 who must have nobody

    Returns
    -------
    chosen : (n_leads,) pairs; -1 for none
    had_room : (n_leads,) bool, whether some rep had room
    """
    chosen = np.full(len(order), -1, np.int64)
    had_room = np.zeros(len(order), np.bool_)
    for lead in order:
        held = holder[offered.customer[lead]]
        best, best_net = -1, offered.nobody[lead]
        for pair in range(offered.indptr[lead], offered.indptr[lead + 1]):
            rep = offered.rep[pair]
            if held in (FREE, rep):
                net = net_of(offered, use, state, lead, pair, rep)
                had_room[lead] |= net > -np.inf
                # Nobody comes after a rep who is as good, and an earlier rep before a later one.
                if net > best_net or (best < 0 and net == best_net and net > -np.inf):
                    best, best_net = pair, net
        if best >= 0:
            take(offered, use, state, soft, lead, best)
            chosen[lead] = best
        if held == FREE:
            holder[offered.customer[lead]] = offered.rep[best] if best >= 0 else UNPLACED
    return chosen, had_room


@njit(cache=True)
def net_of(offered: Offered, use: Use, state: State, lead: int, pair: int, rep: int) -> float:
    """Return the score of a pair after the prices that it pays; -inf where there is no room.

    The arrays are named before the loop: taking them out of their tuples in it costs ten times all
    the rest.
    """
    net, value = float(offered.score[pair]), offered.value[pair]
    slots, factor, by_value = use.slot[:, rep], use.factor[:, rep], use.by_value
    part, price = offered.part[lead], state.price
    for term in range(len(by_value)):
        slot = slots[term]
        amount = part[term] * factor[term] * (value if by_value[term] else 1.0)
        if slot < 0 or amount == 0.0:
            continue
        if not has_room_in(state, slot, amount):
            return -np.inf
        net -= price[slot] * amount
    return net


@njit(cache=True)
def take(offered: Offered, use: Use, state: State, soft: State, lead: int, pair: int) -> None:
    """Add a pair to the loads; a price follows the load past a limit that money holds.

    Complementary slackness: below the lower limit one more unit saves what a missing one costs,
    above the upper it costs what a unit too many does, and in between there is nothing to save.
    """
    for term in range(len(use.by_value)):
        slot = use.slot[term, offered.rep[pair]]
        if slot < 0:
            continue
        state.load[slot] += amount_of(offered, use, lead, pair, term)
        if state.load[slot] > soft.most[slot]:
            state.price[slot] = soft.price[slot]
        elif state.load[slot] >= soft.least[slot] and state.price[slot] < 0.0:
            state.price[slot] = 0.0

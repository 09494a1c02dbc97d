"""New leads over the room that is left, as a problem: for prices, and for hindsight."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.problem import NOBODY, Problem
from models.resource import NOT_COUNTED, Layer, Resource

if TYPE_CHECKING:
    from models.arrays import Ints
    from planner.kernels.routing import Offered, Use
    from planner.recommending.room import Room


def problem_over(
    offered: Offered, room: Room, scale: float = 1.0, arrival: Ints | None = None
) -> Problem:
    """Return the leads over so many times the room that is left; the pairs of each are in order.

    Parameters
    ----------
    arrival : (n_leads,) int64, rank in order of creation; the given order if None
    """
    num_leads, num_pairs = len(offered.nobody), len(offered.rep)
    # Nobody is the last pair of each row.
    indptr = offered.indptr + np.arange(num_leads + 1)
    lead = np.repeat(np.arange(num_leads), np.diff(offered.indptr))
    at = np.arange(num_pairs) + lead
    rep = np.full(num_pairs + num_leads, NOBODY)
    rep[at] = offered.rep
    score = np.empty(len(rep))
    score[at], score[indptr[1:] - 1] = offered.score, np.maximum(offered.nobody, _worst(offered))
    resources = tuple(
        _resource(offered, room, number, scale, lead, at) for number in range(len(room.terms))
    )
    return Problem(
        indptr=indptr,
        rep=rep.astype(np.int32),
        score=score,
        num_reps=room.use.slot.shape[1],
        resources=resources,
        arrival=np.arange(num_leads) if arrival is None else arrival,
    )


def _worst(offered: Offered) -> float:
    """Return minus what the best lead brings: a lead that must be placed has no other score."""
    return -float(np.abs(offered.score).max(initial=0.0))


def _resource(
    offered: Offered, room: Room, number: int, scale: float, lead: Ints, at: Ints
) -> Resource:
    use: Use = room.use
    slot = use.slot[number, offered.rep]
    amount = offered.part[lead, number] * use.factor[number, offered.rep]
    if use.by_value[number]:
        amount = amount * offered.value
    amounts = np.zeros(len(lead) + len(offered.nobody))
    amounts[at] = amount
    group = np.full(len(amounts), NOT_COUNTED)
    group[at] = np.where(slot >= 0, slot - room.offset[number], NOT_COUNTED)
    load = room.of_term(room.state.load, number)
    upper = np.maximum(room.of_term(room.upper, number) - load, 0.0) * scale
    under_cost = room.of_term(room.under_cost, number)
    # New leads only lift loads: a hard lower limit that holds will hold.
    lower = (room.of_term(room.lower, number) - load) * scale
    lower = np.where(np.isinf(under_cost), -np.inf, np.minimum(lower, upper))
    return Resource(
        name=room.terms[number].name,
        layers=(Layer(amounts, group.astype(np.int32)),),
        base=np.zeros(len(load)),
        lower=lower,
        upper=upper,
        under_cost=np.where(np.isinf(under_cost), 0.0, under_cost),
        over_cost=room.of_term(room.over_cost, number),
    )

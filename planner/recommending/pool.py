"""Leads like the plan's own that might come, routed by its prices into the room that is left."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from planner.kernels.routing import FREE, Offered, route
from planner.recommending.forecast import Forecast
from planner.recommending.room import Room
from planner.recommending.terms import terms_of

if TYPE_CHECKING:
    from models.arrays import Floats, Ints
    from planner.planned import Planned


class Placed(NamedTuple):
    """What became of leads that came.

    Attributes
    ----------
    lead, rep : (n_placed,) positions in the plan's tables: whom each is like, and who got it
    added : (n_slots,) what the room's loads rose by
    """

    lead: Ints
    rep: Ints
    added: Floats


class Pool:
    """The plan's own leads as arrivals, which may come again and again.

    Each that comes is a customer of its own, whom nobody owns. What one batch takes is given back
    before the next.

    Parameters
    ----------
    planned : the plan, whose prices route and whose limits without the reserve hold

    Attributes
    ----------
    terms, room : what limits count, and their loads in the plan
    """

    def __init__(self, planned: Planned) -> None:
        self.terms = terms_of(planned.compiled)
        self.room = Room(planned, self.terms)
        forecast = Forecast(planned.compiled, self.terms)
        self._offered, self._leads = forecast.offered, forecast.sample

    @property
    def size(self) -> int:
        """How many different leads may come."""
        return len(self._leads)

    def route(self, drawn: Ints) -> Placed:
        """Give leads out in their order, each to the rep with the best net who has room.

        Parameters
        ----------
        drawn : (n_arrivals,) numbers of the pool's leads, 0 to `size` - 1; any may come twice
        """
        offered, room = _of_leads(self._offered, drawn), self.room
        before = room.copy()
        in_order = np.arange(len(drawn))
        nobody_yet = np.full(len(drawn), FREE)
        chosen, _ = route(offered, room.use, room.state, room.soft, in_order, nobody_yet)
        added = room.state.load - before[0]
        room.restore(before)
        is_placed = chosen >= 0
        return Placed(self._leads[drawn[is_placed]], offered.rep[chosen[is_placed]], added)


def _of_leads(offered: Offered, leads: Ints) -> Offered:
    """Return the pairs of some leads, in their order, as different customers."""
    starts, counts = offered.indptr[leads], np.diff(offered.indptr)[leads]
    indptr = np.append(0, np.cumsum(counts))
    pair = np.repeat(starts - indptr[:-1], counts) + np.arange(indptr[-1])
    return Offered(
        indptr=indptr,
        rep=offered.rep[pair],
        value=offered.value[pair],
        score=offered.score[pair],
        nobody=offered.nobody[leads],
        part=offered.part[leads],
        customer=np.arange(len(leads)),
    )

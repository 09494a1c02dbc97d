"""Where leads are handed out one after the other, within the room that is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.problem import NOBODY
from planner.engines.baselines.room import Room

if TYPE_CHECKING:
    from models.arrays import Ints
    from planner.engines.baselines.intake import Intake

NOT_GIVEN = -1


class Desk:
    """Hands rows to reps; rows that only one rep can have are with that rep from the beginning.

    Attributes
    ----------
    settled : row and rep of what is with its rep from the beginning, as it arrived
    waiting : the other rows, as they arrived
    held : (n_reps,) open leads that each rep has so far, those outside the plan included
    """

    def __init__(self, intake: Intake) -> None:
        self._problem = intake.problem
        self._room = Room(intake.problem)
        self._indptr: list[int] = intake.problem.indptr.tolist()
        self._rep: list[int] = intake.problem.rep.tolist()
        self._open_leads = intake.leads.open_leads.tolist()
        self._chosen = np.full(intake.problem.num_rows, NOT_GIVEN, np.int64)
        self.held: list[float] = intake.reps.base_leads.tolist()
        is_settled = intake.is_settled()
        order = np.argsort(intake.problem.arrival, kind="stable")
        self.waiting: list[int] = order[~is_settled[order]].tolist()
        self.settled: list[tuple[int, int]] = [
            (row, self._rep[self._indptr[row]]) for row in order[is_settled[order]].tolist()
        ]
        for row, rep in self.settled:
            self.give(row, rep)

    def eligible(self, row: int) -> tuple[int, ...]:
        """Return the reps who may work a row, in the order of their ids."""
        reps = self._rep[self._indptr[row] : self._indptr[row + 1]]
        return tuple(sorted(rep for rep in reps if rep != NOBODY))

    def takers(self, row: int) -> list[int]:
        """Return the reps who may work a row and have room for it, in the order of their ids."""
        return [rep for rep in self.eligible(row) if self._has_room(row, rep)]

    def fits(self, row: int, rep: int) -> bool:
        """Return whether a rep may work a row and has room for it."""
        start, stop = self._indptr[row], self._indptr[row + 1]
        return rep in self._rep[start:stop] and self._has_room(row, rep)

    def give(self, row: int, rep: int) -> None:
        """Hand a row to a rep who may work it."""
        pair = self.pair(row, rep)
        self._chosen[row] = pair
        self._room.take(pair)
        self.held[rep] += self._open_leads[row]

    def pair(self, row: int, rep: int) -> int:
        """Return the pair of a row with a rep who may work it."""
        return self._rep.index(rep, self._indptr[row], self._indptr[row + 1])

    def assignment(self) -> Ints:
        """Return (n_rows,) pairs; who got no rep stays with nobody.

        A row that must be assigned goes to the rep who holds least, of those with room if there are
        any: the result may break a limit.
        """
        for row in self.waiting:
            if self._chosen[row] != NOT_GIVEN:
                continue
            last = self._indptr[row + 1] - 1
            if self._rep[last] == NOBODY:
                self._chosen[row] = last
                self._room.take(last)
            else:
                reps = self.takers(row) or self.eligible(row)
                self.give(row, min(reps, key=self.held.__getitem__))
        return self._chosen

    def _has_room(self, row: int, rep: int) -> bool:
        return self._room.has_room(self.pair(row, rep))

"""Searches that improve one plan in turns: who gains more for its time is asked more often."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from models.arrays import Ints
    from planner.engines.polish import Polish
    from planner.engines.record import Record

TURN_SECONDS, TURN_STEPS = 0.5, 8
"""How long a turn of `PolishTurns` lasts at least; in steps where these are limited."""
OTHERS, LONGER = 0.4, 2.0
"""Who gains less has this share of the time; its next turn may take so many times its last."""
LEAST_TURN = 1e-3


class Search(Protocol):
    """Improves the plan of a record."""

    @property
    def is_stale(self) -> bool:
        """Whether the last turns brought next to nothing."""
        ...

    def turn(self) -> None:
        """Search for a while, beginning with the record's plan."""
        ...


class Turns:
    """Asks several searches in turn.

    Parameters
    ----------
    record : whose plan is improved
    searches : who is asked; the first is asked first
    """

    def __init__(self, record: Record, searches: Sequence[Search]) -> None:
        self._record, self._searches = record, searches
        self._gain = [math.inf] * len(searches)
        self._spent, self._last = [0.0] * len(searches), [0.0] * len(searches)

    @property
    def is_stale(self) -> bool:
        """Whether nobody finds anything any more."""
        return all(search.is_stale for search in self._searches)

    def turn(self) -> None:
        """Let one of the searches have its turn."""
        record, turn = self._record, self._next()
        before, began = record.objective or 0.0, self._now()
        self._searches[turn].turn()
        self._last[turn] = max(self._now() - began, LEAST_TURN)
        self._spent[turn] += self._last[turn]
        self._gain[turn] = ((record.objective or 0.0) - before) / self._last[turn]

    def _next(self) -> int:
        """Return who gained most for its time last, or else another one whose time has come."""
        order = sorted(
            range(len(self._searches)), key=lambda k: (self._searches[k].is_stale, -self._gain[k])
        )
        for other in order[:0:-1]:
            longer = LONGER * self._last[other]
            if self._spent[other] + longer <= OTHERS * sum(self._spent):
                return other
        return order[0]

    def _now(self) -> float:
        """Return seconds, or steps where a run has to be repeatable."""
        is_counted = self._record.limits.iterations is not None
        return float(self._record.steps) if is_counted else time.monotonic()


class PolishTurns:
    """Lets HiGHS improve a record's plan part by part.

    Parameters
    ----------
    polish : of the problem, or of a part of it
    part, whole : what a plan of the problem is in that part, and the reverse
    """

    def __init__(
        self,
        record: Record,
        polish: Polish,
        part: Callable[[Ints], Ints] = lambda chosen: chosen,
        whole: Callable[[Ints], Ints] = lambda chosen: chosen,
    ) -> None:
        self._record, self._polish = record, polish
        self._part, self._whole = part, whole

    @property
    def is_stale(self) -> bool:
        """Whether the last parts, up to the widest radius, brought next to nothing."""
        return self._polish.is_stale or self._polish.is_settled

    def turn(self) -> None:
        """Solve some parts."""
        record, polish = self._record, self._polish
        if record.chosen is None:
            return
        record.say("improving books of a few reps at a time")
        polish.begin_with(self._part(record.chosen))
        began, steps = time.monotonic(), 0
        while not (record.is_over() or (self.is_stale and steps)):
            polish.step(record.part_seconds())
            record.steps += 1
            steps += 1
            record.take_assignment(self._whole(polish.chosen))
            is_counted = record.limits.iterations is not None
            if steps >= TURN_STEPS and (is_counted or time.monotonic() - began > TURN_SECONDS):
                return

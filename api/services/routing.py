"""Recommendations for new leads, by the current plan, which is kept ready in its own process."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from concurrent.futures import CancelledError
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from threading import Event, Lock
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from api.errors import BusyError
from api.services.desk.routing import Books, hold, meet, prepare, rank
from api.services.known_people import counts_companies, erasures_of, people_behind
from api.services.plans.plans import current_standing, get_plan, sources_of
from api.services.publications.basis import transfers_since
from api.store.refusal import refusal_of
from api.store.tables import TransferRow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from concurrent.futures import Executor, Future

    from sqlalchemy.orm import Session

    from api.services.desk.desk import Desk
    from api.services.desk.routing import People
    from api.services.plans.plans import Standing
    from api.store.copies import Copies
    from api.store.database import Database

LOG = logging.getLogger(__name__)
KNOWN_FOR = 0.2
"""Seconds for which it is known what is current: hundreds ask in a second."""
TRIES = 3
"""How often a plan is made ready for a question."""
LOOKS_EVERY = 1.0
"""Seconds between two looks at it while nobody asks."""


class Routing:
    """Asks the process that has the current plan ready.

    Parameters
    ----------
    desk : that process, for nothing else
    patience : seconds that a question waits for the plan to be ready
    """

    def __init__(
        self, database: Database, copies: Copies, desk: Desk, *, patience: float = 10.0
    ) -> None:
        self._database, self._copies, self._desk = database, copies, desk
        self._patience = patience
        self._lock = Lock()
        self._looked_at = -math.inf
        self._current: Standing | None = None
        self._ready: _Ready | None = None

    async def current(self) -> Standing | None:
        """Return what is current, or was a moment ago; None before the first publication."""
        if self._current is None or time.monotonic() - self._looked_at >= KNOWN_FOR:
            return await asyncio.to_thread(self.look)
        return self._current

    async def rank(self, current: Standing, leads: Sequence[Mapping[str, Any]], top: int) -> bytes:
        """Return rankings by the current plan, as JSON; raises as `api.services.desk.routing.rank`.

        It waits without a thread, for many ask at the same time.

        Raises
        ------
        BusyError : the plan is not ready yet, or the process was lost
        """
        for _ in range(TRIES):
            ready = await self._prepared(current)
            told = await self._desk.await_answer(rank, ready.books, leads, top, ready.erasures)
            if told is not None:
                return told
            # What the process was told of customers, it has been told to forget.
            if self._ready is ready:
                self._reset()
        raise BusyError(f"plan {current.plan_id} is being prepared; try again soon")

    async def _prepared(self, current: Standing) -> _Ready:
        """Return a plan as soon as it is ready; raises BusyError as `rank`."""
        ready = self._ready
        if ready is None or not self._serves(ready, current):
            ready = await asyncio.to_thread(self.prepare, current)
        try:
            if not ready.prepared.done():
                async with asyncio.timeout(self._patience):
                    # Others wait for it, too, so who goes away must not end it.
                    await asyncio.shield(asyncio.wrap_future(ready.prepared))
            ready.prepared.result(0)
            return ready
        except TimeoutError:
            raise BusyError(f"plan {current.plan_id} is being prepared; try again soon") from None
        except (BrokenProcessPool, CancelledError) as error:
            self._reset()
            raise BusyError("the process that recommends was lost; try again soon") from error

    def look(self) -> Standing | None:
        """Look at what is current and who has its leads, and return it; None before the first."""
        # It counts from before: what is published meanwhile is seen in time.
        now = time.monotonic()
        ready = self._ready
        with self._database.reading() as session:
            current = current_standing(session)
            serves = current is not None and ready is not None and self._serves(ready, current)
            moved = _moved(session, ready.current, ready.told) if ready and serves else None
            people = _people(session, ready) if ready and serves else None
        with self._lock:
            if ready is not None and moved is not None:
                self._tell(ready, moved)
            if ready is not None and people is not None:
                self._introduce(ready, people)
        self._looked_at, self._current = now, current
        return current

    def prepare(self, current: Standing) -> _Ready:
        """Begin to have a plan ready, if it is not the one that is.

        Raises
        ------
        NotFoundError, ConflictError : there is no such plan, or nothing that it was made from
        """
        with self._lock:
            if self._ready is None or not self._serves(self._ready, current):
                with self._database.reading() as session:
                    plan = get_plan(session, current.plan_id)
                    sources = sources_of(session, self._copies, plan)
                    moved = _moved(session, current)
                    known = counts_companies(sources)
                    people = people_behind(session, plan.id) if known else None
                books = Books(sources, self._copies.directory(current.publication_id))
                prepared = self._desk.begin(prepare, books, people)
                erasures = None if people is None else people.erasures
                self._ready = _Ready(current, books, prepared, self._desk.process, erasures)
                if moved is not None:
                    self._tell(self._ready, moved)
            return self._ready

    def _tell(self, ready: _Ready, moved: _Moved) -> None:
        """Tell the process which leads changed hands, if nobody told it more.

        It does one thing after the other, so whoever asks afterwards is answered by it.
        """
        if moved.count > ready.told:
            self._desk.begin(hold, ready.books, moved.holders)
            ready.told = moved.count

    def _introduce(self, ready: _Ready, people: People) -> None:
        """Tell the process who are the customers, without whom was erased, if nobody did."""
        if ready.erasures is not None and people.erasures > ready.erasures:
            self._desk.begin(meet, ready.books, people)
            ready.erasures = people.erasures

    def look_again(self) -> None:
        """Have what is current looked at before the next answer: somebody was erased."""
        self._looked_at = -math.inf

    def keep_ready(self, ended: Event) -> None:
        """Have whichever plan is the current one ready, until an event is set.

        Others publish, too: workers, and servers beside this one.
        """
        told = ""
        while not ended.is_set():
            try:
                current = self.look()
                if current is not None:
                    self.prepare(current)
            except Exception as error:
                # Whatever it is: what is published next must be made ready all the same. Who asks
                # for a recommendation is told; here it is news once.
                fault = str(refusal_of(error) or error) or repr(error)
                if fault != told:
                    told = fault
                    LOG.warning("the current plan cannot be prepared: %s", fault)
            ended.wait(LOOKS_EVERY)

    def close(self) -> None:
        """End the process."""
        self._desk.close()

    def _serves(self, ready: _Ready, current: Standing) -> bool:
        # A process that replaces a lost one has nothing ready.
        return ready.current == current and ready.process is self._desk.process

    def _reset(self) -> None:
        with self._lock:
            self._ready = None


@dataclass
class _Ready:
    """A plan that is ready, or will be.

    Attributes
    ----------
    current : what was current then
    prepared : tells when
    process : has it
    erasures : of the personal data by which the process knows customers; None where it needs none
    told : how many transfers the process knows of
    """

    current: Standing
    books: Books
    prepared: Future[None]
    process: Executor | None
    erasures: int | None = None
    told: int = 0


@dataclass(frozen=True)
class _Moved:
    """What changed hands since a publication: how often, and who has each lead now."""

    count: int
    holders: dict[str, str | None]


def _moved(session: Session, current: Standing, told: int = 0) -> _Moved | None:
    """Return what changed hands; None if there is no more than what was told."""
    since = TransferRow.publication_number == current.number
    count = session.scalar(select(func.count()).where(since)) or 0
    if count <= told:
        return None
    rows = transfers_since(session, current.number, None)
    return _Moved(count, {row.lead_id: row.to_rep for row in rows})


def _people(session: Session, ready: _Ready) -> People | None:
    """Return the personal data that the process must know now; None if it knows no more or needs
    none.
    """
    plan_id = ready.current.plan_id
    if ready.erasures is None or erasures_of(session, plan_id) <= ready.erasures:
        return None
    return people_behind(session, plan_id)

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

from api.errors import BusyError
from api.services.desk.routing import prepare, rank
from api.services.plans.plans import current_plan_id, get_plan, sources_of
from models.errors import FairleadError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from concurrent.futures import Executor, Future

    from api.services.desk.desk import Desk
    from api.services.desk.planned import Sources
    from api.store.copies import Copies
    from api.store.database import Database

LOG = logging.getLogger(__name__)
KNOWN_FOR = 0.2
"""Seconds for which it is known which plan is the current one: hundreds ask in a second."""
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
        self._looked_at, self._current = -math.inf, ""
        self._ready: _Ready | None = None

    async def current(self) -> str | None:
        """Return the plan that is the current one, or was a moment ago; None before the first."""
        if not self._current or time.monotonic() - self._looked_at >= KNOWN_FOR:
            return await asyncio.to_thread(self.look)
        return self._current

    async def rank(self, plan_id: str, leads: Sequence[Mapping[str, Any]], top: int) -> bytes:
        """Return rankings by the current plan, as JSON; raises as `api.services.desk.routing.rank`.

        It waits without a thread, for many ask at the same time.

        Raises
        ------
        BusyError : the plan is not ready yet, or the process was lost
        """
        ready = self._ready
        if ready is None or not self._serves(ready, plan_id):
            ready = await asyncio.to_thread(self.prepare, plan_id)
        try:
            if not ready.prepared.done():
                async with asyncio.timeout(self._patience):
                    # Others wait for it, too, so who goes away must not end it.
                    await asyncio.shield(asyncio.wrap_future(ready.prepared))
            ready.prepared.result(0)
        except TimeoutError:
            raise BusyError(f"plan {plan_id} is being prepared; try again soon") from None
        except (BrokenProcessPool, CancelledError) as error:
            self._reset()
            raise BusyError("the process that recommends was lost; try again soon") from error
        return await self._desk.await_answer(rank, ready.sources, leads, top)

    def look(self) -> str | None:
        """Look at which plan is the current one, and return it; None before the first."""
        # It counts from before: what is published meanwhile is seen in time.
        now = time.monotonic()
        with self._database.reading() as session:
            plan_id = current_plan_id(session)
        self._looked_at, self._current = now, plan_id or ""
        return plan_id

    def prepare(self, plan_id: str) -> _Ready:
        """Begin to have a plan ready, if it is not the one that is.

        Raises
        ------
        NotFoundError, ConflictError : there is no such plan, or nothing that it was made from
        """
        with self._lock:
            if self._ready is None or not self._serves(self._ready, plan_id):
                with self._database.reading() as session:
                    sources = sources_of(session, self._copies, get_plan(session, plan_id))
                prepared = self._desk.begin(prepare, sources)
                self._ready = _Ready(plan_id, sources, prepared, self._desk.process)
            return self._ready

    def forget(self) -> None:
        """Let go of the plan that is ready, as its tables were removed."""
        self._reset()
        self._desk.close()

    def keep_ready(self, ended: Event) -> None:
        """Have whichever plan is the current one ready, until an event is set.

        Others publish, too: workers, and servers beside this one.
        """
        told = ""
        while not ended.is_set():
            try:
                plan_id = self.look()
                if plan_id is not None:
                    self.prepare(plan_id)
            except FairleadError as error:
                # Who asks for a recommendation is told; here it is news once.
                if str(error) != told:
                    told = str(error)
                    LOG.warning("the current plan cannot be prepared: %s", error)
            ended.wait(LOOKS_EVERY)

    def close(self) -> None:
        """End the process."""
        self._desk.close()

    def _serves(self, ready: _Ready, plan_id: str) -> bool:
        # A process that replaces a lost one has nothing ready.
        return ready.plan_id == plan_id and ready.process is self._desk.process

    def _reset(self) -> None:
        with self._lock:
            self._ready = None


@dataclass(frozen=True)
class _Ready:
    """A plan that is ready, or will be.

    Attributes
    ----------
    prepared : tells when
    process : has it
    """

    plan_id: str
    sources: Sources
    prepared: Future[None]
    process: Executor | None

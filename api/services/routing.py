"""Recommendations for new leads, by the current plan, which is kept ready in its own process."""

from __future__ import annotations

import logging
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as LateError
from concurrent.futures.process import BrokenProcessPool
from threading import Event, Lock
from typing import TYPE_CHECKING, Any

from api.errors import BusyError
from api.services.desk.routing import prepare, rank
from api.services.plans.plans import current_plan_id, get_plan, sources_of
from models.errors import FairleadError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from concurrent.futures import Future

    from api.services.desk.desk import Desk
    from api.services.desk.planned import Sources
    from api.store.copies import Copies
    from api.store.database import Database

LOG = logging.getLogger(__name__)
LOOKS_EVERY = 1.0
"""Seconds between two looks at which plan is the current one."""


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
        self._plan_id = ""
        self._sources: Sources | None = None
        self._prepared: Future[None] | None = None

    def rank(self, plan_id: str, leads: Sequence[Mapping[str, Any]], top: int) -> bytes:
        """Return rankings by the current plan, as JSON; raises as `api.services.desk.routing.rank`.

        Raises
        ------
        BusyError : the plan is not ready yet, or the process was lost
        """
        sources, prepared = self.prepare(plan_id)
        try:
            prepared.result(self._patience)
            return self._desk.ask(rank, sources, leads, top)
        except LateError:
            raise BusyError(f"plan {plan_id} is being prepared; try again soon") from None
        except BusyError:
            self._reset()
            raise
        except (BrokenProcessPool, CancelledError) as error:
            self._reset()
            raise BusyError("the process that recommends was lost; try again soon") from error

    def prepare(self, plan_id: str) -> tuple[Sources, Future[None]]:
        """Begin to have a plan ready, if it is not the one that is; return what tells when.

        Raises
        ------
        NotFoundError, ConflictError : there is no such plan, or nothing that it was made from
        """
        with self._lock:
            if self._plan_id != plan_id or self._sources is None or self._prepared is None:
                with self._database.reading() as session:
                    plan = get_plan(session, plan_id)
                    self._sources = sources_of(session, self._copies, plan)
                self._plan_id = plan_id
                self._prepared = self._desk.begin(prepare, self._sources)
            return self._sources, self._prepared

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
                with self._database.reading() as session:
                    plan_id = current_plan_id(session)
                if plan_id is not None:
                    self.prepare(plan_id)
            except FairleadError as error:
                # Who asks for a recommendation is told; here it is news once.
                if str(error) != told:
                    told = str(error)
                    LOG.warning("the current plan cannot be prepared: %s", error)
            ended.wait(LOOKS_EVERY)

    def _reset(self) -> None:
        with self._lock:
            self._plan_id, self._sources, self._prepared = "", None, None

    def close(self) -> None:
        """End the process."""
        self._desk.close()

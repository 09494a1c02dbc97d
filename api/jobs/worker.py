"""A worker: takes runs one after another, and has each of them performed."""

from __future__ import annotations

import logging
import signal
from contextlib import contextmanager
from time import monotonic, sleep
from typing import TYPE_CHECKING

from api.errors import LeaseLostError, ServiceError, UnavailableError
from api.jobs.context import Context
from api.jobs.heartbeat import Heartbeat
from api.jobs.leases import Leases
from api.jobs.messages import ChildFault
from models.errors import FairleadError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from api.jobs.run import Done, Held
    from api.settings import Settings
    from api.store.database import Database

    Perform = Callable[[Held, Context], Done]
    Ending = Callable[[], object]

LOG = logging.getLogger(__name__)
LONGEST_SLEEP = 0.1
"""Seconds after which an idle worker sees that it was told to end."""


class Worker:
    """A loop over runs.

    Parameters
    ----------
    perform : does the work of a run; a FairleadError from it is final, another error is tried
        again. It must leave alone what another worker may have made of the same run
    name : unique among all workers
    """

    def __init__(
        self, database: Database, perform: Perform, *, name: str, settings: Settings
    ) -> None:
        self._leases = Leases(database, seconds=settings.lease_seconds, attempts=settings.attempts)
        self._perform = perform
        self._name = name
        self._settings = settings
        self._stopping = False

    def stop(self) -> None:
        """Let `work` return soon; the run in hand is given back unless it is done."""
        # No lock and no event: a signal may come while the main thread holds theirs.
        self._stopping = True

    def look(self) -> None:
        """Look whether the other workers are alive; to be called also while a run is in hand."""
        self._leases.look()

    def serve(self) -> None:
        """Work until the process is told to end by SIGTERM or Ctrl-C; in the main thread only."""
        with self._stopped_by(signal.SIGTERM, signal.SIGINT):
            self.work()

    def work(self, *, until_idle: bool = False) -> None:
        """Take runs until `stop` is called, or until there is none."""
        while not self._stopping:
            try:
                taken = self.work_once()
            except ServiceError as error:
                LOG.warning("worker %s cannot take a run: %s", self._name, error)
                taken = False
            else:
                if until_idle and not taken:
                    return
            if not taken:
                self._pause()

    def work_once(self) -> bool:
        """Take one run and end it; return whether there was one.

        Raises
        ------
        UnavailableError : the database does not answer
        """
        taken_at = monotonic()
        held = self._leases.claim(self._name)
        if held is None:
            return False
        context = Context(self._leases, held, lambda: self._stopping)
        beating = Heartbeat(self._leases, held, context, self._settings, taken_at)
        with context.cleaning, beating:
            try:
                self._write_end(held, context)
            except LeaseLostError as error:
                LOG.warning("lease lost: %s", error)
        return True

    def _write_end(self, held: Held, context: Context) -> None:
        ending = self._ending(held, context)
        try:
            self._insist(ending, context)
        except LeaseLostError:
            raise
        except FairleadError as error:
            # What it went by may have changed meanwhile; another attempt goes by what is there now.
            LOG.warning("what run %s made cannot be kept: %s", held.id, error)
            reason = f"what it made cannot be kept: {error}"
            self._insist(self._failure(held, context, reason, retry=True), context)
        except Exception as error:
            LOG.exception("what run %s made cannot be written", held.id)
            reason = f"what it made cannot be written: {type(error).__name__}"
            self._insist(self._failure(held, context, reason, retry=True), context)

    def _ending(self, held: Held, context: Context) -> Ending:
        """Do the work of a run; return what then is to be written."""
        try:
            done = self._perform(held, context)
        except LeaseLostError:
            context.lose()
            return lambda: None
        except UnavailableError as error:
            return self._failure(held, context, str(error), retry=True)
        except FairleadError as error:
            return self._failure(held, context, str(error), retry=False)
        except ChildFault as fault:
            LOG.warning("run %s failed in attempt %d: %s", held.id, held.attempt, fault)
            return self._failure(held, context, str(fault), retry=True)
        except Exception as error:
            LOG.exception("run %s failed in attempt %d", held.id, held.attempt)
            reason = f"{type(error).__name__}: {error}"
            return self._failure(held, context, reason, retry=True)
        if context.interrupted and not context.cancelled:
            return lambda: self._leases.give_back(held)
        return lambda: self._leases.finish(held, done)

    def _failure(self, held: Held, context: Context, reason: str, *, retry: bool) -> Ending:
        if context.interrupted:
            return lambda: self._leases.give_back(held)
        return lambda: self._leases.fail(held, reason, retry=retry)

    def _insist(self, ending: Ending, context: Context) -> None:
        """Write the end of a run, also if the database is away for a part of the lease."""
        while not context.lost:
            try:
                ending()
            except UnavailableError as error:
                LOG.warning("worker %s cannot write the end of a run: %s", self._name, error)
                # Also while it shuts down: what is done is worth a part of the lease.
                sleep(LONGEST_SLEEP)
            else:
                return

    def _pause(self) -> None:
        until = monotonic() + self._settings.poll_seconds
        while not self._stopping and (left := until - monotonic()) > 0:
            sleep(min(LONGEST_SLEEP, left))

    @contextmanager
    def _stopped_by(self, *numbers: signal.Signals) -> Iterator[None]:
        before = {number: signal.signal(number, lambda *_: self.stop()) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

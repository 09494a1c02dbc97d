"""Signs of life of a worker while it works on a run."""

from __future__ import annotations

import logging
from time import monotonic
from typing import TYPE_CHECKING

from api.errors import LeaseLostError
from api.jobs.background import Background

if TYPE_CHECKING:
    from api.jobs.context import Context
    from api.jobs.leases import Leases
    from api.jobs.run import Held
    from api.settings import Settings

LOG = logging.getLogger(__name__)
LONGEST_SLEEP = 0.25
"""Seconds after which it looks whether the worker shuts down."""
LOOK_SECONDS = 0.5
"""Seconds after which it looks whether the run was cancelled: who did that waits."""


class Heartbeat(Background):
    """A thread that prolongs a lease within a `with` block, and tells the run what it hears.

    Parameters
    ----------
    taken_at : monotonic seconds before the run was claimed: its lease holds at least from there
    """

    def __init__(
        self, leases: Leases, held: Held, context: Context, settings: Settings, taken_at: float
    ) -> None:
        super().__init__(f"heartbeat of {held.id}")
        self._leases = leases
        self._held = held
        self._context = context
        self._settings = settings
        self._alive_at = taken_at

    def _work(self) -> None:
        interval = self._settings.heartbeat_seconds
        next_beat, next_look = self._alive_at + interval, self._alive_at + LOOK_SECONDS
        told_to_end_at: float | None = None
        while not self._done.wait(min(LONGEST_SLEEP, max(0.0, next_beat - monotonic()))):
            if monotonic() >= next_beat:
                next_beat = monotonic() + interval
                self._beat()
            if monotonic() >= next_look:
                next_look = monotonic() + LOOK_SECONDS
                self._look()
            if self._context.lost:
                return
            if self._context.shuts_down():
                told_to_end_at = told_to_end_at or monotonic()
                if monotonic() - told_to_end_at >= self._settings.grace_seconds:
                    self._context.interrupt()

    def _look(self) -> None:
        try:
            if self._leases.is_cancelled(self._held):
                self._context.cancelled = True
        except Exception as error:
            # The next beat will tell what it means.
            LOG.debug("run %s cannot be looked at: %s", self._held.id, error)

    def _beat(self) -> None:
        asked_at = monotonic()
        try:
            self._context.cancelled = self._leases.beat(self._held)
        except LeaseLostError as error:
            self._lose(str(error))
        except Exception as error:
            # Whatever it is: a thread that ended here would leave the lease to end unnoticed.
            LOG.warning("no sign of life for run %s: %s", self._held.id, error)
            # By now another worker may have it: nobody can tell while the database is silent.
            if asked_at - self._alive_at >= self._settings.lease_seconds:
                self._lose(str(error))
        else:
            self._alive_at = asked_at

    def _lose(self, why: str) -> None:
        LOG.warning("lease lost: %s", why)
        self._context.lose()

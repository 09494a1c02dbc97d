"""Runs, and waiting for them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from api.client.collection import Collection, Thing

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.client.connection import Connection

LOOKS_EVERY = 1.0
"""Seconds between two looks at a run."""
ENDED = frozenset({"invalid", "solved", "failed", "cancelled"})


class Runs(Collection[Thing]):
    """Executions of engines."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, "/v1/runs", Thing)

    def wait(
        self,
        run_id: str,
        *,
        progress: Callable[[Thing], None] | None = None,
        seconds: float | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> Thing:
        """Return a run that has ended, however it did.

        Parameters
        ----------
        progress : is told the run each time that it is looked at
        seconds : how long to wait at most; without end if not given

        Raises
        ------
        TimeoutError : it has not ended; it goes on
        """
        ends = None if seconds is None else time.monotonic() + seconds
        while True:
            run = self.get(run_id)
            if progress is not None:
                progress(run)
            status: Any = getattr(run, "status", None)
            if status in ENDED:
                return run
            if ends is not None and time.monotonic() + LOOKS_EVERY > ends:
                raise TimeoutError(f"run {run_id} is still {status} after {seconds:g} s")
            sleep(LOOKS_EVERY)

    def stop(self, run_id: str) -> Thing:
        """Have a run end with the best plan so far."""
        return self.step(run_id, "stop")

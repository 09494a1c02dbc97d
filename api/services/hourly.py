"""What a process does once an hour beside its work."""

from __future__ import annotations

import logging
from threading import Event, Thread
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

LOG = logging.getLogger(__name__)
HOUR = 3600.0


class Hourly:
    """A thread that does something at once and then every hour, within a `with` block.

    Parameters
    ----------
    work : what fails in it is logged, and tried again an hour later
    """

    def __init__(self, work: Callable[[], object], seconds: float = HOUR) -> None:
        self._work = work
        self._seconds = seconds
        self._ending = Event()
        self._thread = Thread(target=self._repeat, name="hourly", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ending.set()
        self._thread.join()

    def _repeat(self) -> None:
        while not self._ending.is_set():
            try:
                self._work()
            except Exception:
                # Whatever it is: a thread that ended here would keep data for ever, unnoticed.
                LOG.exception("what is done every hour failed; it is tried again")
            self._ending.wait(self._seconds)

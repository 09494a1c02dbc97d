"""What workers do besides runs, from time to time."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

from api.jobs.background import Background

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Duty:
    """Something that is done again and again.

    Attributes
    ----------
    name : for the log
    seconds : between two times
    do : harmless if other workers do it at the same moment
    """

    name: str
    seconds: float
    do: Callable[[], object]


class Ticker(Background):
    """A thread that does duties within a `with` block, also while its worker has a run in hand."""

    def __init__(self, duties: Sequence[Duty]) -> None:
        super().__init__("ticker")
        self._duties = duties

    def _work(self) -> None:
        due = dict.fromkeys(range(len(self._duties)), monotonic())
        while True:
            for number, duty in enumerate(self._duties):
                if monotonic() >= due[number] and not self._done.is_set():
                    self._do(duty)
                    due[number] = monotonic() + duty.seconds
            next_at = min(due.values(), default=monotonic() + 1.0)
            if self._done.wait(max(0.0, next_at - monotonic())):
                return

    def _do(self, duty: Duty) -> None:
        try:
            duty.do()
        except Exception as error:
            # Whatever it is: the other duties, and this one's next time, must not end with it.
            LOG.warning("%s failed: %s: %s", duty.name, type(error).__name__, error)

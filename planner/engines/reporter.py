"""The watcher that an engine has in its own process."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from planner.engines.messages import Found, encode
from planner.engines.transport import (
    CHOSEN,
    MULTIPLIERS,
    PRICES,
    joined_conflict,
    joined_multipliers,
    joined_prices,
    write_array,
)

if TYPE_CHECKING:
    from pathlib import Path

    from models.arrays import Ints
    from models.conflict import Conflict
    from models.outcome import Multipliers, Prices
    from models.problem import Problem
    from planner.engines.engine import Progress
    from planner.engines.messages import Message

# People read a word of progress ten times a second at most; native logs are faster.
TEXT_SECONDS = 0.1


class Reporter:
    """The engine's watcher: writes what it hears to files, and tells the parent."""

    def __init__(self, directory: Path, outbox: BinaryIO) -> None:
        self.directory = directory
        self.outbox = outbox
        self.cancelled = threading.Event()
        self._deadline = np.inf
        self._text_due = 0.0
        # Solvers call back from their own threads.
        self._lock = threading.Lock()

    def start_clock(self, seconds: float | None) -> None:
        """Let `should_stop` become true after so many seconds."""
        self._deadline = np.inf if seconds is None else time.monotonic() + seconds

    def send(self, message: Message) -> None:
        """Send a message at once."""
        self.outbox.write(encode(message))
        self.outbox.flush()

    def report(self, progress: Progress) -> None:
        """Send an improvement; drop a mere text that comes soon after another one."""
        with self._lock:
            found = Found(
                chosen=self.write_chosen(CHOSEN, progress.chosen),
                prices=self.write_prices(PRICES, progress.prices),
                bound=None if progress.bound is None else float(progress.bound),
                text=progress.message,
                multipliers=self.write_multipliers(MULTIPLIERS, progress.multipliers),
            )
            now = time.monotonic()
            is_better = found.chosen or found.prices or found.multipliers
            if is_better or found.bound is not None or now >= self._text_due:
                self._text_due = now + TEXT_SECONDS
                self.send(found)

    def should_stop(self) -> bool:
        """Whether the parent has cancelled the run or the time is over."""
        return self.cancelled.is_set() or time.monotonic() >= self._deadline

    def write_chosen(self, name: str, chosen: Ints | None) -> bool:
        """Write an assignment, and return whether there was one."""
        if chosen is None:
            return False
        write_array(self.directory, name, chosen.astype(np.int64, casting="same_kind", copy=False))
        return True

    def write_prices(self, name: str, prices: Prices | None) -> bool:
        """Write prices, one resource after the other, and return whether there were any."""
        if prices is None:
            return False
        write_array(self.directory, name, joined_prices(prices))
        return True

    def write_multipliers(self, name: str, multipliers: Multipliers | None) -> bool:
        """Write multipliers with their prices, and return whether there were any."""
        if multipliers is None:
            return False
        write_array(self.directory, name, joined_multipliers(multipliers))
        return True

    def write_conflict(self, name: str, conflict: Conflict | None, problem: Problem) -> bool:
        """Write a conflict of a problem, and return whether there was one."""
        if conflict is None:
            return False
        write_array(self.directory, name, joined_conflict(conflict, problem))
        return True

"""What is left of a time limit, and parts of it."""

from __future__ import annotations

import time

OWN_SHARE = 0.9
"""Of the limit: solvers overrun what they are given, and who waits ends the process."""


class TimeLeft:
    """A clock that runs from its making on.

    Parameters
    ----------
    seconds : the limit; None for none
    """

    def __init__(self, seconds: float | None) -> None:
        self._limit = None if seconds is None else OWN_SHARE * seconds
        self._began = time.monotonic()

    def passed(self) -> float:
        """Return the seconds since the beginning."""
        return time.monotonic() - self._began

    def left(self) -> float | None:
        """Return the seconds that are left; None without a limit."""
        return None if self._limit is None else max(0.0, self._limit - self.passed())

    def part(self, share: float) -> float | None:
        """Return a share of what is left; None without a limit."""
        left = self.left()
        return None if left is None else share * left

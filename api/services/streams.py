"""Answers that stay open: how many there may be at a time."""

from __future__ import annotations

from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

from api.errors import BusyError

if TYPE_CHECKING:
    from collections.abc import Iterator


class Streams:
    """Counts open answers.

    Parameters
    ----------
    most : how many there may be
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._open = 0
        self._lock = Lock()

    @contextmanager
    def one(self) -> Iterator[None]:
        """Count one more within a `with` block; BusyError if there are too many."""
        with self._lock:
            if self._open >= self._most:
                raise BusyError(
                    f"{self._open} callers follow runs; this installation allows {self._most}. Ask "
                    "for the run itself from time to time, or try again later"
                )
            self._open += 1
        try:
            yield
        finally:
            with self._lock:
                self._open -= 1

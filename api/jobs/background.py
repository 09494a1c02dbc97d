"""A thread that works beside a `with` block and ends with it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from threading import Event, Thread
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType


class Background(ABC):
    """What works in a thread of its own until its `with` block ends.

    Parameters
    ----------
    name : of the thread
    """

    def __init__(self, name: str) -> None:
        self._done = Event()
        self._thread = Thread(target=self._work, name=name, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._done.set()
        self._thread.join()

    @abstractmethod
    def _work(self) -> None:
        """Work, and return soon after `_done` is set."""

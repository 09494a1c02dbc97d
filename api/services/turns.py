"""Work that is prepared beside the database and holds only if nothing moved meanwhile.

The database decides who comes first, on whatever machines they are. Taking turns within a process
only saves that fifty who want the same prepare it fifty times.
"""

from __future__ import annotations

from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from api.errors import BusyError, ConflictError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TRIES = 5
Told = TypeVar("Told")


class MovedError(Exception):
    """What was prepared no longer fits what is stored; prepare it again."""


class Turns:
    """Two lines in which requests of this process wait: of who publishes, and of who claims."""

    def __init__(self) -> None:
        self.publishing = Lock()
        self.claiming = Lock()


@contextmanager
def turn(line: Lock, seconds: float) -> Iterator[None]:
    """Wait for one's turn; BusyError if it does not come in time."""
    if not line.acquire(timeout=seconds):
        raise BusyError(f"others were before you for {seconds:g} s; try again")
    try:
        yield
    finally:
        line.release()


def until_it_holds(attempt: Callable[[], Told]) -> Told:
    """Return what an attempt returns, made anew while it finds that something moved.

    Raises
    ------
    ConflictError : something moved each time
    """
    for _ in range(TRIES):
        try:
            return attempt()
        except MovedError:
            continue
    raise ConflictError(
        "others published, claimed or returned leads, or sent tables, each time this was prepared; "
        "try again"
    )

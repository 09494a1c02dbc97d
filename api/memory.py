"""How a process that runs for months keeps its memory.

A full garbage collection looks at every object. With the libraries loaded that takes a quarter of a
second, in which nobody is answered (docs/figures.md).
"""

from __future__ import annotations

import ctypes
import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

NEW_OBJECTS = 2_000
"""Between two collections of what is new. Most of what a request makes is gone by itself when it
ends; of the rest, 20,000 were megabytes at a time, after which the process stayed as large.
"""


@contextmanager
def without_collections() -> Iterator[None]:
    """Collect no garbage while libraries are loaded: it would take a seventh of that time, and find
    hardly any.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def settle() -> None:
    """Take what is there now as there to stay; call it where a process has made ready."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, 10, 10)


M_ARENA_MAX = -8
"""Of `mallopt` (malloc.h of glibc)."""
ARENAS = 2


def share_arenas() -> None:
    """Have all threads get their memory from few places; call it before there are others.

    glibc gives each thread a place of its own, up to eight a processor, and what is free in one is
    of no use to the others: with forty threads that come and go it grew for hours.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    # Other C libraries have no such places.
    if mallopt is not None:
        mallopt(M_ARENA_MAX, ARENAS)

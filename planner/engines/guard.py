"""What keeps a child process from outliving its parent, and from taking more than it may."""

from __future__ import annotations

import ctypes
import os
import resource
import select
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import threading

MB = 2**20
# Address space that is reserved but never becomes memory, so the limit must leave room for it.
# Measured with ortools 9.15: its libraries map 290 MB, where an engine imports them only when it
# solves; every thread reserves 64 MB for its own heap (glibc) and 8 MB for its stack.
LIBRARIES_MB = 300
THREAD_MB = 72
PARENT_CHECK_SECONDS = 1.0


def die_with(parent: int) -> None:
    """Have the kernel end this process with its parent, even while native code holds the GIL.

    The kernel's parent is the thread that started this process: it must wait for its end.
    """
    if sys.platform == "linux":
        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL)
    # The parent may have gone before the kernel knew.
    if os.getppid() != parent:
        os._exit(1)


def listen(inbox: int, parent: int, cancelled: threading.Event) -> None:
    """Wait for the parent's word to stop; end this process when the parent is gone.

    Parameters
    ----------
    inbox : a pipe's descriptor: a byte is the word, its end tells that the parent is gone
    """
    poller = select.poll()
    poller.register(inbox, select.POLLIN)
    while os.getppid() == parent:
        if poller.poll(1000 * PARENT_CHECK_SECONDS):
            if not os.read(inbox, 1):
                break
            cancelled.set()
    os._exit(1)


def limit_memory(megabytes: int, threads: int) -> None:
    """Bound the memory of this process, counted above what its imports took."""
    # Elsewhere the address space holds hundreds of shared gigabytes, and no limit is kept.
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        extra = megabytes + LIBRARIES_MB + THREAD_MB * threads
        lower(resource.RLIMIT_AS, pages * resource.getpagesize() + extra * MB)


def lower(kind: int, value: int) -> None:
    """Lower one of this process's limits (`resource.RLIMIT_...`), soft and hard."""
    _, ceiling = resource.getrlimit(kind)
    if ceiling != resource.RLIM_INFINITY:
        value = min(value, ceiling)
    resource.setrlimit(kind, (value, value))

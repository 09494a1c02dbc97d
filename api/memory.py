"""What stays in memory, so that the garbage collector need not look at it again and again.

A full collection looks at every object. With the libraries loaded that takes a quarter of a second,
in which nobody is answered (docs/figures.md).
"""

from __future__ import annotations

import gc

NEW_OBJECTS = 20_000
"""Between two collections of what is new; a request makes a few thousand, and most are gone by
themselves when it ends.
"""


def settle() -> None:
    """Take what is there now as there to stay; call it where a process has made ready."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, 10, 10)

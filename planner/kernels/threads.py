"""How many threads kernels use."""

from __future__ import annotations

import numba


def use_threads(count: int) -> None:
    """Use so many threads from now on; at most as many as this process began with."""
    numba.set_num_threads(min(count, numba.config.NUMBA_NUM_THREADS))  # type: ignore[attr-defined]

"""Small requests beside the large ones: whether the server still answers, and how fast."""

from __future__ import annotations

import time
from collections import Counter
from threading import Lock
from typing import TYPE_CHECKING, Any

import httpx2
import numpy as np

from api.jobs.background import Background

if TYPE_CHECKING:
    from collections.abc import Sequence

EVERY_SECONDS = 0.2
PATHS = ("/health", "/v1/runs?limit=1")


class Asking(Background):
    """Asks again and again, for as long as a `with` block lasts."""

    def __init__(self, address: str, key: str) -> None:
        super().__init__("asking")
        headers = {"Authorization": f"Bearer {key}"}
        self._http = httpx2.Client(base_url=address, headers=headers, timeout=60.0)
        self._lock = Lock()
        self._took: list[float] = []
        self._statuses: Counter[int] = Counter()

    def take(self) -> dict[str, Any]:
        """Return what the answers since the last call took, in milliseconds, and their statuses."""
        with self._lock:
            took, self._took = self._took, []
            statuses, self._statuses = self._statuses, Counter()
        return {"asked": len(took), "statuses": dict(statuses), **percentiles(took)}

    def _work(self) -> None:
        with self._http:
            self._ask()

    def _ask(self) -> None:
        while not self._done.wait(EVERY_SECONDS):
            for path in PATHS:
                began = time.perf_counter()
                try:
                    status = self._http.get(path).status_code
                except httpx2.TransportError:
                    # No answer is none that a number stands for.
                    status = 0
                with self._lock:
                    self._took.append(1e3 * (time.perf_counter() - began))
                    self._statuses[status] += 1


def percentiles(took: Sequence[float]) -> dict[str, float]:
    """Return percentiles of times in milliseconds, and the longest; empty of none."""
    if not took:
        return {}
    told = {f"p{at:g}_ms": round(float(np.percentile(took, at)), 1) for at in (50, 95, 99)}
    return {**told, "most_ms": round(max(took), 1)}

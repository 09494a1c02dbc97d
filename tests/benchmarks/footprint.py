"""How much memory each process of a service takes, looked at while it works."""

from __future__ import annotations

from threading import Lock

import psutil

from api.jobs.background import Background

EVERY_SECONDS = 0.5
SERVER, WORKER, RUN, DESK = "server", "worker", "run", "desk"
"""Who takes memory; a desk is any process beside the server, and a run any below the worker."""


class Footprint(Background):
    """Watches a server and all processes below it, for as long as a `with` block lasts.

    Parameters
    ----------
    pid : of the server
    """

    def __init__(self, pid: int) -> None:
        super().__init__("footprint")
        self._server = psutil.Process(pid)
        self._peaks: dict[str, float] = {}
        self._lock = Lock()

    def take(self) -> dict[str, float]:
        """Return the most that a process of each kind has taken since the last call, in MB."""
        self._look()
        with self._lock:
            taken, self._peaks = self._peaks, {}
        return taken

    def _work(self) -> None:
        while not self._done.wait(EVERY_SECONDS):
            self._look()

    def _look(self) -> None:
        sizes = [(SERVER, self._server.memory_info().rss)]
        for child in self._server.children():
            try:
                is_worker = "api.worker" in child.cmdline()
                sizes.append((WORKER if is_worker else DESK, child.memory_info().rss))
                below = child.children(recursive=True)
                sizes += [(RUN, one.memory_info().rss) for one in below]
            except psutil.NoSuchProcess:
                # It has ended meanwhile.
                continue
        with self._lock:
            for name, size in sizes:
                self._peaks[name] = max(self._peaks.get(name, 0.0), round(size / 1e6, 1))

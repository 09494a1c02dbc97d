"""What a run's work hears from its worker, and tells it."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator

    from api.jobs.leases import Leases
    from api.jobs.run import Held
    from api.store.columns import Json


class Context:
    """A run's connection to its worker.

    Parameters
    ----------
    shuts_down : whether the worker was told to end; kept as an attribute

    Attributes
    ----------
    cancelled : the caller wants it to end, with the best plan so far
    lost : another worker has the run: nothing that is made of it counts
    interrupted : the work was told to stop because the worker shuts down, so it is not whole
    cleaning : closed when the run's end is written, or never will be
    """

    def __init__(self, leases: Leases, held: Held, shuts_down: Callable[[], bool]) -> None:
        self._leases = leases
        self._held = held
        self.shuts_down = shuts_down
        self._children: set[subprocess.Popen[bytes]] = set()
        self._lock = Lock()
        self._closed = False
        self.cleaning = ExitStack()
        self.cancelled = False
        self.lost = False
        self.interrupted = False

    def should_stop(self) -> bool:
        """Return whether the work shall end soon; ask often."""
        if self.shuts_down():
            self.interrupted = True
        return self.cancelled or self.lost or self.interrupted

    def progress(self, told: Json, *, is_built: bool = True) -> None:
        """Show how far the run is, and whether its problem is built; LeaseLostError if another
        worker has it.
        """
        self._leases.progress(self._held, told, is_built=is_built)

    @contextmanager
    def child(self, process: subprocess.Popen[bytes]) -> Iterator[None]:
        """Have a process killed if the run is lost while the block lasts."""
        with self._lock:
            self._children.add(process)
            if self._closed:
                process.kill()
        try:
            yield
        finally:
            with self._lock:
                self._children.discard(process)

    def lose(self) -> None:
        """Note that another worker has the run, and end its processes here."""
        self.lost = True
        self._end_children()

    def interrupt(self) -> None:
        """End the run's processes here, because the worker must end and cannot wait longer."""
        self.interrupted = True
        self._end_children()

    def _end_children(self) -> None:
        with self._lock:
            self._closed = True
            for process in self._children:
                process.kill()

"""The parent's handle of an engine's process."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from planner.engines.child_process import child_process
from planner.engines.messages import EngineFault, LineReader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from planner.engines.child_process import Child
    from planner.engines.messages import Message

CHILD = "planner.engines.child"


class EngineProcess:
    """An engine's process; made by `engine_process`."""

    def __init__(self, child: Child) -> None:
        self._child = child
        self._lines = LineReader()
        self.ask_to_stop, self.leave = child.ask_to_stop, child.leave

    def receive(self, seconds: float) -> list[Message]:
        """Return what the process has sent, waiting for it at most `seconds`.

        Raises
        ------
        EngineFault : the process has ended, or sent what is no message
        """
        data = self._child.read(seconds)
        if data == b"":
            told, advice = self._child.ending()
            raise EngineFault(f"the engine's process {told}", advice)
        return self._lines.feed(data) if data else []


@contextmanager
def engine_process(directory: Path, threads: int) -> Iterator[EngineProcess]:
    """Start `planner.engines.child` on a directory with a job; kill it at the end, if need be."""
    with child_process(CHILD, directory, threads) as child:
        yield EngineProcess(child)

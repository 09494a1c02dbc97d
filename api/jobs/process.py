"""A run's process, as its worker sees it: start, hear, stop, end."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from pydantic import ValidationError

from api.errors import TooLargeError, UnavailableError
from api.jobs.messages import Answered, ChildFault, LineReader, OutOfMemory, Refused, Told
from api.jobs.tasks.task import ANSWER, TASK, Answer
from models.errors import error_of
from planner.engines.child_process import child_process, last_words

if TYPE_CHECKING:
    from pathlib import Path

    from api.jobs.context import Context
    from api.jobs.tasks.task import Base
    from models.errors import FairleadError
    from planner.engines.child_process import Child

LOG = logging.getLogger(__name__)
CHILD = "api.jobs.child"
POLL_SECONDS = 0.05
STOP_SECONDS = 3.0
"""What a stopped process without a plan gets to end by itself."""
KEEP_SECONDS = 600.0
"""What one with a plan gets to check and write it, which takes long if it is large."""
LARGEST_ANSWER = 64 << 20


def perform_task(
    task: Base, directory: Path, context: Context, *, longest: float, child: str
) -> Answer:
    """Do a task in a process of its own and return its answer; a plan lies beside it.

    It ends with this process, and is killed where its run is lost or its worker must end.

    Parameters
    ----------
    directory : an empty one, for the process's files
    longest : seconds after which it is stopped, whatever its own limits: something hangs
    child : the module that does it

    Raises
    ------
    ChildFault : the process died or sent what cannot be true; the text says how
    FairleadError : from the task
    LeaseLostError : another worker has the run
    """
    (directory / TASK).write_text(task.model_dump_json(), encoding="utf-8")
    with (
        child_process(child, directory, task.limits.threads) as process,
        context.child(process.process),
    ):
        return _Talk(process, directory, context, longest).answer()


class _Talk:
    """Hears a process out, and ends the talk when it must."""

    def __init__(self, process: Child, directory: Path, context: Context, longest: float) -> None:
        self._over_at = time.monotonic() + longest
        self._process = process
        self._directory = directory
        self._context = context
        self._lines = LineReader()
        self._has_plan = False
        self._stopped_at: float | None = None

    def answer(self) -> Answer:
        """Return the answer, with the process's last word."""
        while True:
            data = self._process.read(POLL_SECONDS)
            if data == b"":
                raise self._ending()
            for message in self._lines.feed(data) if data else ():
                if self._take(message):
                    self._process.leave()
                    return self._read()
            self._heed()

    def _take(self, message: Told | Answered | Refused | OutOfMemory) -> bool:
        """Do what a message asks for; return whether it was the last one."""
        match message:
            case Told():
                self._tell(message)
            case Refused():
                raise _error(message)
            case OutOfMemory():
                raise ChildFault(
                    "the run needs more than its memory limit; have FAIRLEAD_RUN_MEMORY_MB raised, "
                    "or plan fewer leads at once"
                )
        return isinstance(message, Answered)

    def _tell(self, message: Told) -> None:
        self._has_plan |= message.progress.get("objective") is not None
        try:
            self._context.progress(message.progress, is_built=message.is_built)
        except UnavailableError as error:
            # It is only told; the heartbeat decides when the database is away for too long.
            LOG.warning("progress was not told: %s", error)

    def _heed(self) -> None:
        """Ask the process to stop, or give it up."""
        if not self._context.should_stop() and time.monotonic() < self._over_at:
            return
        if self._context.lost or self._context.interrupted:
            raise ChildFault("the worker gave the run up")
        if self._stopped_at is None:
            self._stopped_at = time.monotonic()
            self._process.ask_to_stop()
        patience = KEEP_SECONDS if self._has_plan else STOP_SECONDS
        if time.monotonic() - self._stopped_at > patience:
            raise ChildFault(f"the run did not end within {patience:g} s after it was stopped")

    def _read(self) -> Answer:
        path = self._directory / ANSWER
        try:
            if path.stat().st_size > LARGEST_ANSWER:
                raise ChildFault(f"the run's answer has over {LARGEST_ANSWER:,} bytes")
            return Answer.model_validate_json(path.read_bytes())
        except (OSError, ValidationError):
            raise ChildFault("the run's process left an answer that cannot be read") from None

    def _ending(self) -> ChildFault:
        told, advice = self._process.ending()
        words = last_words(self._directory)
        parts = [
            f"the run's process {told}",
            *([advice.replace("memory_mb", "FAIRLEAD_RUN_MEMORY_MB")] if advice else []),
            *([f"last lines: {words}"] if words else []),
        ]
        return ChildFault("; ".join(parts))


def _error(refused: Refused) -> FairleadError:
    """Return the task's error."""
    if refused.error == TooLargeError.__name__:
        return TooLargeError(refused.text)
    return error_of(refused.error, refused.text)

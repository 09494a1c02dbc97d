"""The child's side of a run: `python -m api.jobs.child`, started by `process`.

It knows no database: its task and its answer are files of its directory.
"""

from __future__ import annotations

import faulthandler
import os
import resource
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from api.jobs.messages import LONGEST_TEXT, Answered, OutOfMemory, Refused, Told, encode
from api.jobs.tasks.diagnose import diagnose
from api.jobs.tasks.evaluate import evaluate
from api.jobs.tasks.rebalance import rebalance
from api.jobs.tasks.solve import solve
from api.jobs.tasks.task import (
    ANSWER,
    PLAN,
    TASK,
    TASKS,
    EvaluateTask,
    RebalanceTask,
    SolveTask,
)
from api.jobs.tasks.teller import Teller
from models.errors import FairleadError
from planner.engines.guard import die_with, limit_memory, listen, lower
from planner.engines.transport import CRASH

if TYPE_CHECKING:
    from api.jobs.messages import Message
    from api.jobs.tasks.task import Answer, AnyTask

NICENESS = 10
"""Solves stand back behind the server; engines in processes of their own even further."""
TELL_SECONDS = 1.0


class Outbox:
    """Where messages go; several threads send."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def send(self, message: Message) -> None:
        """Send a message at once."""
        with self._lock:
            self._stream.write(encode(message))
            self._stream.flush()


def main(arguments: list[str]) -> None:
    """Do the task that lies in a directory.

    Parameters
    ----------
    arguments : directory, file descriptors to write messages to and to be stopped by, parent
    """
    outbox, inbox, parent = map(int, arguments[1:])
    die_with(parent)
    directory = Path(arguments[0])
    # Not into the log, where it would hide what a native library said before it crashed.
    faulthandler.enable((directory / CRASH).open("wb"), all_threads=False)
    os.nice(NICENESS)
    lower(resource.RLIMIT_CORE, 0)
    stopped = threading.Event()
    threading.Thread(target=listen, args=(inbox, parent, stopped), daemon=True).start()
    out = Outbox(os.fdopen(outbox, "wb"))
    teller = Teller(
        lambda told, built: out.send(Told(progress=told, is_built=built)), stopped.is_set
    )
    threading.Thread(target=_tell, args=(teller,), daemon=True).start()
    # Once memory has run out there may be none to make this from.
    out_of_memory = encode(OutOfMemory())
    try:
        answer = _answer(directory, teller)
        (directory / ANSWER).write_text(answer.model_dump_json(), encoding="utf-8")
        out.send(Answered())
    except FairleadError as error:
        # Where this machine keeps its files is nobody's business.
        text = str(error).replace(f"{directory.parent}{os.sep}", "")
        out.send(Refused(error=type(error).__name__, text=text[:LONGEST_TEXT]))
    except MemoryError:
        os.write(outbox, out_of_memory)


def _answer(directory: Path, teller: Teller) -> Answer:
    task = TASKS.validate_json((directory / TASK).read_bytes())
    if task.memory_mb is not None:
        limit_memory(task.memory_mb, task.limits.threads)
    return _done(task, directory / PLAN, teller)


def _done(task: AnyTask, out: Path, teller: Teller) -> Answer:
    if isinstance(task, SolveTask):
        return solve(task, out, teller)
    if isinstance(task, EvaluateTask):
        return evaluate(task, out, teller)
    if isinstance(task, RebalanceTask):
        return rebalance(task, out, teller)
    return diagnose(task, teller)


def _tell(teller: Teller) -> None:
    """Tell what is new from time to time, as long as the process lives."""
    pause = threading.Event()
    while not pause.wait(TELL_SECONDS):
        teller.tell()


if __name__ == "__main__":
    main(sys.argv[1:])

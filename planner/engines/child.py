"""The child's side of an isolated solve: `python -m planner.engines.child`, started by `process`.

It has no answer to give but its messages. Whatever else happens to it, its parent explains.
"""

from __future__ import annotations

import ctypes
import faulthandler
import importlib
import os
import resource
import select
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import EngineError, FairleadError
from models.outcome import BoundSource
from planner.engines.messages import Done, OutOfMemory, Refused, Solving, encode
from planner.engines.reporter import Reporter
from planner.engines.transport import (
    CRASH,
    FINAL_CHOSEN,
    FINAL_CONFLICT,
    FINAL_MULTIPLIERS,
    FINAL_PRICES,
    read_job,
    read_problem,
    read_start,
)

if TYPE_CHECKING:
    from models.outcome import Limits, Outcome
    from models.problem import Problem
    from planner.engines.engine import Engine

MB = 2**20
# Address space that is reserved but never becomes memory, so the limit must leave room for it.
# Measured with ortools 9.15: its libraries map 290 MB, where an engine imports them only when it
# solves; every thread reserves 64 MB for its own heap (glibc) and 8 MB for its stack.
LIBRARIES_MB = 300
THREAD_MB = 72
# What a child may write into any one file: its arrays, and a log that must not fill the disk.
LARGEST_FILE = 64 * MB
NICENESS = 5
PARENT_CHECK_SECONDS = 1.0


def main(arguments: list[str]) -> None:
    """Solve the job that lies in a directory.

    Parameters
    ----------
    arguments : directory, file descriptors to write messages to and to be cancelled by, parent
    """
    outbox, inbox, parent = map(int, arguments[1:])
    _die_with(parent)
    # Not into the log, where it would hide what a native solver said before it crashed.
    faulthandler.enable((Path(arguments[0]) / CRASH).open("wb"), all_threads=False)
    reporter = Reporter(Path(arguments[0]), os.fdopen(outbox, "wb"))
    listener = threading.Thread(
        target=listen, args=(inbox, parent, reporter.cancelled), daemon=True
    )
    listener.start()
    # Once memory has run out there may be none to make this from.
    out_of_memory = encode(OutOfMemory())
    try:
        _solve(reporter)
    except FairleadError as error:
        reporter.send(Refused(type(error).__name__, str(error)))
    except MemoryError:
        os.write(outbox, out_of_memory)


def _solve(reporter: Reporter) -> None:
    job = read_job(reporter.directory)
    engine = load(job.engine)
    problem = read_problem(reporter.directory)
    start = read_start(reporter.directory, problem) if job.has_start else None
    _limit(job.limits, problem)
    reporter.start_clock(job.limits.seconds)
    reporter.send(Solving(engine.name))
    outcome = engine.solve(problem, job.limits, start, reporter)
    reporter.send(_done(outcome, reporter, problem))


def _done(outcome: Outcome, reporter: Reporter, problem: Problem) -> Done:
    by_solver = outcome.bound_source is BoundSource.SOLVER
    return Done(
        reason=str(outcome.reason),
        detail=outcome.detail,
        chosen=reporter.write_chosen(FINAL_CHOSEN, outcome.chosen),
        prices=reporter.write_prices(FINAL_PRICES, outcome.prices),
        bound=float(outcome.bound) if by_solver else None,
        bound_source=str(outcome.bound_source),
        iterations=int(outcome.iterations),
        multipliers=reporter.write_multipliers(FINAL_MULTIPLIERS, outcome.multipliers),
        conflict=reporter.write_conflict(FINAL_CONFLICT, outcome.conflict, problem),
    )


def load(path: str) -> Engine:
    """Return a new engine of the class `module:Class`.

    Raises
    ------
    EngineError : there is no such class
    """
    module, _, name = path.partition(":")
    try:
        engine: Engine = getattr(importlib.import_module(module), name)()
    except (ImportError, AttributeError, ValueError) as error:
        raise EngineError(f"engine {path!r} cannot be loaded: {error}") from error
    return engine


def _die_with(parent: int) -> None:
    """Have the kernel end this process with its parent, even while native code holds the GIL."""
    # The kernel's parent is the thread that started this process, and it waits in `run_isolated`.
    if sys.platform == "linux":
        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL)
    # The parent may have gone before the kernel knew.
    if os.getppid() != parent:
        os._exit(1)


def listen(inbox: int, parent: int, cancelled: threading.Event) -> None:
    """Wait for the parent's word to stop; end this process when the parent is gone."""
    poller = select.poll()
    poller.register(inbox, select.POLLIN)
    while os.getppid() == parent:
        if poller.poll(1000 * PARENT_CHECK_SECONDS):
            if not os.read(inbox, 1):
                break
            cancelled.set()
    os._exit(1)


def _limit(limits: Limits, problem: Problem) -> None:
    """Bound what this process may take; memory is counted above what its imports took."""
    os.nice(NICENESS)
    groups = sum(item.num_groups for item in problem.resources)
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_FSIZE, LARGEST_FILE + 8 * (problem.num_rows + groups))
    # Elsewhere the address space holds hundreds of shared gigabytes, and no limit is kept.
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        extra = limits.memory_mb + LIBRARIES_MB + THREAD_MB * limits.threads
        _lower(resource.RLIMIT_AS, pages * resource.getpagesize() + extra * MB)


def _lower(kind: int, value: int) -> None:
    _, ceiling = resource.getrlimit(kind)
    if ceiling != resource.RLIM_INFINITY:
        value = min(value, ceiling)
    resource.setrlimit(kind, (value, value))


if __name__ == "__main__":
    main(sys.argv[1:])

"""The child's side of an isolated solve: `python -m planner.engines.child`, started by `process`.

It has no answer to give but its messages. Whatever else happens to it, its parent explains.
"""

from __future__ import annotations

import faulthandler
import importlib
import os
import resource
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import EngineError, FairleadError
from models.outcome import BoundSource
from planner.engines.guard import MB, die_with, limit_memory, listen, lower
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

# What a child may write into any one file: its arrays, and a log that must not fill the disk.
LARGEST_FILE = 64 * MB
NICENESS = 5


def main(arguments: list[str]) -> None:
    """Solve the job that lies in a directory.

    Parameters
    ----------
    arguments : directory, file descriptors to write messages to and to be cancelled by, parent
    """
    outbox, inbox, parent = map(int, arguments[1:])
    die_with(parent)
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


def _limit(limits: Limits, problem: Problem) -> None:
    """Bound what this process may take."""
    os.nice(NICENESS)
    groups = sum(item.num_groups for item in problem.resources)
    lower(resource.RLIMIT_CORE, 0)
    lower(resource.RLIMIT_FSIZE, LARGEST_FILE + 8 * (problem.num_rows + groups))
    limit_memory(limits.memory_mb, limits.threads)


if __name__ == "__main__":
    main(sys.argv[1:])

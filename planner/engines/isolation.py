"""Solves in a child process, because native code can abort and must not take its caller along.

The child reads the problem from files, streams what it finds, and may die, hang or talk nonsense
at any moment. The parent keeps the best that it has verified, and the time.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from models.errors import ProblemError, UsageError
from models.outcome import StopReason
from planner.bound import clip_prices
from planner.engines.attempt import Attempt, Deadline
from planner.engines.engine import Start
from planner.engines.ledger import Ledger
from planner.engines.messages import EngineFault
from planner.engines.process import engine_process
from planner.engines.registry import engine_name
from planner.engines.transport import Job, write_job, write_problem, write_start
from planner.engines.workspace import workspace

if TYPE_CHECKING:
    from pathlib import Path

    from models.outcome import Limits, Outcome
    from models.problem import Problem
    from planner.engines.engine import Watcher


def run_isolated(
    engine: str,
    problem: Problem,
    limits: Limits,
    start: Start | None = None,
    *,
    watcher: Watcher | None = None,
    attempts: int = 3,
) -> Outcome:
    """Solve a problem in a child process and return a verified outcome.

    A child that dies or sends what cannot be true is replaced, and all children share the time
    limit. When `attempts` have failed, the reason is `failed` and the detail says why. At the time
    limit, or when the watcher wants to stop, the best plan so far is returned, even if the engine
    has to be killed.

    Parameters
    ----------
    engine : "module:Class", importable and made without arguments
    start : where the engine may begin; a feasible assignment counts as a plan
    watcher : hears of verified improvements in this thread; is asked about every 0.05 s
    attempts : how many children may fail, at least 1

    Raises
    ------
    FairleadError : the engine cannot be loaded, or refused the problem
    """
    if attempts < 1:
        raise UsageError(f"attempts is {attempts}; it must be at least 1")
    deadline = Deadline(limits)
    ledger = Ledger(problem, limits, engine_name(engine))
    if start is not None:
        start = _checked(start, problem)
        if problem.is_feasible(start.chosen):
            ledger.add_assignment(start.chosen)
    faults: list[EngineFault] = []
    with workspace() as directory:
        write_problem(directory, problem)
        while not (watcher is not None and watcher.should_stop()):
            _write_job(directory, engine, ledger, start)
            try:
                with engine_process(directory, limits.threads) as process:
                    return Attempt(process, directory, ledger, deadline, watcher).answer()
            except EngineFault as fault:
                faults.append(fault)
                ledger.forget_claims()
            if len(faults) == attempts or not faults[-1].retry or ledger.seconds_left <= 0:
                return _given_up(ledger, faults, attempts)
    return ledger.outcome(StopReason.CANCELLED, "cancelled before the engine began")


def _checked(start: Start, problem: Problem) -> Start:
    array = np.asarray(start.chosen)
    if array.shape != (problem.num_rows,) or array.dtype.kind not in "iu":
        raise ProblemError(
            f"the start is an array {array.shape} of {array.dtype}; it must hold a pair's number "
            f"for each of {problem.num_rows} rows"
        )
    prices = None if start.prices is None else clip_prices(problem, start.prices)
    return Start(array.astype(np.int64), prices)


def _write_job(directory: Path, engine: str, ledger: Ledger, start: Start | None) -> None:
    # A second attempt goes on where the first one fell, with the time that is left.
    if ledger.chosen is not None:
        start = Start(ledger.chosen, None if start is None else start.prices)
    if start is not None:
        write_start(directory, start)
    limits = ledger.limits
    if limits.seconds is not None:
        limits = replace(limits, seconds=max(0.0, ledger.seconds_left))
    write_job(directory, Job(engine, limits, has_start=start is not None))


def _given_up(ledger: Ledger, faults: list[EngineFault], attempts: int) -> Outcome:
    last = faults[-1]
    if not last.retry:
        return ledger.outcome(StopReason.FAILED, str(last))
    counts = Counter(map(str, faults))
    parts = [f"{text} in {count} of {attempts} attempts" for text, count in counts.items()]
    if len(faults) < attempts:
        parts.append("then its time was over")
    if last.advice:
        parts.append(last.advice)
    if last.output:
        parts.append(f"last lines: {last.output}")
    has_served_its_time = ledger.seconds_left <= 0 and ledger.chosen is not None
    reason = StopReason.TIME_LIMIT if has_served_its_time else StopReason.FAILED
    return ledger.outcome(reason, "; ".join(parts))

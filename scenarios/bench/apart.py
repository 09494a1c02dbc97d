"""A method in a process of its own: a crash, or a time limit that it ignores, ends nothing else."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from multiprocessing import connection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess
    from typing import Any

    from planner.engines.engine import Watcher
    from planner.engines.whole_model.claim import Claim

    Method = Callable[..., Claim]

POLL_SECONDS = 0.05
GRACE_SECONDS = 60.0
"""What a method gets beyond its time limit: HiGHS 1.12 has needed 20 s more to end by itself."""
START_SECONDS = 600.0
"""What it gets to load its libraries and to build its model."""
EXIT_SECONDS = 1.0


class NoAnswer(Exception):
    """The process of a method left no answer; the text says why."""


def run_apart(
    method: Method,
    arguments: tuple[Any, ...],
    seconds: float,
    watcher: Watcher,
    *,
    grace: float = GRACE_SECONDS,
) -> Claim:
    """Return what a method says, called in a new process.

    Parameters
    ----------
    method : importable by its name; takes the arguments and a function to call when it has loaded
        and built all it needs, from which on its time counts
    seconds : when it should have ended by itself
    watcher : may stop the run
    grace : seconds after which, beyond the others, the process is ended

    Raises
    ------
    NoAnswer : the process raised an error, died, was ended at its limit, or was stopped
    """
    context = multiprocessing.get_context("spawn")
    inbox, outbox = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(outbox, method, arguments), daemon=True)
    process.start()
    outbox.close()
    try:
        return _answer(process, inbox, seconds + grace, watcher)
    finally:
        process.kill()
        process.join()
        inbox.close()


def _answer(process: BaseProcess, inbox: Connection, seconds: float, watcher: Watcher) -> Claim:
    end = time.monotonic() + START_SECONDS
    while not watcher.should_stop():
        if inbox.poll(POLL_SECONDS):
            try:
                kind, content = inbox.recv()
            # The second one: it died while it sent its answer.
            except (EOFError, OSError):
                raise NoAnswer(_death(process)) from None
            if kind == "claim":
                claim: Claim = content
                return claim
            if kind == "error":
                raise NoAnswer(content)
            end = time.monotonic() + seconds
        elif time.monotonic() > end:
            raise NoAnswer("it was ended at its limit")
    raise NoAnswer("it was stopped")


def _death(process: BaseProcess) -> str:
    process.join(EXIT_SECONDS)
    code = process.exitcode
    if code is None or code >= 0:
        return f"it ended with exit code {code}"
    return f"it crashed ({(signal.strsignal(-code) or f'signal {-code}').lower()})"


def _work(outbox: Connection, method: Method, arguments: tuple[Any, ...]) -> None:
    """Call a method, in its process, and send what it says."""
    # Ctrl-C on the terminal is for the parent, which ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # Solvers print to stdout, which is for answers.
    os.dup2(2, 1)
    try:
        outbox.send(("claim", method(*arguments, lambda: outbox.send(("begin", None)))))
    except Exception as error:
        outbox.send(("error", f"{type(error).__name__}: {error}"))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)

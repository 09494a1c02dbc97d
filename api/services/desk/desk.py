"""A process beside the server, which answers questions about tables and plans."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
from concurrent.futures import CancelledError, Executor, Future, ProcessPoolExecutor
from concurrent.futures import TimeoutError as LateError
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from api.errors import BusyError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Asked = ParamSpec("Asked")
Told = TypeVar("Told")
POLITENESS = 5
"""Behind the server."""


class Desk:
    """One process that does one thing after another; a lost one is replaced.

    Parameters
    ----------
    seconds : how long a question may take, with its waiting
    waiting : how many questions may stand in line
    politeness : how far the process stands back behind others: see `nice`
    make : how the process is made; tests give a thread
    """

    def __init__(
        self,
        *,
        seconds: float,
        waiting: int = 32,
        politeness: int = POLITENESS,
        make: Callable[[], Executor] | None = None,
    ) -> None:
        self._seconds = seconds
        self._waiting = waiting
        self._make = make or partial(_new_process, politeness)
        self._lock = Lock()
        self._executor: Executor | None = None
        self._asked = 0
        self._preparing: set[Future[Any]] = set()

    def ask(self, work: Callable[Asked, Told], *args: Asked.args, **kwargs: Asked.kwargs) -> Told:
        """Return what a function of a module returns in the process.

        Raises
        ------
        BusyError : too many questions wait, it took too long, or the process was lost
        FairleadError : from the function
        """
        with self._question(partial(work, *args, **kwargs)) as answer:
            return answer.result(self._seconds)

    async def await_answer(
        self, work: Callable[Asked, Told], *args: Asked.args, **kwargs: Asked.kwargs
    ) -> Told:
        """Return the same without a thread that waits; raises as `ask` does."""
        with self._question(partial(work, *args, **kwargs)) as answer:
            try:
                async with asyncio.timeout(self._seconds):
                    return await asyncio.wrap_future(answer)
            except asyncio.CancelledError:
                asking = asyncio.current_task()
                if answer.cancelled() and asking is not None and not asking.cancelling():
                    # Not who asks was told to end, but the process.
                    raise CancelledError from None
                raise

    def begin(
        self, work: Callable[Asked, Told], *args: Asked.args, **kwargs: Asked.kwargs
    ) -> Future[Told]:
        """Have a function of a module called in the process, however long it takes."""
        return self._submitted(partial(work, *args, **kwargs))[1]

    def prepare(
        self, work: Callable[Asked, object], *args: Asked.args, **kwargs: Asked.kwargs
    ) -> None:
        """Have a function of a module called for what it leaves at hand in the process.

        What takes longer than a question may goes on, so that who asks again finds it ready.

        Raises
        ------
        BusyError : it is not ready yet, or the process was lost
        FairleadError : from the function
        """
        executor, done = self._submitted(partial(work, *args, **kwargs))
        with self._lock:
            self._preparing.add(done)
        done.add_done_callback(self._note_done)
        try:
            done.result(self._seconds)
        except LateError:
            # One that has not begun yet would only do again what another one does.
            done.cancel()
            raise BusyError(
                f"what this needs was not ready within {self._seconds:g} s, and is being made "
                "ready; ask again in a minute"
            ) from None
        except (BrokenProcessPool, CancelledError):
            self._replace(executor)
            raise BusyError("the process that answers was lost; try again") from None

    @property
    def asked(self) -> int:
        """How many questions are being answered or wait."""
        return self._asked

    @property
    def process(self) -> Executor | None:
        """The process that answers; another one once it was lost, None before it is needed."""
        return self._executor

    def close(self) -> None:
        """End the process."""
        with self._lock:
            executor, self._executor = self._executor, None
        if executor is not None:
            _end(executor)

    @contextmanager
    def _question(self, work: Callable[[], Told]) -> Iterator[Future[Told]]:
        """Count a question while it is waited for, and tell why there is no answer."""
        with self._lock:
            if self._asked >= self._waiting:
                raise BusyError(f"{self._asked} questions wait for an answer; try again soon")
            self._asked += 1
        try:
            executor, answer = self._submitted(work)
            try:
                yield answer
            except LateError:
                # What is prepared meanwhile is no fault of the question's, and would never be
                # ready.
                if not answer.cancel() and not self._is_preparing():
                    self._replace(executor)
                raise BusyError(
                    f"there was no answer within {self._seconds:g} s; ask for less, or again later"
                ) from None
            except (BrokenProcessPool, CancelledError):
                self._replace(executor)
                raise BusyError("the process that answers was lost; try again") from None
        finally:
            with self._lock:
                self._asked -= 1

    def _is_preparing(self) -> bool:
        with self._lock:
            return bool(self._preparing)

    def _note_done(self, done: Future[Any]) -> None:
        with self._lock:
            self._preparing.discard(done)

    def _submitted(self, work: Callable[[], Told]) -> tuple[Executor, Future[Told]]:
        executor = self._there()
        try:
            return executor, executor.submit(work)
        except RuntimeError:
            # It was lost, or ended by another question that took too long.
            self._replace(executor)
            executor = self._there()
            return executor, executor.submit(work)

    def _there(self) -> Executor:
        with self._lock:
            if self._executor is None:
                self._executor = self._make()
            return self._executor

    def _replace(self, lost: Executor) -> None:
        with self._lock:
            if self._executor is lost:
                self._executor = None
        _end(lost)


def _new_process(politeness: int) -> Executor:
    # Not a fork: the server has threads, whose locks a fork would keep locked for ever.
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(1, mp_context=context, initializer=_begin, initargs=(politeness,))


def _begin(politeness: int) -> None:
    os.nice(politeness)
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    # A pool's process waits for work for ever when what made it was killed.
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _end(executor: Executor) -> None:
    # What runs would run on, so a process that is late is killed.
    if isinstance(executor, ProcessPoolExecutor):
        executor.kill_workers() if hasattr(executor, "kill_workers") else _kill(executor)
    executor.shutdown(wait=False, cancel_futures=True)


def _kill(executor: ProcessPoolExecutor) -> None:
    # There is no other way before Python 3.14.
    for process in list((executor._processes or {}).values()):  # noqa: SLF001
        process.kill()

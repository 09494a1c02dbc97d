"""One engine's process from its start to its answer, as its parent sees it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from models.errors import error_of
from models.outcome import BoundSource, StopReason
from planner.engines.child_process import last_words
from planner.engines.engine import Progress
from planner.engines.messages import Done, EngineFault, Found, OutOfMemory, Refused, Solving, newest
from planner.engines.transport import (
    CHOSEN,
    FINAL_CHOSEN,
    FINAL_CONFLICT,
    FINAL_MULTIPLIERS,
    FINAL_PRICES,
    MULTIPLIERS,
    PRICES,
    read_chosen,
    read_conflict,
    read_multipliers,
    read_prices,
)

if TYPE_CHECKING:
    from pathlib import Path

    from models.outcome import Limits, Outcome
    from planner.engines.engine import Watcher
    from planner.engines.ledger import Ledger
    from planner.engines.messages import Message
    from planner.engines.process import EngineProcess

POLL_SECONDS = 0.05
# What a process gets to end by itself after it was cancelled.
CANCEL_SECONDS = 1.0
# Importing a solver takes 2 s; a far file system or a busy machine needs its time.
START_SECONDS = 120.0


class Deadline:
    """When a run's processes are killed.

    An engine's own clock starts when it has loaded the problem, and it may overrun its limit by
    1.0 s + 5 %. The call as a whole, starts of processes included, may take 2 s + 10 %; 0.3 s of
    that are kept for clearing up.
    """

    def __init__(self, limits: Limits) -> None:
        seconds = np.inf if limits.seconds is None else limits.seconds
        self._solving = 1.0 + 1.05 * seconds
        self._overall = time.monotonic() + 1.7 + 1.1 * seconds

    def is_over(self, solving_seconds: float) -> bool:
        """Whether it is time to kill, when the engine has been solving for so long."""
        return solving_seconds > self._solving or time.monotonic() > self._overall


class Attempt:
    """Hears a process out, and ends the talk when it is cancelled or its time is over."""

    def __init__(
        self,
        process: EngineProcess,
        directory: Path,
        ledger: Ledger,
        deadline: Deadline,
        watcher: Watcher | None,
    ) -> None:
        self._process = process
        self._directory = directory
        self._ledger = ledger
        self._deadline = deadline
        self._watcher = watcher
        self._begun = time.monotonic()
        self._is_solving = False
        self._cancelled: float | None = None

    def answer(self) -> Outcome:
        """Return the outcome, verified.

        Raises
        ------
        EngineFault : the process died or sent what cannot be true
        FairleadError : the engine refused the problem
        """
        try:
            while True:
                for message in newest(self._process.receive(POLL_SECONDS)):
                    outcome = self._take(message)
                    if outcome is not None:
                        self._process.leave()
                        return outcome
                reason = self._interruption()
                if reason is not None:
                    detail = f"the engine did not end by itself; {self._what_is_kept()}"
                    return self._ledger.outcome(reason, detail)
        except EngineFault as fault:
            fault.output = last_words(self._directory)
            raise

    def _interruption(self) -> StopReason | None:
        now = time.monotonic()
        if self._cancelled is None and self._watcher is not None and self._watcher.should_stop():
            self._process.ask_to_stop()
            self._cancelled = now
        if self._cancelled is not None and now > self._cancelled + CANCEL_SECONDS:
            return StopReason.CANCELLED
        if self._deadline.is_over(self._ledger.seconds):
            return StopReason.TIME_LIMIT if self._cancelled is None else StopReason.CANCELLED
        if not self._is_solving and now > self._begun + START_SECONDS:
            raise EngineFault(f"the engine's process did not begin within {START_SECONDS:g} s")
        return None

    def _take(self, message: Message) -> Outcome | None:
        match message:
            case Solving():
                self._is_solving = True
                self._ledger.engine = message.engine
                self._ledger.begin()
            case Found():
                self._take_found(message)
            case Done():
                return self._take_done(message)
            case Refused():
                raise error_of(message.error, message.text)
            case OutOfMemory():
                limit = self._ledger.limits.memory_mb
                raise EngineFault(
                    f"the engine needs more than its memory limit of {limit} MB; raise memory_mb, "
                    "or make the problem smaller: fewer leads at once, fewer reps per lead",
                    retry=False,
                )
        return None

    def _take_found(self, found: Found) -> None:
        ledger = self._ledger
        better = found.chosen and ledger.add_assignment(
            read_chosen(self._directory, CHOSEN, ledger.problem)
        )
        dearer = found.prices and ledger.add_prices(
            read_prices(self._directory, PRICES, ledger.problem)
        )
        tighter = found.multipliers and ledger.add_multipliers(
            *read_multipliers(self._directory, MULTIPLIERS, ledger.problem)
        )
        if found.bound is not None:
            ledger.add_bound(found.bound)
        progress = Progress(
            chosen=ledger.chosen if better else None,
            objective=ledger.objective if better else None,
            score=ledger.score if better else None,
            prices=ledger.prices if dearer else None,
            multipliers=ledger.multipliers if tighter else None,
            bound=found.bound,
            message=found.text,
        )
        is_news = better or dearer or tighter or found.bound is not None or found.text
        if self._watcher is not None and is_news:
            self._watcher.report(progress)

    def _take_done(self, done: Done) -> Outcome:
        ledger = self._ledger
        if done.chosen:
            ledger.add_assignment(read_chosen(self._directory, FINAL_CHOSEN, ledger.problem))
        if done.prices:
            ledger.add_prices(read_prices(self._directory, FINAL_PRICES, ledger.problem))
        if done.multipliers:
            ledger.add_multipliers(
                *read_multipliers(self._directory, FINAL_MULTIPLIERS, ledger.problem)
            )
        if done.conflict:
            ledger.conflict = read_conflict(self._directory, FINAL_CONFLICT, ledger.problem)
        # Of all other sources the bound was derived here.
        if done.bound is not None and done.bound_source == BoundSource.SOLVER:
            ledger.add_bound(done.bound)
        reason = self._reason(StopReason(done.reason))
        detail = done.detail
        if reason != done.reason:
            detail = f"the engine ended on request; {self._what_is_kept()}"
        return ledger.outcome(reason, detail, done.iterations)

    def _reason(self, reason: StopReason) -> StopReason:
        has_plan = self._ledger.chosen is not None
        if reason is StopReason.INFEASIBLE and has_plan:
            raise EngineFault("the engine called a problem infeasible that has a verified plan")
        if reason in (StopReason.OPTIMAL, StopReason.GAP_REACHED) and not has_plan:
            raise EngineFault(f"the engine said {reason} without an assignment")
        if reason in (StopReason.OPTIMAL, StopReason.GAP_REACHED, StopReason.INFEASIBLE):
            return reason
        if self._cancelled is not None:
            return StopReason.CANCELLED
        # An engine hears only that it should stop; that nobody cancelled it is known here.
        return StopReason.TIME_LIMIT if reason is StopReason.CANCELLED else reason

    def _what_is_kept(self) -> str:
        has_plan = self._ledger.chosen is not None
        return "the best plan so far is kept" if has_plan else "there was no plan yet"

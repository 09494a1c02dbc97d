"""What a run's process tells of itself while it works."""

from __future__ import annotations

import math
import time
from threading import Lock
from typing import TYPE_CHECKING

from api.jobs.tasks.company import READ
from models.outcome import relative_gap
from planner.solve import COMPILE, SOLVE

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.store.columns import Json
    from planner.engines.engine import Progress

BEFORE = (READ, COMPILE)
"""Stages in which there is no problem yet."""


class Teller:
    """A watcher that keeps the newest figures and tells them when it is asked to.

    Figures are of the plan itself: stages before and after it have objectives of their own.

    Parameters
    ----------
    send : takes what is told, and whether the problem is built
    stops : whether somebody wants the run to stop
    """

    def __init__(self, send: Callable[[Json, bool], object], stops: Callable[[], bool]) -> None:
        self._send, self.should_stop = send, stops
        self._began = time.monotonic()
        # Solvers call back from threads of their own, and `tell` is called from another one.
        self._lock = Lock()
        self._stage = self._message = ""
        self._objective: float | None = None
        self._score = 0.0
        self._bound = math.inf
        self._is_told = True

    def report(self, progress: Progress) -> None:
        """Take note of an improvement; a new stage is told at once."""
        with self._lock:
            self._stage = progress.stage or self._stage
            self._message = progress.message or self._message
            if self._stage == SOLVE:
                self._take(progress)
            self._is_told = False
        if progress.stage:
            self.tell()

    def tell(self) -> None:
        """Tell what is new, if anything is."""
        with self._lock:
            if self._is_told:
                return
            self._is_told = True
            told, is_built = self._figures(), self._stage not in BEFORE
        self._send(told, is_built)

    def _take(self, progress: Progress) -> None:
        if progress.objective is not None:
            self._objective, self._score = progress.objective, progress.score or 0.0
        bounds = [self._bound, progress.bound]
        bounds += [proof.bound for proof in (progress.prices, progress.multipliers) if proof]
        self._bound = min(bound for bound in bounds if bound is not None)

    def _figures(self) -> Json:
        gap = None
        bound = self._bound if math.isfinite(self._bound) else None
        if self._objective is not None and bound is not None:
            gap = relative_gap(bound, self._objective, self._score)
        return {
            "stage": self._stage,
            "message": self._message,
            "seconds": round(time.monotonic() - self._began, 3),
            "objective": self._objective,
            "bound": bound,
            "gap": gap,
        }

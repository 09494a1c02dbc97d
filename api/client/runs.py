"""Runs, and waiting for them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from api.client.collection import Collection
from api.schemas.runs import NewDiagnosis, RunGiven

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from api.client.connection import Connection

LOOKS_EVERY = 0.5
"""Seconds between two looks at a run."""
ENDED = frozenset({"created", "invalid", "solved", "failed", "cancelled"})
"""`created` is what `validate_only` found no fault in: it goes no further."""


class Runs(Collection[RunGiven]):
    """Executions of engines."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, "/v1/runs", RunGiven)

    def evaluate(self, assignments: Path, *, snapshot: str, policy: str) -> RunGiven:
        """Ask how good an assignment made elsewhere is: a CSV or Parquet file with lead_id and
        rep_id or owner. The run leaves it as a plan, which may break rules.
        """
        told = self._connection.request(
            "POST",
            "/v1/evaluations",
            files=[("assignments", (assignments.name, assignments.read_bytes()))],
            data={"snapshot": snapshot, "policy": policy},
        )
        return RunGiven.model_validate_json(told.content)

    def diagnose(self, body: NewDiagnosis) -> RunGiven:
        """Ask why there is no plan, and what to relax; the run's `result` will tell."""
        return self._connection.ask(RunGiven, "POST", "/v1/diagnoses", body=body)

    def stop(self, run_id: str) -> RunGiven:
        """Have a run end with the best plan so far."""
        return self._connection.ask(RunGiven, "POST", self._at(run_id, "stop"))

    def wait(
        self,
        run_id: str,
        *,
        progress: Callable[[RunGiven], None] | None = None,
        seconds: float | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> RunGiven:
        """Return a run that has ended, however it did.

        Parameters
        ----------
        progress : is told the run each time that it is looked at
        seconds : how long to wait at most; without end if not given

        Raises
        ------
        TimeoutError : it has not ended; it goes on
        """
        ends = None if seconds is None else time.monotonic() + seconds
        while True:
            run = self.get(run_id)
            if progress is not None:
                progress(run)
            if run.status in ENDED:
                return run
            if ends is not None and time.monotonic() + LOOKS_EVERY > ends:
                raise TimeoutError(f"run {run_id} is still {run.status} after {seconds:g} s")
            sleep(LOOKS_EVERY)

    def follow(self, run_id: str) -> Iterator[RunGiven]:
        """Give a run each time that it gets further, as the service tells it; at last, ended.

        Raises
        ------
        NotNowError : too many follow runs, or the connection is lost; the run goes on, and `wait`
            needs no connection that stays open
        """
        last = ""
        while True:
            headers = {"Accept": "text/event-stream", "Last-Event-ID": last} if last else {}
            with self._connection.lines(f"{self._at(run_id)}/events", headers) as lines:
                for line in lines:
                    # An event is `event`, `data` and `id`, a line each; what begins with a colon
                    # only keeps the connection open.
                    name, _, value = line.partition(": ")
                    if name == "id":
                        last = value
                    elif name == "data":
                        run = RunGiven.model_validate_json(value)
                        yield run
                        if run.status in ENDED:
                            return

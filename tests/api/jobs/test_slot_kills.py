"""Schedulers and workers are killed while slots come due: each slot begins one run (test 15)."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from api.store.columns import new_id
from api.store.dialect import now
from api.store.tables import RunRow, RunStatus, ScheduleRow, SlotRow, SlotStatus
from tests.api.invariants import broken
from tests.api.jobs.performer import Performer
from tests.api.jobs.scheduler import start_scheduler
from tests.api.jobs.test_kills import end, said

if TYPE_CHECKING:
    from collections.abc import Callable
    from subprocess import Popen

    from api.store.database import Database

SCHEDULERS, WORKERS = 3, 4
PATIENCE = 300.0


def add_due(database: Database, count: int) -> None:
    """Add schedules of which each has one slot that is due, and none for a long time."""
    with database.writing() as session:
        moment = now(session)
        slot = datetime(moment.year, 1, 1, tzinfo=UTC)
        for _ in range(count):
            session.add(
                ScheduleRow(
                    id=new_id(),
                    name=new_id(),
                    cron="0 0 1 1 *",
                    timezone="UTC",
                    task={},
                    enabled=True,
                    next_at=slot,
                    looked_at=slot,
                    created_at=moment,
                    created_by="ann",
                    person=["ann"],
                )
            )


def open_slots(database: Database) -> int:
    """Return how many schedules are due, and runs have not ended."""
    due = select(func.count()).select_from(ScheduleRow).where(ScheduleRow.next_at <= func.now())
    running = select(func.count()).select_from(RunRow).where(RunRow.ended_at.is_(None))
    with database.reading() as session:
        return (session.scalar(due) or 0) + (session.scalar(running) or 0)


@pytest.mark.hard
@pytest.mark.parametrize(("slots", "kills"), [(40, 4), (1000, 100)])
def test_each_slot_begins_one_run_whoever_is_killed(
    database: Database, url: str, slots: int, kills: int
) -> None:
    chance = random.Random(15)  # noqa: S311
    starts: list[Callable[[], Popen[str]]] = [partial(start_scheduler, url)] * SCHEDULERS
    starts += [Performer(url, f"w{number}", seed=number).start for number in range(WORKERS)]
    with ExitStack() as stack:
        processes = [start() for start in starts]
        for number in range(len(processes)):
            # Whichever has the place then.
            stack.callback(lambda place: end(processes[place]), number)
        fresh = set(range(len(processes)))
        for number in range(kills):
            victim = chance.randrange(len(processes))
            if victim in fresh:
                said(processes[victim], "ready")
            add_due(database, slots * (number + 1) // kills - slots * number // kills)
            time.sleep(chance.uniform(0, 0.1))
            processes[victim].kill()
            assert processes[victim].wait() == -signal.SIGKILL
            end(processes[victim])
            processes[victim] = starts[victim]()
            fresh.add(victim)
        last = time.monotonic() + PATIENCE
        while open_slots(database):
            assert time.monotonic() < last, "slots or runs are left over"
            time.sleep(0.1)
        for number in fresh:
            said(processes[number], "ready")
        for process in processes:
            process.send_signal(signal.SIGTERM)
        for process in processes:
            assert process.wait(PATIENCE) == 0
    with database.reading() as session:
        fired = Counter(session.scalars(select(SlotRow.schedule_id)))
        statuses = Counter(session.scalars(select(SlotRow.status)))
        runs = session.scalars(select(RunRow)).all()
        of_runs = Counter(run.payload["schedule"] for run in runs)
        ended = Counter(run.status for run in runs)
    assert statuses == {SlotStatus.FIRED: slots}
    assert fired == of_runs
    assert set(of_runs.values()) == {1}
    assert ended == {RunStatus.SOLVED: slots}
    assert broken(database) == []

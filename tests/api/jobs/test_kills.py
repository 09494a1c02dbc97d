"""Worker processes are killed and stopped: no run is lost, none has two effects."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from contextlib import ExitStack, closing
from functools import partial
from typing import TYPE_CHECKING

import psutil
import pytest
from sqlalchemy import select

from api.errors import UnavailableError
from api.jobs.queue import Queue
from api.jobs.worker import Worker
from api.settings import Settings
from api.store.database import Database
from api.store.tables import RunRow, RunStatus
from tests.api.invariants import broken
from tests.api.jobs.performer import LEASE_SECONDS, Performer
from tests.api.jobs.shop import PLAN, request, rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from subprocess import Popen

# A test that waits for what never comes must end some time.
PATIENCE = 60.0


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "what the test waits for does not come"
        time.sleep(0.02)


def put_to_sleep(process: Popen[str], url: str) -> None:
    """Stop a worker, but not while it has SQLite's lock, for which everybody else would wait."""

    def is_asleep() -> bool:
        process.send_signal(signal.SIGSTOP)
        # Until all of its threads stand still.
        os.waitpid(process.pid, os.WUNTRACED)
        try:
            with database.writing() as session:
                session.connection()
                return True
        except UnavailableError:
            process.send_signal(signal.SIGCONT)
            return False

    with closing(Database(url, lock_seconds=0.1)) as database:
        wait_for(is_asleep)


def said(process: Popen[str], word: str) -> str:
    """Read what a process says until a line that begins with a word; return that line."""
    assert process.stdout is not None
    heard = []
    for line in process.stdout:
        heard.append(line)
        if line.startswith(word):
            return line.strip()
    raise AssertionError(f"the process has not said {word!r} but {''.join(heard)!r}")


def end(process: Popen[str]) -> None:
    """Kill a process that may have ended."""
    process.kill()
    with process:
        process.wait()


def campaign(database: Database, url: str, *, kills: int, runs: int, seed: int) -> None:
    """Kill workers at random moments while runs are asked for, then let them come to an end.

    Every second one is killed between its work and the commit of the plan.
    """
    chance = random.Random(seed)  # noqa: S311
    queue = Queue(database)
    asked = [queue.enqueue(request("0", publishes=True)).id]
    with ExitStack() as stack:

        def start(number: int, dies_at: int) -> Popen[str]:
            performer = Performer(url, f"w{number}", seed=chance.randrange(10**6), dies_at=dies_at)
            process = performer.start()
            stack.callback(end, process)
            return process

        bystander = start(0, 0)
        for number in range(1, kills + 1):
            share = round(runs * number / kills)
            asked += [
                queue.enqueue(request(str(key), publishes=True)).id
                for key in range(len(asked), max(share, len(asked)))
            ]
            victim = start(number, chance.randrange(1, 14) if number % 2 else 0)
            said(victim, "ready")
            if number % 2:
                # Where the others have taken all runs it would wait for ever.
                asked.append(queue.enqueue(request(f"of {number}", publishes=True)).id)
                wait_for(partial(_over, victim, database))
            else:
                time.sleep(chance.uniform(0, 0.15))
            victim.kill()
            assert victim.wait() == -signal.SIGKILL
        wait_for(lambda: not _open(database))
        bystander.send_signal(signal.SIGTERM)
        assert bystander.wait(PATIENCE) == 0
    statuses = Counter(queue.get(run_id).status for run_id in asked)
    assert statuses == {RunStatus.SOLVED: len(asked)}
    stored = rows(database)
    assert len(stored["runs"]) == len(stored["plans"]) == len(stored["publications"]) == len(asked)
    assert broken(database) == []


def _open(database: Database) -> bool:
    """Return whether there is a run that has not ended."""
    with database.reading() as session:
        return (
            session.scalars(select(RunRow.id).where(RunRow.ended_at.is_(None))).first() is not None
        )


def _over(victim: Popen[str], database: Database) -> bool:
    """Return whether a process has killed itself, or has nothing left to do."""
    return victim.poll() is not None or not _open(database)


def test_killed_workers_lose_nothing(database: Database, url: str) -> None:
    campaign(database, url, kills=4, runs=8, seed=20261122)


@pytest.mark.hard
@pytest.mark.parametrize("seed", range(4))
def test_many_killed_workers_lose_nothing(database: Database, url: str, seed: int) -> None:
    campaign(database, url, kills=200, runs=300, seed=seed)


def test_a_worker_that_slept_past_its_lease_cannot_write(database: Database, url: str) -> None:
    queue = Queue(database)
    run_id = queue.enqueue(request(publishes=True)).id
    with ExitStack() as stack:
        zombie = Performer(url, "zombie", child=True).start()
        stack.callback(end, zombie)
        said(zombie, "began")
        progress = queue.get(run_id).progress
        assert progress is not None
        child = psutil.Process(progress["child"])
        put_to_sleep(zombie, url)
        settings = Settings(lease_seconds=LEASE_SECONDS, poll_seconds=0.05)
        heir = Worker(database, lambda *_: PLAN, name="heir", settings=settings)
        wait_for(heir.work_once)
        before = rows(database)
        os.kill(zombie.pid, signal.SIGCONT)
        assert f"run {run_id} is no longer zombie's" in said(zombie, "lease lost")
        wait_for(lambda: not child.is_running())
        assert rows(database) == before
        # It goes on with other runs.
        other = queue.enqueue(request()).id
        assert said(zombie, "began") == f"began {other}"
    assert queue.get(run_id).worker == "heir"
    assert broken(database) == []

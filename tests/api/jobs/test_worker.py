"""The worker's loop: what it makes of plans, errors, cancels, shutdowns and a silent database."""

from __future__ import annotations

import signal
import subprocess
import threading
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from api.errors import UnavailableError
from api.jobs.leases import Leases
from api.jobs.queue import Queue
from api.jobs.run import Done
from api.jobs.worker import Worker
from api.settings import Settings
from api.store.database import Database
from api.store.migrate import upgrade
from api.store.tables import RunStatus
from models.errors import NoPlanError
from tests.api.invariants import broken
from tests.api.jobs.performer import Performer
from tests.api.jobs.shop import PLAN, request
from tests.api.jobs.test_kills import end, said, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from api.jobs.context import Context
    from api.jobs.run import Held
    from api.jobs.worker import Perform

QUICK = Settings(lease_seconds=0.3, poll_seconds=0.01, grace_seconds=0.1)


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Database]:
    """Give a database: what a worker does beside it is the same on both kinds."""
    database = Database(f"sqlite:///{tmp_path}/fairlead.db")
    upgrade(database)
    yield database
    database.close()


def worker(database: Database, perform: Perform, settings: Settings = QUICK) -> Worker:
    """Return a worker."""
    return Worker(database, perform, name="w", settings=settings)


def test_it_works_until_there_is_nothing_to_do(database: Database) -> None:
    queue = Queue(database)
    asked = [queue.enqueue(request(publishes=True)).id for _ in range(3)]
    worker(database, lambda *_: PLAN).work(until_idle=True)
    assert {queue.get(run_id).status for run_id in asked} == {RunStatus.SOLVED}
    assert broken(database) == []


def test_long_work_keeps_its_lease(sqlite: Database) -> None:
    queue = Queue(sqlite)
    run = queue.enqueue(request())
    # A busy machine may hold a beat up for a second.
    longer = Settings(lease_seconds=3)

    def perform(_held: Held, _context: Context) -> Done:
        time.sleep(1.5 * longer.lease_seconds)
        assert Leases(sqlite, seconds=1, attempts=3).claim("thief") is None
        return PLAN

    worker(sqlite, perform, longer).work(until_idle=True)
    assert (queue.get(run.id).status, queue.get(run.id).attempts) == (RunStatus.SOLVED, 1)


def test_what_a_user_must_mend_is_not_tried_again(sqlite: Database) -> None:
    queue = Queue(sqlite)
    run = queue.enqueue(request())

    def perform(_held: Held, _context: Context) -> Done:
        raise NoPlanError("no plan exists: the west has no rep")

    worker(sqlite, perform).work(until_idle=True)
    ended = queue.get(run.id)
    assert (ended.status, ended.attempts) == (RunStatus.FAILED, 1)
    assert ended.reason == "no plan exists: the west has no rep"


def test_a_poison_run_fails_after_three_attempts_and_the_worker_stays(sqlite: Database) -> None:
    queue = Queue(sqlite)
    poison, healthy = queue.enqueue(request(poison=True)), queue.enqueue(request())

    def perform(held: Held, _context: Context) -> Done:
        if held.payload:
            raise ZeroDivisionError("poison")
        return PLAN

    worker(sqlite, perform).work(until_idle=True)
    assert queue.get(healthy.id).status is RunStatus.SOLVED
    ended = queue.get(poison.id)
    assert (ended.status, ended.attempts) == (RunStatus.FAILED, 3)
    assert ended.reason == "ZeroDivisionError: poison (attempt 3 of 3)"


def test_a_plan_that_cannot_be_written(sqlite: Database) -> None:
    queue = Queue(sqlite)
    run = queue.enqueue(request())
    done = Done("optimal", result={"objective": object()})
    worker(sqlite, lambda *_: done).work(until_idle=True)
    ended = queue.get(run.id)
    assert ended.status is RunStatus.FAILED
    assert ended.reason is not None
    assert ended.reason.startswith("what it made cannot be written: ")
    assert broken(sqlite) == []


@pytest.mark.parametrize("has_plan", [True, False])
def test_a_cancelled_run_hears_it(sqlite: Database, has_plan: bool) -> None:
    queue = Queue(sqlite)
    run = queue.enqueue(request(publishes=True))

    def perform(held: Held, context: Context) -> Done:
        queue.cancel(held.id, "ann")
        wait_for(context.should_stop)
        if has_plan:
            return PLAN
        raise NoPlanError("none was found")

    worker(sqlite, perform).work(until_idle=True)
    ended = queue.get(run.id)
    assert ended.status is (RunStatus.SOLVED if has_plan else RunStatus.CANCELLED)
    assert broken(sqlite) == []


@pytest.mark.parametrize("fault", [UnavailableError("no answer"), RuntimeError("a mistake")])
def test_without_signs_of_life_the_work_ends_with_the_lease(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    queue = Queue(sqlite)
    run = queue.enqueue(request())

    def silent(*_: object) -> bool:
        raise fault

    def perform(_held: Held, context: Context) -> Done:
        monkeypatch.setattr(Leases, "beat", silent)
        with subprocess.Popen(["sleep", "600"]) as child, context.child(child):
            assert child.wait() == -signal.SIGKILL
        assert context.lost
        return PLAN

    worker(sqlite, perform).work_once()
    assert queue.get(run.id).status is RunStatus.SOLVING


def test_the_end_of_a_run_waits_for_the_database(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = Queue(sqlite)
    run = queue.enqueue(request())
    finish, failures = Leases.finish, iter([UnavailableError("away"), UnavailableError("away")])

    def away_twice(leases: Leases, held: Held, done: Done) -> None:
        error = next(failures, None)
        if error is not None:
            raise error
        finish(leases, held, done)

    monkeypatch.setattr(Leases, "finish", away_twice)
    worker(sqlite, lambda *_: PLAN).work_once()
    assert queue.get(run.id).status is RunStatus.SOLVED


@pytest.mark.parametrize("listens", [True, False])
def test_a_worker_that_is_told_to_end_gives_its_run_back(sqlite: Database, listens: bool) -> None:
    queue = Queue(sqlite)
    run = queue.enqueue(request())
    began = threading.Event()

    def perform(_held: Held, context: Context) -> Done:
        began.set()
        if listens:
            wait_for(context.should_stop)
            return PLAN
        with subprocess.Popen(["sleep", "600"]) as child, context.child(child):
            assert child.wait() == -signal.SIGKILL
        raise RuntimeError("the child has gone")

    told = worker(sqlite, perform)
    thread = threading.Thread(target=told.work)
    thread.start()
    assert began.wait(60)
    told.stop()
    thread.join()
    left = queue.get(run.id)
    assert (left.status, left.attempts) == (RunStatus.QUEUED, 0)
    assert left.reason == "its worker w was shut down"


def test_a_process_that_is_idle_ends_on_sigterm(sqlite: Database, tmp_path: Path) -> None:
    with ExitStack() as stack:
        process = Performer(f"sqlite:///{tmp_path}/fairlead.db", "w").start()
        stack.callback(end, process)
        said(process, "ready")
        time.sleep(0.2)
        process.send_signal(signal.SIGTERM)
        said(process, "end")
        assert process.wait(60) == 0

"""Runs as callers see them: every step, and every illegal one refused."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING

import pytest

from api.errors import IllegalStepError, KeyReusedError, NotFoundError
from api.jobs.queue import Queue
from api.store.tables import RunStatus
from tests.api.invariants import broken
from tests.api.jobs.shop import PLAN, leases, request, rows

if TYPE_CHECKING:
    from api.jobs.run import Run
    from api.store.database import Database


def test_a_request_waits_for_a_worker(database: Database) -> None:
    queue = Queue(database)
    run = queue.enqueue(request(publishes=True, company="acme"))
    assert run == queue.get(run.id)
    assert (run.status, run.payload) == (RunStatus.QUEUED, {"company": "acme"})
    assert run.publishes
    assert run.created_at == run.queued_at
    assert broken(database) == []


def test_a_request_that_is_not_checked_waits_for_that(database: Database) -> None:
    queue, workers = Queue(database), leases(database)
    run = queue.enqueue(request(), checked=False)
    assert run.status is RunStatus.CREATED
    assert workers.claim("w") is None
    assert queue.release(run.id, "bob").status is RunStatus.QUEUED
    with pytest.raises(IllegalStepError, match=f"run {run.id} is queued; only a created one"):
        queue.release(run.id, "bob")
    assert workers.claim("w") is not None


def test_a_repeated_key_is_the_same_run(database: Database) -> None:
    queue = Queue(database)
    first = queue.enqueue(request("k", size=1))
    before = rows(database)
    assert queue.enqueue(request("k", size=1)) == first
    with pytest.raises(KeyReusedError, match=f"'k' for another request, run {first.id}; give"):
        queue.enqueue(request("k", size=2))
    assert rows(database) == before
    assert queue.enqueue(request("other", size=1)).id != first.id
    assert queue.enqueue(request(size=1)).id != queue.enqueue(request(size=1)).id


def test_one_key_at_the_same_moment_is_one_run(database: Database) -> None:
    queue = Queue(database)
    runs: list[Run] = []
    barrier = threading.Barrier(4)

    def ask() -> None:
        barrier.wait()
        runs.append(queue.enqueue(request("k")))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(runs) == 4
    assert len({run.id for run in runs}) == 1
    assert broken(database) == []


@pytest.mark.parametrize("checked", [True, False])
def test_a_waiting_run_is_cancelled_at_once(database: Database, checked: bool) -> None:
    queue = Queue(database)
    run = queue.cancel(queue.enqueue(request(), checked=checked).id, "ann")
    assert (run.status, run.reason) == (RunStatus.CANCELLED, "cancelled before it began")
    assert leases(database).claim("w") is None
    with pytest.raises(IllegalStepError, match="is cancelled; only one that has not ended"):
        queue.cancel(run.id, "ann")
    assert broken(database) == []


def test_a_solving_run_is_asked_to_stop_once(database: Database) -> None:
    queue, workers = Queue(database), leases(database)
    run = queue.enqueue(request(publishes=True))
    held = workers.claim("w")
    assert held is not None
    assert not workers.beat(held)
    assert queue.cancel(run.id, "ann").status is RunStatus.SOLVING
    before = rows(database)
    assert queue.cancel(run.id, "ann").cancel_requested
    assert rows(database) == before
    assert workers.beat(held)
    workers.finish(held, PLAN)
    # Its plan is kept, but nothing is published after the cancel was acknowledged.
    assert queue.get(run.id).status is RunStatus.SOLVED
    assert rows(database)["publications"] == []
    with pytest.raises(IllegalStepError, match="is solved; only one that has not ended"):
        queue.cancel(run.id, "ann")
    assert broken(database) == []


def test_a_run_that_is_not_there(database: Database) -> None:
    queue = Queue(database)
    for step in (queue.get, partial(queue.cancel, actor="a"), partial(queue.release, actor="a")):
        with pytest.raises(NotFoundError, match="there is no run 'nobody'"):
            step("nobody")

"""Runs as workers see them: every step, every illegal one refused, one worker per run."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from api.errors import LeaseLostError
from api.jobs import leases as leases_module
from api.jobs.leases import LOOKS_PER_LEASE
from api.jobs.queue import Queue
from api.store.dialect import now
from api.store.tables import RunStatus
from tests.api.invariants import broken
from tests.api.jobs.shop import PLAN, leases, request, rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.jobs.leases import Leases
    from api.jobs.run import Held
    from api.store.database import Database

GONE = 0.01
"""Seconds of a lease that `wait` lets end."""


def wait(workers: Leases, seconds: float = GONE) -> None:
    """Let a lease end for workers who look at it again and again."""
    for _ in range(3 * LOOKS_PER_LEASE):
        time.sleep(seconds / LOOKS_PER_LEASE)
        workers.look()


def take(workers: Leases, name: str = "w") -> Held:
    """Return the next run, which must be there."""
    held = workers.claim(name)
    assert held is not None
    return held


def test_a_run_from_asking_to_its_plan(database: Database) -> None:
    queue, workers = Queue(database), leases(database)
    asked = queue.enqueue(request(company="acme"))
    held = take(workers)
    assert (held.id, held.payload, held.attempt) == (asked.id, {"company": "acme"}, 1)
    assert workers.claim("other") is None
    workers.progress(held, {"gap": 0.5})
    first = queue.get(asked.id).progressed_at
    workers.progress(held, {"gap": 0.1})
    workers.finish(held, PLAN)
    run = queue.get(asked.id)
    assert (run.status, run.reason) == (RunStatus.SOLVED, "optimal")
    assert run.plan_id is not None
    assert (run.progress, run.progressed_at) == ({"gap": 0.1}, first)
    moments = [run.created_at, run.queued_at, run.started_at, run.progressed_at, run.ended_at]
    assert moments == sorted(moment for moment in moments if moment is not None)
    assert broken(database) == []


def test_runs_are_taken_in_turn(database: Database) -> None:
    queue, workers = Queue(database), leases(database)
    asked = [queue.enqueue(request()).id for _ in range(4)]
    assert [take(workers).id for _ in asked] == asked


def test_callers_take_turns(database: Database) -> None:
    queue, workers = Queue(database), leases(database)
    for caller in ("ann", "ann", "ann", "bob", "bob", "eve"):
        queue.enqueue(replace(request(), caller=caller))
    took = [queue.get(take(workers).id).caller for _ in range(3)]
    # Who was begun longest ago comes next, also before what was asked for earlier.
    queue.enqueue(replace(request(), caller="new"))
    took += [queue.get(take(workers).id).caller for _ in range(4)]
    assert took == ["ann", "bob", "eve", "new", "ann", "bob", "ann"]


def test_plans_are_published_in_turn(database: Database) -> None:
    queue, workers = Queue(database), leases(database)
    for publishes in (True, False, True):
        queue.enqueue(request(publishes=publishes))
        workers.finish(take(workers), PLAN)
    stored = rows(database)
    assert len(stored["plans"]) == 3
    assert [row[1] for row in stored["current"]] == [2]
    assert broken(database) == []


def test_two_workers_never_get_the_same_run(database: Database) -> None:
    queue, workers = Queue(database), leases(database)
    asked = {queue.enqueue(request()).id for _ in range(20)}
    taken: list[str] = []
    barrier = threading.Barrier(4)

    def work(name: str) -> None:
        barrier.wait()
        while (held := workers.claim(name)) is not None:
            taken.append(held.id)
            workers.finish(held, PLAN)

    threads = [threading.Thread(target=work, args=(f"w{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # A worker passes over a run that another one is just looking at, and may then find none.
    while (held := workers.claim("last")) is not None:
        taken.append(held.id)
        workers.finish(held, PLAN)
    assert len(taken) == 20
    assert set(taken) == asked
    assert broken(database) == []


def test_a_lease_that_ended_is_taken_over_and_its_worker_cannot_write(database: Database) -> None:
    queue, workers = Queue(database), leases(database, seconds=GONE)
    run = queue.enqueue(request(publishes=True))
    zombie = take(workers, "zombie")
    workers.look()
    wait(workers)
    heir = take(workers, "heir")
    assert (heir.id, heir.attempt) == (run.id, 2)
    assert heir.token > zombie.token
    before = rows(database)
    for write in writes(workers, zombie):
        with pytest.raises(LeaseLostError, match=f"run {run.id} is no longer zombie's"):
            write()
    assert rows(database) == before
    workers.finish(heir, PLAN)
    before = rows(database)
    for held in (zombie, heir):
        for write in writes(workers, held):
            with pytest.raises(LeaseLostError):
                write()
    assert rows(database) == before
    assert broken(database) == []


def writes(workers: Leases, held: Held) -> list[Callable[[], object]]:
    """Return all that a worker can write to its run."""
    return [
        lambda: workers.beat(held),
        lambda: workers.progress(held, {}),
        lambda: workers.finish(held, PLAN),
        lambda: workers.fail(held, "no", retry=True),
        lambda: workers.give_back(held),
    ]


def test_a_beat_keeps_the_run(database: Database) -> None:
    workers = leases(database, seconds=GONE)
    Queue(database).enqueue(request())
    held = take(workers)
    workers.look()
    wait(workers)
    workers.beat(held)
    assert workers.claim("other") is None
    wait(workers)
    assert take(workers, "other").attempt == 2


def test_who_comes_later_waits_for_a_whole_lease(database: Database) -> None:
    Queue(database).enqueue(request())
    first = leases(database)
    take(first)
    wait(first)
    later = leases(database, seconds=GONE)
    assert later.claim("later") is None
    wait(later)
    assert take(later, "later").attempt == 2


@pytest.mark.parametrize("jump", [timedelta(hours=-1), timedelta(hours=1), timedelta(days=30)])
def test_clocks_that_jump_end_no_lease_and_prolong_none(
    database: Database, monkeypatch: pytest.MonkeyPatch, jump: timedelta
) -> None:
    workers = leases(database, seconds=0.2)
    Queue(database).enqueue(request())
    held = take(workers)
    workers.look()
    # The database's clock, by which everything else is told, is set.
    with database.reading() as session:
        moved = now(session) + jump
    monkeypatch.setattr(leases_module, "now", lambda _: moved)
    assert workers.claim("other") is None
    workers.beat(held)
    assert workers.claim("other") is None
    wait(workers, 0.1)
    assert take(workers, "other").attempt == 2


def test_time_in_which_nobody_looked_ends_no_lease(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = {"now": 0.0}
    monkeypatch.setattr(leases_module, "monotonic", lambda: clock["now"])
    workers = leases(database, seconds=30)
    Queue(database).enqueue(request())
    held = take(workers)
    workers.look()
    # Both stand still for an hour, as in a container that is paused; who looks goes on first.
    for _ in range(3):
        clock["now"] += 3600
        assert workers.claim("other") is None
        workers.beat(held)
        workers.look()
    # A worker that does not go on is missed after as many looks as a lease has.
    for _ in range(LOOKS_PER_LEASE - 1):
        clock["now"] += 3600
        assert workers.claim("other") is None
    clock["now"] += 3600
    assert take(workers, "other").attempt == 2


def test_a_slow_worker_that_nobody_replaced_may_still_write(database: Database) -> None:
    workers = leases(database, seconds=GONE)
    Queue(database).enqueue(request())
    held = take(workers)
    wait(workers)
    workers.finish(held, PLAN)
    assert broken(database) == []


def test_after_three_lost_workers_a_run_has_failed(database: Database) -> None:
    queue, workers = Queue(database), leases(database, seconds=GONE)
    run = queue.enqueue(request())
    for attempt in (1, 2, 3):
        assert take(workers, f"w{attempt}").attempt == attempt
        workers.look()
        wait(workers)
    assert workers.claim("w4") is None
    ended = queue.get(run.id)
    assert (ended.status, ended.attempts) == (RunStatus.FAILED, 3)
    assert ended.reason == "3 workers began it and were lost; the last: w3"
    assert broken(database) == []


def test_an_attempt_that_failed_goes_to_the_end_of_the_line(database: Database) -> None:
    queue, workers = Queue(database), leases(database)
    poison, other = queue.enqueue(request()), queue.enqueue(request())
    assert workers.fail(take(workers), "crash", retry=True) is RunStatus.QUEUED
    assert take(workers).id == other.id
    assert workers.fail(take(workers), "crash", retry=True) is RunStatus.QUEUED
    assert workers.fail(take(workers), "crash", retry=True) is RunStatus.FAILED
    assert queue.get(poison.id).reason == "crash (attempt 3 of 3)"
    assert broken(database) == []


def test_a_final_failure(database: Database) -> None:
    queue, workers = Queue(database), leases(database)
    run = queue.enqueue(request())
    assert workers.fail(take(workers), "no such table", retry=False) is RunStatus.FAILED
    assert queue.get(run.id).reason == "no such table"
    assert broken(database) == []


def test_a_run_that_was_given_back_loses_no_attempt(database: Database) -> None:
    queue, workers = Queue(database), leases(database)
    queue.enqueue(request())
    for _ in range(5):
        held = take(workers)
        assert held.attempt == 1
        workers.give_back(held)


@pytest.mark.parametrize("end", ["fail", "give_back", "lost"])
def test_a_cancelled_run_without_a_plan(database: Database, end: str) -> None:
    queue, workers = Queue(database), leases(database, seconds=GONE)
    run = queue.enqueue(request())
    held = take(workers)
    queue.cancel(run.id, "ann")
    if end == "fail":
        assert workers.fail(held, "stopped", retry=True) is RunStatus.CANCELLED
    elif end == "give_back":
        workers.give_back(held)
    else:
        workers.look()
        wait(workers)
        assert workers.claim("other") is None
    assert queue.get(run.id).status is RunStatus.CANCELLED

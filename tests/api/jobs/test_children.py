"""Processes of runs that die, talk nonsense or hang: the worker stays up, and tells what happened.

Reliability test 4; and 3, for the process of a run.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING

import psutil
import pytest
from pydantic import SecretStr

from api.jobs import process
from api.jobs.queue import Queue
from api.jobs.worker import Worker
from api.services.service import Service
from api.settings import PREFIX, Settings
from api.store.tables import RunStatus
from tests.api.company import add_company, add_rules
from tests.api.invariants import broken
from tests.api.jobs.asked import ask_plan, sqlite_only
from tests.api.jobs.bad_worker import bad_worker
from tests.api.jobs.shop import PLAN, rows
from tests.api.jobs.test_kills import end, put_to_sleep, said, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = sqlite_only

REASONS = {
    "segfault": "the run's process was ended by signal 11 (segmentation fault)",
    "abort": "the run's process was ended by signal 6 (aborted)",
    "killed": "the run's process was ended by signal 9 (killed); the system ends processes like",
    "exit": "the run's process ended without an answer, exit code 3",
    "garbage": "the run's process sent no message but",
    "flood": "the run's process flooded its worker with",
    "silence": "the run's process closed its pipe without an answer",
    "memory": "the run's process ended without an answer, exit code 1; last lines: ",
    "no_answer": "the run's process left an answer that cannot be read",
    "bad_plan": "the run's process left a plan that cannot be read",
}


@pytest.fixture
def quick(url: str, tmp_path: Path) -> Iterator[Service]:
    """Give an installation with short leases, and a limit to memory."""
    settings = Settings(
        data=tmp_path / "data",
        database_url=SecretStr(url),
        lease_seconds=1.0,
        poll_seconds=0.02,
        grace_seconds=0.1,
        run_memory_mb=512,
    )
    opened = Service.of(settings)
    yield opened
    opened.close()


def refuse_leftovers(service: Service) -> None:
    """Check that neither processes nor files of runs are left."""
    below = psutil.Process().children(recursive=True)
    assert [one for one in below if "bad_child" in " ".join(one.cmdline())] == []
    assert list(service.scratch.iterdir()) == []


def bear(service: Service, kind: str) -> None:
    """Have runs of a kind end badly; another one, asked for later, is done all the same."""
    queue = Queue(service.database)
    snapshot_id, policy_id = add_company(service), add_rules(service)
    poison = ask_plan(service, snapshot_id, policy_id, engine=kind)
    healthy = ask_plan(service, snapshot_id, policy_id, engine="fine")
    bad_worker(service).work(until_idle=True)
    ended = queue.get(poison)
    assert (ended.status, ended.attempts) == (RunStatus.FAILED, 3)
    assert ended.reason is not None
    assert ended.reason.startswith(REASONS[kind])
    assert ended.reason.endswith("(attempt 3 of 3)")
    assert ended.plan_id is None
    assert queue.get(healthy).status is RunStatus.SOLVED
    assert broken(service.database) == []
    refuse_leftovers(service)


@pytest.mark.parametrize("kind", ["segfault", "exit", "garbage", "flood", "memory"])
def test_a_process_that_fails_is_tried_again_and_its_reason_told(quick: Service, kind: str) -> None:
    bear(quick, kind)


@pytest.mark.hard
@pytest.mark.parametrize("count", [50])
@pytest.mark.parametrize("kind", REASONS)
def test_many_processes_that_fail(quick: Service, kind: str, count: int) -> None:
    for _ in range(count):
        bear(quick, kind)


def test_last_words_are_told(quick: Service) -> None:
    run_id = ask_plan(quick, add_company(quick), add_rules(quick), engine="segfault")
    bad_worker(quick).work(until_idle=True)
    assert "last lines: the solver's last words" in str(Queue(quick.database).get(run_id).reason)


def test_one_that_does_not_hear_is_killed(quick: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "STOP_SECONDS", 0.1)
    queue = Queue(quick.database)
    run_id = ask_plan(quick, add_company(quick), add_rules(quick), engine="deaf")
    worker = bad_worker(quick)
    thread = threading.Thread(target=worker.work, kwargs={"until_idle": True})
    thread.start()
    wait_for(lambda: queue.get(run_id).status is RunStatus.SOLVING)
    queue.cancel(run_id, "ann")
    thread.join()
    assert queue.get(run_id).status is RunStatus.CANCELLED
    refuse_leftovers(quick)


def test_a_worker_that_must_end_kills_it_and_gives_the_run_back(quick: Service) -> None:
    queue = Queue(quick.database)
    run_id = ask_plan(quick, add_company(quick), add_rules(quick), engine="grandchild")
    worker = bad_worker(quick)
    thread = threading.Thread(target=worker.work)
    thread.start()
    pids = pids_of(queue, run_id)
    worker.stop()
    thread.join()
    left = queue.get(run_id)
    assert (left.status, left.attempts) == (RunStatus.QUEUED, 0)
    wait_for(lambda: not any(map(psutil.pid_exists, pids)))
    refuse_leftovers(quick)


def pids_of(queue: Queue, run_id: str) -> list[int]:
    """Wait until a run has told its processes: its own, and its engine's."""
    wait_for(lambda: queue.get(run_id).progress is not None)
    progress = queue.get(run_id).progress
    assert progress is not None
    pids: list[int] = progress["pids"]
    assert all(map(psutil.pid_exists, pids))
    return pids


def zombie_process(service: Service) -> subprocess.Popen[str]:
    """Start a worker's process."""
    told = service.settings
    mine = {
        "DATA": str(told.data),
        "DATABASE_URL": told.url,
        "LEASE_SECONDS": str(told.lease_seconds),
        "POLL_SECONDS": str(told.poll_seconds),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "tests.api.jobs.bad_worker"],
        env=os.environ | {PREFIX + name: value for name, value in mine.items()},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def sleep_past_the_lease(service: Service) -> None:
    """Stop a worker past its lease, let another one finish its run, and let it go on."""
    queue = Queue(service.database)
    run_id = ask_plan(service, add_company(service), add_rules(service), engine="grandchild")
    with ExitStack() as stack:
        zombie = zombie_process(service)
        stack.callback(end, zombie)
        pids = pids_of(queue, run_id)
        put_to_sleep(zombie, service.settings.url)
        heir = Worker(service.database, lambda *_: PLAN, name="heir", settings=service.settings)
        wait_for(heir.work_once)
        before = rows(service.database)
        os.kill(zombie.pid, signal.SIGCONT)
        assert f"run {run_id} is no longer zombie's" in said(zombie, "lease lost")
        wait_for(lambda: not any(map(psutil.pid_exists, pids)))
        assert rows(service.database) == before
    assert queue.get(run_id).worker == "heir"
    assert broken(service.database) == []


def test_a_worker_that_slept_past_its_lease_ends_its_processes(quick: Service) -> None:
    sleep_past_the_lease(quick)


@pytest.mark.hard
@pytest.mark.parametrize("count", [50])
def test_many_workers_that_slept_past_their_leases(quick: Service, count: int) -> None:
    for _ in range(count):
        sleep_past_the_lease(quick)


def test_processes_die_with_their_worker(quick: Service) -> None:
    queue = Queue(quick.database)
    run_id = ask_plan(quick, add_company(quick), add_rules(quick), engine="grandchild")
    with ExitStack() as stack:
        worker = zombie_process(quick)
        stack.callback(end, worker)
        pids = pids_of(queue, run_id)
        worker.kill()
        wait_for(lambda: not any(map(psutil.pid_exists, pids)))

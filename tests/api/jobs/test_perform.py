"""Runs that are performed by a real worker in a real process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.jobs.payload import SolvePayload
from api.jobs.queue import Queue
from api.jobs.run import NewRun
from api.jobs.tasks.task import LimitsAsked
from api.store.tables import RunStatus
from api.worker import worker_of
from tests.api.company import add_company, add_rules
from tests.api.invariants import broken

if TYPE_CHECKING:
    from api.services.service import Service


def test_a_plan_is_made_and_kept(service: Service) -> None:
    payload = SolvePayload(
        snapshot_id=add_company(service),
        policy_id=add_rules(service),
        limits=LimitsAsked(seconds=10),
    )
    queue = Queue(service.database)
    run = queue.enqueue(NewRun("solve", payload.model_dump(mode="json"), "key:test"))
    worker_of(service).work(until_idle=True)
    ended = queue.get(run.id)
    assert (ended.status, ended.reason) == (RunStatus.SOLVED, "optimal")
    assert broken(service.database) == []

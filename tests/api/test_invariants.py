"""The checker of invariants catches what it is for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from api.jobs.queue import Queue
from tests.api.invariants import broken, tamper
from tests.api.jobs.shop import PLAN, leases, request

if TYPE_CHECKING:
    from api.store.database import Database

LOST = "DELETE FROM plans WHERE run_id IN (SELECT id FROM runs WHERE NOT publishes)"
HALF = "UPDATE runs SET status = 'queued' WHERE NOT publishes"
GAP = "UPDATE publications SET number = 7 WHERE number = 2"
OLD = "UPDATE current SET publication_id = (SELECT id FROM publications WHERE number = 1)"
TWO = "UPDATE publications SET status = 'published'"


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (LOST, "has 0 plans"),
        (HALF, "has a plan and is not solved"),
        (GAP, "publications are numbered [1, 7]"),
        (OLD, "newest"),
        (TWO, "newest"),
        ("DELETE FROM files", "has no assignment"),
        ("UPDATE publications SET hash = 'x'", "another assignment than its hash says"),
        ("UPDATE audit SET action = 'run_queued' WHERE number = 4", "is told 0 times"),
        ("UPDATE audit SET actor = 'nobody' WHERE number = 4", "audit row 4 was changed"),
    ],
)
def test_what_does_not_hold_is_told(database: Database, change: str, fault: str) -> None:
    queue, workers = Queue(database), leases(database)
    for publishes in (True, True, False):
        queue.enqueue(request(publishes=publishes))
        held = workers.claim("w")
        assert held is not None
        workers.finish(held, PLAN)
    assert broken(database) == []
    tamper(database, change)
    assert any(fault in found for found in broken(database))

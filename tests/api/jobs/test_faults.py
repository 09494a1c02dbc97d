"""Every call of the database fails once: what it leaves is the old state or the new one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.exc import OperationalError

from api.errors import UnavailableError
from api.jobs.queue import Queue
from tests.api.faults import fail_each_call
from tests.api.invariants import broken
from tests.api.jobs.shop import PLAN, leases, request, rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.jobs.run import Held
    from api.store.database import Database


def test_each_call_fails_once(database: Database) -> None:
    queue, workers = Queue(database), leases(database)
    held: list[Held | None] = []
    run_ids: list[str] = []

    def own() -> Held:
        assert held[-1] is not None
        return held[-1]

    steps: list[Callable[[], object]] = [
        lambda: run_ids.append(queue.enqueue(request(publishes=True)).id),
        lambda: held.append(workers.claim("w")),
        lambda: workers.beat(own()),
        lambda: workers.progress(own(), {"gap": 0.5}),
        lambda: workers.finish(own(), PLAN),
        lambda: queue.enqueue(request("k")),
        lambda: held.append(workers.claim("w")),
        lambda: workers.fail(own(), "crash", retry=True),
        lambda: held.append(workers.claim("w")),
        lambda: queue.cancel(own().id, "ann"),
        lambda: workers.fail(own(), "stopped", retry=False),
        lambda: run_ids.append(queue.enqueue(request(publishes=True)).id),
        lambda: held.append(workers.claim("w")),
        lambda: workers.give_back(own()),
        lambda: held.append(workers.claim("w")),
        lambda: workers.finish(own(), PLAN),
    ]
    failed = [fail_each_call(database, step) for step in steps]
    # Each step reads and writes; the one that publishes does most.
    assert min(failed) >= 3
    assert max(failed) == failed[-1] >= 10
    assert [queue.get(run_id).status for run_id in run_ids] == ["solved", "solved"]
    assert broken(database) == []


def test_a_commit_whose_answer_is_lost_is_not_done_twice(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = Queue(database)
    _, engine = database.engines()
    commit = engine.dialect.do_commit

    def commit_and_lose(connection: Any) -> None:
        commit(connection)
        raise OperationalError("COMMIT", {}, Exception("planted"))

    with monkeypatch.context() as patch:
        patch.setattr(engine.dialect, "do_commit", commit_and_lose)
        with pytest.raises(UnavailableError):
            queue.enqueue(request("k"))
    before = rows(database)
    assert len(before["runs"]) == 1
    assert queue.enqueue(request("k")).id == before["runs"][0][0]
    assert rows(database) == before

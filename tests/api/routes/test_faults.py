"""Every call of the database fails once in every change: the answer is 503, and nothing is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.errors import UnavailableError
from tests.api.company import POLICY, TABLES
from tests.api.faults import fail_each_call
from tests.api.invariants import broken

if TYPE_CHECKING:
    from collections.abc import Callable

    from httpx2 import Response

    from api.services.service import Service
    from tests.api.audited import AuditedClient


def done(answer: Response) -> str:
    """Return where what was made is; raise what the server was told, if that was a fault."""
    if answer.status_code == 503:
        assert answer.headers["retry-after"]
        raise UnavailableError(answer.text)
    assert answer.status_code < 300, answer.text
    location: str = answer.headers.get("location", "")
    return location


def test_each_call_of_each_change_fails_once(client: AuditedClient, service: Service) -> None:
    files = [("files", (name, text)) for name, text in TABLES.items()]
    schedule = {
        "name": "weekly",
        "cron": "0 6 * * MON",
        "timezone": "UTC",
        "task": {"policy": "weekly"},
    }
    places: list[str] = []
    match = {"If-Match": '"v1"'}
    steps: list[Callable[[], object]] = [
        lambda: done(client.post("/v1/snapshots", files=files)),
        lambda: done(client.post("/v1/policies", json={"name": "weekly", "text": POLICY})),
        lambda: places.append(done(client.post("/v1/schedules", json=schedule))),
        lambda: done(client.post(f"{places[-1]}/fire")),
        lambda: done(client.delete(places[-1], headers=match)),
    ]
    # Neither the client's own look at the audit trail nor the first use of a key is to be counted.
    client.audited = False
    assert client.get("/v1/policies").status_code == 200
    failed = [fail_each_call(service.database, step) for step in steps]
    assert min(failed) >= 3
    assert broken(service.database) == []

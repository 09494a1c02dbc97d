"""Every call of the database fails once in every change: the answer is 503, and nothing is kept."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from api.errors import UnavailableError
from api.services.access.roles import Role
from tests.api.company import POLICY, TABLES
from tests.api.faults import fail_each_call
from tests.api.invariants import broken
from tests.api.office import open_office, owners
from tests.api.routes.test_every_change import CHANGING

if TYPE_CHECKING:
    from collections.abc import Callable

    from httpx2 import Response

    from api.services.service import Service
    from tests.api.audited import AuditedClient
    from tests.api.conftest import ClientOf

LOOKS = {
    "POST /v1/comparisons",
    "POST /v1/policies/validate",
    "POST /v1/recommendations",
    "POST /v1/sign-in",
    "DELETE /v1/session",
}
"""What is sent without changing anything of the company's."""


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


@pytest.mark.hard
def test_each_call_of_every_change_fails_once(
    service: Service, client: AuditedClient, client_of: ClientOf
) -> None:
    office = open_office(service, client_of)
    planner, approver = office.planner, office.approver
    people = {"": client, "planner": planner, "approver": approver}
    for one in people.values():
        # Neither the client's own look at the trail nor the first use of a key is to be counted.
        vars(one)["audited"] = False
        assert one.get("/v1/policies").status_code == 200
    changed: set[str] = set()

    def change(name: str, *ids: str, who: str = "", **more: Any) -> str:
        """Make a change of a route, each of whose calls fails once; return where it is told."""
        method, template = name.split()
        address = re.sub(r"\{[^}]+\}", "{}", template).format(*ids)
        answers: list[Response] = []

        def step() -> None:
            answers.append(people[who].request(method, address, **more))
            done(answers[-1])

        assert fail_each_call(service.database, step) >= 3, name
        changed.add(name)
        return answers[-1].headers.get("location", "").rpartition("/")[2]

    match = {"If-Match": '"v1"'}
    files = [("files", (name, text)) for name, text in TABLES.items()]
    tables = change("POST /v1/snapshots", files=files)
    policy = change("POST /v1/policies", json={"name": "weekly", "text": POLICY})
    base = {"snapshot": tables, "policy": policy}
    leaves = {"name": "one leaves", "changes": [{"rep_leaves": {"reps": ["R3"]}}]}
    change("POST /v1/scenarios", json={**base, **leaves})
    run = change("POST /v1/runs", json=base)
    change("POST /v1/runs/{run_id}/stop", run)
    given = {"assignments": ("owners.csv", "lead_id,rep_id\nL01,R1\n")}
    change("POST /v1/evaluations", data=base, files=given)
    change("POST /v1/diagnoses", json=base)
    pin = {"lead_id": "L02", "kind": "fixed", "rep_id": "R4", "reason": "asked for"}
    pinned = change("POST /v1/pins", json=pin)
    change("PATCH /v1/pins/{pin_id}", pinned, json={"reason": "asked twice"}, headers=match)
    change("DELETE /v1/pins/{pin_id}", pinned, headers={"If-Match": '"v2"'})
    schedule = {"name": "weekly", "cron": "0 6 * * MON", "timezone": "UTC"}
    weekly = change("POST /v1/schedules", json={**schedule, "task": {"policy": "weekly"}})
    change("POST /v1/schedules/{schedule_id}/fire", weekly)
    change("PATCH /v1/schedules/{schedule_id}", weekly, json={"enabled": False}, headers=match)
    change("DELETE /v1/schedules/{schedule_id}", weekly, headers={"If-Match": '"v2"'})
    key = change("POST /v1/keys", json={"name": "crm", "role": "viewer"})
    change("PATCH /v1/keys/{key_id}", key, json={"name": "the crm"}, headers=match)
    change("DELETE /v1/keys/{key_id}", key)

    draft = change("POST /v1/publications", json={"plan": office.plan}, who="planner")
    note: dict[str, Any] = {"json": {"note": "now"}, "headers": match}
    change("PATCH /v1/publications/{publication_id}", draft, who="planner", **note)
    change("POST /v1/publications/{publication_id}/submit", draft, who="planner")
    why = {"reason": "not now"}
    change("POST /v1/publications/{publication_id}/reject", draft, who="approver", json=why)
    published = []
    for _ in range(2):
        draft = change("POST /v1/publications", json={"plan": office.plan}, who="planner")
        change("POST /v1/publications/{publication_id}/submit", draft, who="planner")
        change("POST /v1/publications/{publication_id}/approve", draft, who="approver")
        change("POST /v1/publications/{publication_id}/publish", draft, who="approver")
        published.append(draft)
    first = published[0]
    change("POST /v1/publications/{publication_id}/roll-back", first, who="approver")

    free = sorted(lead for lead, rep in owners(planner).items() if rep is None)
    people["rep"] = client_of(Role.REP, rep_id="R3")
    vars(people["rep"])["audited"] = False
    (mine, *_) = sorted(lead for lead, rep in owners(planner).items() if rep == "R3")
    assert people["rep"].get("/v1/books/R3").status_code == 200
    change("POST /v1/pool/{lead_id}/return", mine, who="rep", json={"reason": "no budget"})
    change("POST /v1/pool/{lead_id}/claim", free[0], json={"rep_id": "R3"})
    change("POST /v1/books/{rep_id}/leads/{lead_id}", "R2", free[1], json={"reason": "asked"})
    verdict = {"lead_id": free[0], "verdict": "bad", "text": "no budget"}
    change("POST /v1/feedback", json=verdict, who="rep")
    change("POST /v1/people/erase", json={"table": "leads", "id": mine})
    change("POST /v1/snapshots/{snapshot_id}/withdraw", tables, json={"reason": "half of it"})
    assert changed == {f"{method} {template}" for method, template in CHANGING} - LOOKS
    assert broken(service.database) == []

"""/v1/schedules: added, changed by who has read them, fired, removed, and refused with reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from api.services.access.roles import Role
from api.store.tables import RunRow
from tests.api.company import add_rules
from tests.api.invariants import broken

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from api.services.service import Service
    from tests.api.conftest import ClientOf

RULES = "- {metric: feasible, is: true}\n"


@pytest.fixture(autouse=True)
def policy(service: Service) -> str:
    """Keep the policy that schedules name."""
    return add_rules(service)


def new(**parts: Any) -> dict[str, Any]:
    """Return a request for a schedule."""
    told = {
        "name": "weekly",
        "cron": "0 6 * * MON",
        "timezone": "Europe/Berlin",
        "task": {"policy": "weekly"},
    }
    return {**told, **parts}


def test_added_changed_fired_removed(client: TestClient, service: Service) -> None:
    told = client.post("/v1/schedules", json=new())
    assert told.status_code == 201, told.text
    url, first = told.headers["location"], told.headers["etag"]
    assert told.json()["explained"] == "At 06:00 on Monday (Europe/Berlin)"
    assert told.json()["next_at"] is not None
    assert client.get(url).json() == told.json()
    stopped = client.patch(url, json={"enabled": False}, headers={"If-Match": first})
    assert (stopped.status_code, stopped.json()["next_at"]) == (200, None)
    stale = client.patch(url, json={"cron": "0 7 * * MON"}, headers={"If-Match": first})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    blind = client.patch(url, json={"cron": "0 7 * * MON"})
    assert (blind.status_code, blind.json()["code"]) == (428, "needs_match")
    fired = client.post(url + "/fire")
    assert fired.status_code == 202
    with service.database.reading() as session:
        assert session.get_one(RunRow, fired.json()["run_id"]).kind == "rebalance"
    gone = client.delete(url, headers={"If-Match": stopped.headers["etag"]})
    assert gone.status_code == 200
    assert client.get(url).status_code == 404
    assert client.post("/v1/schedules", json=new()).status_code == 201
    assert broken(service.database) == []


@pytest.mark.parametrize(
    ("parts", "status", "fault"),
    [
        ({"cron": "0 6 * *", "timezone": "Mars"}, 422, "cron has 4 fields"),
        ({"task": {"policy": "other"}}, 404, "no policy of the name 'other'"),
        ({"task": {"policy": "weekly", "then": "publish"}}, 422, "needs acceptance rules"),
        ({"task": {"policy": "weekly", "mapping": "x"}}, 422, "a mapping goes with a folder"),
        ({"task": {"policy": "weekly", "acceptance": "rules: 3"}}, 422, "acceptance"),
        ({"task": {"policy": "weekly", "folder": "/etc"}}, 422, "FAIRLEAD_IMPORT_FOLDERS"),
        ({"task": {"policy": "weekly", "folder": "../data"}}, 422, "FAIRLEAD_IMPORT_FOLDERS"),
        ({"extra": 1}, 422, "extra"),
    ],
)
def test_what_could_never_be_done_is_refused(
    client: TestClient, parts: dict[str, Any], status: int, fault: str
) -> None:
    told = client.post("/v1/schedules", json=new(**parts))
    assert told.status_code == status, told.text
    assert fault in told.json()["detail"] + " ".join(told.json()["faults"])
    assert client.get("/v1/schedules").json()["items"] == []


def test_a_name_is_taken_once(client: TestClient) -> None:
    assert client.post("/v1/schedules", json=new()).status_code == 201
    told = client.post("/v1/schedules", json=new())
    assert (told.status_code, told.json()["code"]) == (409, "conflict")


def test_who_may_not_publish_cannot_have_a_schedule_do_it(client_of: ClientOf) -> None:
    task = {"policy": "weekly", "then": "publish", "acceptance": RULES}
    planner, admin = client_of(Role.PLANNER), client_of(Role.ADMIN)
    told = planner.post("/v1/schedules", json=new(task=task))
    assert (told.status_code, told.json()["code"]) == (403, "forbidden")
    made = admin.post("/v1/schedules", json=new(task=task))
    assert made.status_code == 201
    # With a policy and tables of one's own it would be a publication without a second person.
    url, tag = made.headers["location"], {"If-Match": '"v1"'}
    for told in (
        planner.post(f"{url}/fire"),
        planner.patch(url, json={"cron": "* * * * *"}, headers=tag),
        planner.patch(url, json={"enabled": True}, headers=tag),
    ):
        assert (told.status_code, told.json()["code"]) == (403, "forbidden")
    assert planner.patch(url, json={"enabled": False}, headers=tag).status_code == 200
    assert admin.post(f"{url}/fire").status_code == 202

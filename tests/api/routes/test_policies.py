"""/v1/policies: versions, sentences, faults, pages, repeated requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.services.access.roles import Role
from tests.api.company import POLICY, add_company

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from api.services.service import Service
    from tests.api.conftest import ClientOf


def test_versions_of_a_name_follow_each_other(client: TestClient) -> None:
    told = [client.post("/v1/policies", json={"name": "weekly", "text": POLICY}) for _ in range(3)]
    assert [answer.status_code for answer in told] == [201, 201, 201]
    assert [answer.json()["version"] for answer in told] == [1, 2, 3]
    assert client.get(told[0].headers["location"]).json() == told[0].json()
    sentences = client.get(told[0].headers["location"] + "/sentences").json()["sentences"]
    assert "A rep works only leads whose region lies under the rep's regions." in sentences


def test_every_fault_is_told_and_nothing_is_kept(client: TestClient) -> None:
    told = client.post("/v1/policies", json={"name": "weekly", "text": "version: 1\nmust: 3\n"})
    assert (told.status_code, told.json()["code"]) == (422, "policy")
    assert told.headers["content-type"] == "application/problem+json"
    assert len(told.json()["faults"]) > 2
    assert client.get("/v1/policies").json() == {"items": [], "next": None}


def test_a_policy_is_held_against_tables(client: TestClient, service: Service) -> None:
    tables = add_company(service)
    fits = client.post("/v1/policies/validate", json={"text": POLICY, "snapshot": tables}).json()
    assert fits["valid"]
    other = POLICY.replace("column: amount", "column: budget")
    told = client.post("/v1/policies/validate", json={"text": other, "snapshot": tables}).json()
    assert not told["valid"]
    assert any("budget" in fault for fault in told["faults"])


def test_a_repeated_request_is_done_once(client: TestClient) -> None:
    new, key = {"name": "weekly", "text": POLICY}, {"Idempotency-Key": "k"}
    first = client.post("/v1/policies", json=new, headers=key)
    second = client.post("/v1/policies", json=new, headers=key)
    assert first.json() == second.json()
    assert second.headers["idempotency-replayed"] == "true"
    other = client.post("/v1/policies", json={**new, "name": "other"}, headers=key)
    assert (other.status_code, other.json()["code"]) == (409, "key_reused")
    assert len(client.get("/v1/policies").json()["items"]) == 1


def test_pages_tell_everything_once(client: TestClient) -> None:
    for _ in range(5):
        client.post("/v1/policies", json={"name": "weekly", "text": POLICY})
    seen, url = [], "/v1/policies?limit=2"
    while True:
        page = client.get(url).json()
        seen += [item["version"] for item in page["items"]]
        if page["next"] is None:
            break
        url = f"/v1/policies?limit=2&cursor={page['next']}"
    assert seen == [5, 4, 3, 2, 1]
    told = client.get("/v1/policies?cursor=nonsense")
    assert (told.status_code, told.json()["code"]) == (422, "invalid")


def test_who_may(client_of: ClientOf) -> None:
    new = {"name": "weekly", "text": POLICY}
    told = {
        role: client_of(role).post("/v1/policies", json=new).status_code for role in (None, *Role)
    }
    assert told.pop(None) == 401
    allowed = {role for role, status in told.items() if status == 201}
    assert allowed == {Role.PLANNER, Role.ADMIN}
    assert set(told.values()) == {201, 403}

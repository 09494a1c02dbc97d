"""/v1/keys: told once, narrowed, changed, revoked; nobody gives what they have not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from api.services.access.first_key import first_key
from api.services.access.key_ring import valid_admins
from api.services.access.keys import hash_of
from api.services.access.roles import RIGHTS, Right, Role
from api.store.tables import AnswerRow, AuditRow, KeyRow
from tests.api.company import add_company
from tests.api.invariants import broken

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from api.services.service import Service
    from tests.api.conftest import ClientOf

ON_SQLITE = pytest.mark.parametrize("empty_url", ["sqlite"], indirect=True)
NEW = {"name": "nightly export", "role": "viewer"}


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def audited(service: Service, action: str) -> int:
    with service.database.reading() as session:
        return len(session.scalars(select(AuditRow).where(AuditRow.action == action)).all())


def test_a_key_is_told_once(client: TestClient, service: Service) -> None:
    told = client.post("/v1/keys", json=NEW)
    assert told.status_code == 201, told.text
    key = told.json()["key"]
    assert key.startswith("flk_")
    assert key.startswith(told.json()["prefix"])
    given = client.get(told.headers["location"])
    assert given.headers["etag"] == told.headers["etag"]
    assert "key" not in given.json()
    assert key not in client.get("/v1/keys").text
    assert hash_of(key) not in client.get("/v1/keys").text
    assert client.get("/v1/policies", headers=bearer(key)).status_code == 200
    assert client.get(told.headers["location"]).json()["last_used_at"] is not None
    assert audited(service, "key_created") == 2
    assert broken(service.database) == []


def test_a_repeated_request_makes_no_second_key_and_keeps_none(
    client: TestClient, service: Service
) -> None:
    once = {"Idempotency-Key": "k"}
    first = client.post("/v1/keys", json=NEW, headers=once).json()
    second = client.post("/v1/keys", json=NEW, headers=once).json()
    assert "cannot be told again" in second["note"]
    assert second == {**first, "key": None, "note": second["note"]}
    assert first["note"] == ""
    with service.database.reading() as session:
        (kept,) = session.scalars(select(AnswerRow)).all()
        assert first["key"] not in str(kept.body) + str(kept.headers)
    assert audited(service, "key_created") == 2


WRONG: list[tuple[dict[str, Any], str]] = [
    ({**NEW, "role": "rep"}, "rep_id"),
    ({**NEW, "rep_id": "R1"}, "rep_id"),
    ({**NEW, "role": "king"}, "role"),
    ({**NEW, "name": ""}, "name"),
    ({**NEW, "name": "a\0b"}, "name"),
    ({**NEW, "teams": []}, "teams"),
    ({**NEW, "rights": ["approve"]}, "could do nothing"),
    ({**NEW, "expires_at": "2001-01-01T00:00:00Z"}, "is over"),
    ({**NEW, "expires_at": "2999-01-01T00:00:00"}, "expires_at"),
    ({**NEW, "hash": "0" * 64}, "hash"),
    ({**NEW, "version": 3}, "version"),
]


@ON_SQLITE
def test_what_makes_no_sense_is_refused(client: TestClient) -> None:
    for sent, told in WRONG:
        answer = client.post("/v1/keys", json=sent)
        assert answer.status_code == 422, sent
        assert told in answer.text
    assert len(client.get("/v1/keys").json()["items"]) == 1


@ON_SQLITE
def test_nobody_gives_what_they_have_not(client_of: ClientOf) -> None:
    client = client_of(Role.ADMIN, teams=["east"], regions=["US/East"])
    inside = {"teams": ["east"], "regions": ["US/East/NY"]}
    assert client.post("/v1/keys", json={**NEW, **inside}).status_code == 201
    for outside in (
        {},
        {"teams": ["east"]},
        {"regions": ["US/East"]},
        {**inside, "teams": ["east", "west"]},
        {**inside, "regions": ["US/Eastern"]},
        {**inside, "regions": ["US"]},
    ):
        told = client.post("/v1/keys", json={**NEW, **outside})
        assert (told.status_code, told.json()["code"]) == (403, "forbidden"), outside
    narrow = client_of(Role.ADMIN, rights=["administer", "read"])
    assert narrow.post("/v1/keys", json=NEW).status_code == 201
    assert narrow.post("/v1/keys", json={**NEW, "role": "planner"}).status_code == 403
    fits = {**NEW, "role": "planner", "rights": ["read"]}
    assert narrow.post("/v1/keys", json=fits).status_code == 201


@ON_SQLITE
def test_unknown_teams_and_regions_are_told(client: TestClient, service: Service) -> None:
    limits = {"teams": ["east", "esat"], "regions": ["US", "US/East", "US/Ea", "FR"]}

    def warnings() -> list[str]:
        told = client.post("/v1/keys", json={**NEW, **limits})
        assert told.status_code == 201
        return [str(one) for one in told.json()["warnings"]]

    assert [one[:23] for one in warnings()] == ["there are no tables yet"]
    add_company(service)
    assert [one.partition(":")[0] for one in warnings()] == [
        "the newest tables have no team 'esat'",
        "the newest tables have no region 'US/Ea'",
        "the newest tables have no region 'FR'",
    ]
    assert client.post("/v1/keys", json=NEW).json()["warnings"] == []
    for rep_id, count in (("R1", 0), ("R9", 1)):
        told = client.post("/v1/keys", json={**NEW, "role": "rep", "rep_id": rep_id})
        assert len(told.json()["warnings"]) == count


@ON_SQLITE
def test_a_key_that_may_more_is_not_there(client: TestClient, client_of: ClientOf) -> None:
    url = client.post("/v1/keys", json=NEW).headers["location"]
    limited = client_of(Role.ADMIN, teams=["east"])
    assert limited.get(url).status_code == 404
    assert limited.delete(url).status_code == 404
    changed = limited.patch(url, json={"name": "x"}, headers={"If-Match": '"v1"'})
    assert changed.status_code == 404
    names = [item["name"] for item in limited.get("/v1/keys").json()["items"]]
    assert names == ["admin"]


@ON_SQLITE
def test_changes_follow_what_was_read(client: TestClient, service: Service) -> None:
    told = client.post("/v1/keys", json=NEW)
    # A proxy that compresses answers marks their tags as weak.
    url, tag = told.headers["location"], {"If-Match": f"W/{told.headers['etag']}"}
    assert client.patch(url, json={"name": "other"}).status_code == 428
    changed = client.patch(url, json={"name": "other"}, headers=tag)
    assert (changed.status_code, changed.json()["name"]) == (200, "other")
    assert client.patch(url, json={"name": "third"}, headers=tag).status_code == 412
    tag = {"If-Match": changed.headers["etag"]}
    for wrong in ({}, {"name": None}, {"role": "admin"}, {"expires_at": "2001-01-01T00:00:00Z"}):
        assert client.patch(url, json=wrong, headers=tag).status_code == 422, wrong
    assert (
        client.patch(url, json={"expires_at": "2999-01-01T00:00:00Z"}, headers=tag).status_code
        == 200
    )
    assert audited(service, "key_changed") == 2
    with service.database.reading() as session:
        assert "other" not in str([row.detail for row in session.scalars(select(AuditRow))])


def test_a_revoked_key_is_over_at_once(client: TestClient, service: Service) -> None:
    told = client.post("/v1/keys", json=NEW)
    url, key = told.headers["location"], told.json()["key"]
    assert client.get("/v1/policies", headers=bearer(key)).status_code == 200
    assert client.delete(url).json()["revoked_at"] is not None
    assert client.get("/v1/policies", headers=bearer(key)).status_code == 401
    assert client.delete(url).status_code == 200
    assert audited(service, "key_revoked") == 1
    changed = client.patch(url, json={"name": "x"}, headers={"If-Match": '"v2"'})
    assert (changed.status_code, changed.json()["code"]) == (409, "illegal_step")


@ON_SQLITE
def test_an_expired_key_is_over(client: TestClient, service: Service) -> None:
    told = client.post("/v1/keys", json=NEW).json()
    with service.database.writing() as session:
        row = session.get_one(KeyRow, told["id"])
        row.expires_at = row.created_at
    assert client.get("/v1/policies", headers=bearer(told["key"])).status_code == 401


def test_the_last_administrator_stays(client: TestClient, service: Service) -> None:
    (own,) = client.get("/v1/keys").json()["items"]
    client.post("/v1/keys", json={**NEW, "role": "admin", "teams": ["east"]})
    expiring = {**NEW, "role": "admin", "expires_at": "2999-01-01T00:00:00Z"}
    other = client.post("/v1/keys", json=expiring).json()
    assert client.delete(f"/v1/keys/{other['id']}").status_code == 200
    refused = client.delete(f"/v1/keys/{own['id']}")
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    with service.database.reading() as session:
        assert valid_admins(session) == [own["id"]]


def test_the_first_start_makes_a_key_and_no_other_does(service: Service) -> None:
    with service.database.writing() as session:
        first = first_key(session, service.settings)
    assert first is not None
    assert first.link.startswith("http://127.0.0.1:8000/sign-in?token=fls_")
    assert first.key not in repr(first)
    with service.database.writing() as session:
        assert first_key(session, service.settings) is None
    assert audited(service, "key_created") == 1
    assert broken(service.database) == []


def test_rights_of_roles_grow_as_the_design_says() -> None:
    assert RIGHTS[Role.ADMIN] == set(Right)
    assert all(
        Right.ADMINISTER not in rights for role, rights in RIGHTS.items() if role != Role.ADMIN
    )

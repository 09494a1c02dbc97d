"""How often one caller may ask, and show wrong keys."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from api.routes.app import make_app
from api.services.access.failures import MOST, address_of
from api.services.access.keys import add_key
from api.services.access.roles import Role
from api.store.tables import LoginFailureRow

if TYPE_CHECKING:
    from api.services.service import Service
    from tests.api.conftest import ClientOf

ON_SQLITE = pytest.mark.parametrize("empty_url", ["sqlite"], indirect=True)


BEARER = "Authorization"


def new_key(service: Service) -> dict[str, str]:
    with service.database.writing() as session:
        key = add_key(session, "a viewer", Role.VIEWER, {}, actor="test")[1]
    return {"Authorization": f"Bearer {key}"}


def limited(service: Service, **limits: int) -> TestClient:
    settings = service.settings.model_copy(update=limits)
    return TestClient(make_app(replace(service, settings=settings)))


@ON_SQLITE
@pytest.mark.parametrize("limits", [{"burst": 5}, {"requests_per_minute": 5}])
def test_a_burst_is_refused_and_others_are_not(service: Service, limits: dict[str, int]) -> None:
    client, mine, other = limited(service, **limits), new_key(service), new_key(service)
    # On a slow machine a second may end in between: the window is then a new one.
    told = [client.get("/v1/policies", headers=mine) for _ in range(50)]
    refused = [answer for answer in told if answer.status_code == 429]
    assert {answer.status_code for answer in told} == {200, 429}
    assert all(1 <= int(answer.headers["retry-after"]) <= 120 for answer in refused)
    assert {answer.json()["code"] for answer in refused} == {"too_often"}
    assert client.get("/v1/policies", headers=other).status_code == 200
    assert client.get("/health").status_code == 200


@ON_SQLITE
def test_who_shows_nothing_is_counted_by_address(service: Service) -> None:
    client = limited(service, requests_per_minute=5)
    told = {client.get("/health").status_code for _ in range(20)}
    assert told == {200, 429}


@ON_SQLITE
def test_a_new_guess_each_time_is_no_new_caller(service: Service) -> None:
    client, known = limited(service, requests_per_minute=5), new_key(service)
    assert client.get("/v1/policies", headers=known).status_code == 200
    for name, guess in (("Cookie", "__Host-fairlead=x{0}; fairlead=x{0}"), (BEARER, "Bearer x{0}")):
        for path in ("/v1/policies", "/health/ready"):
            told = [client.get(path, headers={name: guess.format(number)}) for number in range(20)]
            assert told[-1].status_code == 429, (path, told[-1].text)
    # Who was recognized has a count of their own.
    assert client.get("/v1/policies", headers=known).status_code == 200


def test_wrong_keys_are_counted_and_right_ones_go_on(client_of: ClientOf, service: Service) -> None:
    client, nobody = client_of(Role.VIEWER), client_of(None)
    wrong = {"Authorization": "Bearer flk_wrong"}
    told = [nobody.get("/v1/policies", headers=wrong) for _ in range(MOST)]
    assert {answer.status_code for answer in told} == {401}
    refused = nobody.get("/v1/policies", headers=wrong)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_often")
    assert 1 <= int(refused.headers["retry-after"]) <= 600
    assert nobody.post("/v1/sign-in", json={"key": "flk_wrong"}).status_code == 429
    assert nobody.get("/sign-in", params={"token": "fls_wrong"}).status_code == 429
    assert client.get("/v1/policies").status_code == 200
    assert nobody.get("/v1/policies").status_code == 401
    with service.database.writing() as session:
        (row,) = session.scalars(select(LoginFailureRow)).all()
        # What is refused anyway is not written, which would take the database from others.
        assert row.count == MOST
        row.since -= timedelta(minutes=10)
    assert nobody.get("/v1/policies", headers=wrong).status_code == 401


def test_what_an_address_is_counted_as() -> None:
    assert address_of("192.0.2.1") == "192.0.2.1"
    assert address_of("::ffff:192.0.2.1") == "192.0.2.1"
    assert address_of("2001:db8::1") == address_of("2001:db8::ffff") == "2001:db8::/64"
    assert address_of("testclient") == address_of(None) == "unknown"

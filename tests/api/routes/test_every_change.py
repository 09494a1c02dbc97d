"""Every route that changes something, whichever there are: what it refuses leaves no trace."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.routing import APIRoute
from sqlalchemy import event

from api.routes.app import ROUTERS
from api.services.access.roles import Role
from api.store.tables import AuditRow
from tests.api.company import POLICY
from tests.api.invariants import broken

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from api.services.service import Service
    from tests.api.conftest import ClientOf

CHANGING = sorted(
    (method, route.path_format)
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute)
    for method in route.methods or ()
    if method not in ("GET", "HEAD", "OPTIONS")
)
BODIES: tuple[dict[str, Any], ...] = (
    {},
    {"json": {}},
    {"json": []},
    {"json": {"canary": 1}},
    {"content": b"\xff{"},
)


def address(template: str) -> str:
    """Return an address of a route, of things that are not there."""
    return re.sub(r"\{[^}]+\}", "0" * 32, template)


# The client asserts that the audit trail has no further row: see tests/api/audited.py.
def test_what_is_refused_leaves_no_trace(client: TestClient, service: Service) -> None:
    for method, template in CHANGING:
        for body in BODIES:
            told = client.request(method, address(template), **body)
            assert 400 <= told.status_code < 500, (method, template, told.text)
            assert told.headers["content-type"] == "application/problem+json"
            assert told.json()["request_id"] == told.headers["x-request-id"]
    assert broken(service.database) == []


@pytest.mark.parametrize("empty_url", ["sqlite"], indirect=True)
def test_who_may_not_leaves_no_trace(client_of: ClientOf, service: Service) -> None:
    for role in (None, Role.VIEWER):
        client = client_of(role)
        for method, template in CHANGING:
            told = client.request(method, address(template), json={})
            assert 400 <= told.status_code < 500, (method, template, told.text)
    assert broken(service.database) == []


def test_a_change_that_cannot_be_told_is_not_made(client: TestClient, service: Service) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    event.listen(AuditRow, "before_insert", fail)
    try:
        told = client.post("/v1/policies", json={"name": "weekly", "text": POLICY})
    finally:
        event.remove(AuditRow, "before_insert", fail)
    assert (told.status_code, told.json()["code"]) == (500, "internal")
    assert told.json()["request_id"] == told.headers["x-request-id"]
    assert client.get("/v1/policies").json()["items"] == []
    assert broken(service.database) == []

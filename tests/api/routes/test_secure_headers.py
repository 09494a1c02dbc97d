"""What every answer tells browsers, and which hosts are answered."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

from api.routes.app import make_app
from api.routes.secure_headers import ALWAYS, PAGE_POLICY, POLICY, SecureHeaders

if TYPE_CHECKING:
    from starlette.requests import Request

    from api.services.service import Service
    from tests.api.conftest import ClientOf

ON_SQLITE = pytest.mark.parametrize("empty_url", ["sqlite"], indirect=True)


@ON_SQLITE
def test_all_answers_have_the_headers(client_of: ClientOf, service: Service) -> None:
    client = client_of()
    for answer in (
        client.get("/v1/policies"),
        client.get("/health"),
        client.get("/openapi.json"),
        client.get("/v1/nowhere"),
        client.post("/v1/policies", json={}),
        client.get("/v1/policies", headers={"Authorization": "nonsense"}),
        client.get("/health", headers={"Host": "evil.example"}),
    ):
        assert {name: answer.headers[name] for name in ALWAYS} == ALWAYS
        assert answer.headers["content-security-policy"] == POLICY
        assert answer.headers["cache-control"] == "no-store"
        assert "access-control-allow-origin" not in answer.headers
        assert "strict-transport-security" not in answer.headers
    over_https = service.settings.model_copy(update={"public_url": "https://fairlead.example"})
    app = make_app(replace(service, settings=over_https))
    assert "strict-transport-security" in TestClient(app).get("/health").headers


@ON_SQLITE
def test_a_fault_of_ours_has_them_too(service: Service) -> None:
    service.close()
    client = TestClient(make_app(replace(service, database=None)), raise_server_exceptions=False)  # type: ignore[arg-type]
    answer = client.get("/health/ready")
    assert answer.status_code == 500
    assert answer.headers["content-security-policy"] == POLICY


def test_pages_may_load_what_is_the_servers_own_and_nothing_else() -> None:
    def page(_request: Request) -> HTMLResponse:
        return HTMLResponse("<p>x</p>", headers={"Cache-Control": "max-age=60"})

    client = TestClient(SecureHeaders(Starlette(routes=[Route("/", page)]), https=False))
    answer = client.get("/")
    assert answer.headers["content-security-policy"] == PAGE_POLICY
    assert "unsafe" not in PAGE_POLICY
    assert answer.headers["cache-control"] == "max-age=60"


@ON_SQLITE
def test_only_own_hosts_are_answered(client_of: ClientOf) -> None:
    client = client_of()
    for host in ("localhost", "LOCALHOST:8000", "127.0.0.1:1", "testserver"):
        assert client.get("/v1/policies", headers={"Host": host}).status_code == 200, host
    evil = ("evil.example", "localhost.evil.example", "localhost@evil", "", "localhost:x", "::1")
    for host in evil:
        answer = client.get("/v1/policies", headers={"Host": host})
        assert (answer.status_code, answer.json()["code"]) == (400, "unknown_host"), host

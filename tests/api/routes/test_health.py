"""/health, /health/ready: whether the server is there, and whether it can work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi.testclient import TestClient
from pydantic import SecretStr

from api.routes.app import make_app
from api.services.service import Service
from api.settings import Settings
from api.store.migrate import downgrade
from api.store.revision import NEWEST_REVISION

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api.conftest import ClientOf

NOWHERE = "postgresql://ann:hunter2@127.0.0.1:1/x"
QUESTIONS = (
    "/health/ready",
    "/v1/snapshots",
    "/v1/policies",
    "/metrics",
    "/v1/audit/verify",
    f"/v1/snapshots/{'0' * 32}/people?table=leads",
)


def test_anybody_may_ask(client_of: ClientOf) -> None:
    anybody = client_of(None)
    assert anybody.get("/health").json()["status"] == "ok"
    ready = anybody.get("/health/ready").json()
    assert (ready["status"], ready["schema_revision"]) == ("ok", NEWEST_REVISION)
    assert "PostgreSQL" in ready["database"] or "journal" in ready["database"]


def test_tables_of_another_version_are_not_ready(client_of: ClientOf, service: Service) -> None:
    anybody = client_of(None)
    downgrade(service.database)
    told = anybody.get("/health/ready")
    assert (told.status_code, told.json()["code"]) == (503, "unavailable")
    assert "run `fairlead migrate`" in told.json()["detail"]


def test_without_its_database_the_server_says_so(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, database_url=SecretStr(NOWHERE))
    service = Service.of(settings)
    client = TestClient(make_app(service), raise_server_exceptions=False)
    assert client.get("/health").status_code == 200
    for url in QUESTIONS:
        told = client.get(url, headers={"Authorization": "Bearer flk_unknown"})
        assert (told.status_code, told.json()["code"]) == (503, "unavailable"), url
        assert int(told.headers["retry-after"]) > 0
        assert told.headers["content-type"] == "application/problem+json"
        assert "hunter2" not in told.text
    service.close()

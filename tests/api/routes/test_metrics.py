"""/metrics: figures in Prometheus' format, whose labels have few values."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from api.jobs.queue import Queue
from api.jobs.run import NewRun
from api.routes.app import make_app
from api.services.access.roles import Role

if TYPE_CHECKING:
    from api.services.service import Service
    from tests.api.conftest import ClientOf


def figures(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Return every sample by name and labels."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_figures_are_those_of_the_service(client: TestClient, service: Service) -> None:
    Queue(service.database).enqueue(NewRun("solve", {}, "key:test"))
    client.get("/v1/policies")
    client.get(f"/v1/policies/{'0' * 32}")
    told = client.get("/metrics")
    assert told.headers["content-type"].startswith("text/plain")
    found = figures(told.text)
    asked = {("method", "GET"), ("route", "/v1/policies/{policy_id}"), ("status", "404")}
    assert found["fairlead_requests_total", frozenset(asked)] == 1
    assert found["fairlead_runs", frozenset({("status", "queued")})] == 1
    assert found["fairlead_runs", frozenset({("status", "solved")})] == 0
    assert found["fairlead_queue_age_seconds", frozenset()] >= 0
    assert found["fairlead_publication_number", frozenset()] == 0
    assert found["fairlead_database_connections", frozenset()] >= 1
    assert any(name == "fairlead_build_info" for name, _ in found)


def test_labels_have_few_values(client: TestClient) -> None:
    client.get("/metrics")
    before = len(figures(client.get("/metrics").text))
    for number in range(50):
        client.get(f"/canary-{number}")
        client.get(f"/v1/policies/{number:032x}")
        client.request(f"CANARY{number}", "/v1/policies")
    told = client.get("/metrics").text
    assert "canary" not in told.lower()
    # Three new pairs of method and route, each with its buckets.
    assert len(figures(told)) < before + 100


def test_who_may(client_of: ClientOf, service: Service) -> None:
    told = {role: client_of(role).get("/metrics").status_code for role in (None, *Role)}
    assert told.pop(None) == 401
    assert {role for role, status in told.items() if status == 200} == {Role.ADMIN}
    settings = service.settings.model_copy(update={"metrics_open": True})
    opened = replace(service, settings=settings)
    assert TestClient(make_app(opened)).get("/metrics").status_code == 200

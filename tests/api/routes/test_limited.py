"""Who is limited to teams or regions does nothing that concerns the whole company."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from api.routes.access import NEEDS
from api.services.access.roles import Role
from tests.api.company import add_company
from tests.api.invariants import broken

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from api.services.service import Service
    from tests.api.conftest import ClientOf

COMPANY_WIDE = {
    "POST /v1/snapshots",
    "POST /v1/snapshots/{snapshot_id}/withdraw",
    "GET /v1/snapshots/{snapshot_id}/issues",
    "GET /v1/snapshots/{snapshot_id}/metrics",
    "POST /v1/policies",
    "POST /v1/schedules",
    "PATCH /v1/schedules/{schedule_id}",
    "DELETE /v1/schedules/{schedule_id}",
    "POST /v1/schedules/{schedule_id}/fire",
    "GET /v1/plans/{plan_id}/source",
    "POST /v1/recommendations",
    "POST /v1/people/erase",
    "GET /v1/audit",
    "GET /v1/audit/head",
    "GET /v1/audit/verify",
    "GET /metrics",
}


@pytest.mark.parametrize("limits", [{"teams": ["east"]}, {"regions": ["US"]}], ids=str)
def test_what_concerns_all_is_refused(client_of: ClientOf, limits: dict[str, list[str]]) -> None:
    limited, refused = client_of(Role.ADMIN, **limits), set()
    for name in NEEDS:
        method, template = name.split()
        told = limited.request(method, re.sub(r"\{\w+\}", "0" * 32, template))
        if told.status_code == 403 and "the whole company" in told.json()["detail"]:
            refused.add(name)
    assert refused == COMPANY_WIDE


def test_nobody_of_another_team_is_erased(
    client: TestClient, client_of: ClientOf, service: Service
) -> None:
    snapshot = add_company(service)
    person = {"table": "leads", "id": "L07"}
    assert client_of(Role.ADMIN, teams=["east"]).post("/v1/people/erase", json=person).is_error
    told = client.get(f"/v1/snapshots/{snapshot}/people", params={"table": "leads", "id": "L07"})
    assert told.json()["items"][0]["values"]["company"] == "Company 7"
    assert broken(service.database) == []

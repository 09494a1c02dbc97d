"""Who publishes and claims at the same moment waits without keeping others waiting."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from httpx2 import ASGITransport, AsyncClient

from api.services.access.keys import add_key
from api.services.access.roles import Role
from tests.api.company import add_approved, add_company, add_plan_of, add_rules, publish
from tests.api.invariants import broken

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi import FastAPI

    from api.services.service import Service

AT_ONCE = 60
"""More than there are threads."""


@pytest.fixture
def empty_url(tmp_path: Path) -> str:
    """Return the URL of an empty database; threads are alike before either kind."""
    return f"sqlite:///{tmp_path}/fairlead.db"


@pytest.mark.parametrize("what", ["publish", "claim"])
def test_others_are_answered_meanwhile(app: FastAPI, service: Service, what: str) -> None:
    plan = add_plan_of(service, add_company(service), add_rules(service))
    publish(service, plan)
    approved = add_approved(service, plan)
    with service.database.writing() as session:
        _, key = add_key(session, "many", Role.ADMIN, {}, actor="test")
    headers = {"Authorization": f"Bearer {key}"}

    async def ask() -> Counter[int]:
        transport = ASGITransport(app, raise_app_exceptions=False)
        async with AsyncClient(
            transport=transport, base_url="http://localhost", headers=headers, timeout=120
        ) as client:
            path, body = f"/v1/publications/{approved}/publish", {}
            if what == "claim":
                lead = (await client.get("/v1/pool")).json()["items"][0]["lead_id"]
                path, body = f"/v1/pool/{lead}/claim", {"rep_id": "R3"}
            turns = service.turns
            line = turns.claiming if what == "claim" else turns.publishing
            # Somebody before them takes long.
            with line:
                waiting = [
                    asyncio.create_task(client.post(path, json=body)) for _ in range(AT_ONCE)
                ]
                await asyncio.sleep(1)
                other = await asyncio.wait_for(client.get("/v1/runs"), 10)
                assert other.status_code == 200
                assert not any(task.done() for task in waiting)
            answers = await asyncio.gather(*waiting)
        return Counter(answer.status_code for answer in answers)

    told = asyncio.run(ask())
    # The rep whose book is full gets no lead, and a publication becomes current once.
    assert told == ({409: AT_ONCE} if what == "claim" else {200: 1, 409: AT_ONCE - 1})
    assert broken(service.database) == []

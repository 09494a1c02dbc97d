"""Many who read at the same moment are all answered: none waits for what another one holds."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from httpx2 import ASGITransport, AsyncClient

from api.services.access.keys import add_key
from api.services.access.roles import Role
from tests.api.company import add_rules

if TYPE_CHECKING:
    from fastapi import FastAPI

    from api.services.service import Service

READERS = 150
"""More than there are connections and threads together."""


def test_all_are_answered(app: FastAPI, service: Service) -> None:
    policy = add_rules(service)
    with service.database.writing() as session:
        _, key = add_key(session, "many", Role.VIEWER, {}, actor="test")

    async def ask() -> list[int]:
        headers = {"Authorization": f"Bearer {key}"}
        transport = ASGITransport(app, raise_app_exceptions=False)
        async with AsyncClient(
            transport=transport, base_url="http://localhost", headers=headers, timeout=120
        ) as client:
            paths = [f"/v1/policies/{policy}", "/v1/policies", "/v1/runs"] * (READERS // 3)
            answers = await asyncio.gather(*(client.get(path) for path in paths))
        return [answer.status_code for answer in answers]

    assert asyncio.run(ask()) == [200] * READERS

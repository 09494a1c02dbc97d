"""The API keeps to its description, whatever is sent (reliability test 23)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from api.routes.app import make_app
from api.services.access.keys import add_key
from api.services.access.roles import Role
from api.services.desk.desk import Desk
from api.services.service import Service
from api.settings import Settings
from api.store.migrate import upgrade
from tests.api.fuzzing import Fuzz
from tests.api.invariants import broken
from tests.api.walk import UNREACHED, Walk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi import FastAPI
    from httpx2 import Response

SEED = 20261122


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Service]:
    """Give an installation on SQLite, where one person may both submit and approve."""
    settings = Settings(
        data=tmp_path,
        database_url=SecretStr(f"sqlite:///{tmp_path}/fairlead.db"),
        requests_per_minute=1_000_000,
        burst=1_000_000,
        four_eyes=False,
        secure_cookies=False,
    )
    desks = [Desk(seconds=60, make=lambda: ThreadPoolExecutor(1)) for _ in range(2)]
    service = Service.of(settings, *desks)
    upgrade(service.database)
    yield service
    service.close()


def key_of(service: Service, role: Role) -> str:
    """Return a new key of a role."""
    limits = {"rep_id": "R1"} if role is Role.REP else {}
    with service.database.writing() as session:
        return add_key(session, role, role, limits, actor="test")[1]


def walked(service: Service, app: FastAPI) -> tuple[Fuzz, set[str]]:
    """Go all the way through the API; return a campaign with what is there now, and what was
    reached on the way, of which each answer was as it is described.
    """
    fuzz, reached = Fuzz(app, key_of(service, Role.ADMIN), {}), set()

    def look(name: str, answer: Response) -> None:
        reached.add(name)
        operation = fuzz.schema.find_operation_by_label(name)
        assert operation is not None
        operation.validate_response(answer)

    client = TestClient(app, headers={"Authorization": f"Bearer {fuzz.key}"})
    walk = Walk(service, client, TestClient(app), look)
    walk.whole()
    return replace(fuzz, ids=walk.ids), reached


@pytest.mark.parametrize(
    "cases",
    [
        {Role.ADMIN: 5, Role.REP: 2},
        pytest.param(dict.fromkeys(Role, 30) | {Role.ADMIN: 130}, marks=pytest.mark.hard),
    ],
    ids=["some", "many"],
)
def test_whatever_is_sent(place: Service, cases: dict[Role, int]) -> None:
    app = make_app(place)
    fuzz, reached = walked(place, app)
    assert {operation.label for operation in fuzz.operations()} - reached == UNREACHED
    for role, count in cases.items():
        fuzz.key = key_of(place, role)
        fuzz.run(count, SEED)
    assert not fuzz.wrong, "\n\n".join(fuzz.wrong.values())
    assert broken(place.database) == []
    print(f"{fuzz.statuses.total()} cases: {fuzz.figures()}")  # noqa: T201  for the release's table

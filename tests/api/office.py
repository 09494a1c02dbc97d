"""People who publish plans of the small company, through HTTP."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from threading import Barrier
from typing import TYPE_CHECKING, Any

from api.services.access.roles import Role
from api.store.dialect import now
from tests.api.company import TABLES, add_company, add_plan_of, add_rules

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from fastapi.testclient import TestClient
    from httpx2 import Response

    from api.services.service import Service
    from tests.api.conftest import ClientOf

ROOT = "/v1/publications"


@dataclass(frozen=True)
class Office:
    """A planner and an approver, and a plan of the small company."""

    service: Service
    planner: TestClient
    approver: TestClient
    plan: str

    def draft(self, **new: Any) -> str:
        """Draft a publication; return its address."""
        told = self.planner.post(ROOT, json={"plan": self.plan, **new})
        assert told.status_code == 201, told.text
        return str(told.headers["location"])

    def approved(self, **new: Any) -> str:
        """Draft, submit and approve a publication; return its address."""
        url = self.draft(**new)
        for who, step in ((self.planner, "submit"), (self.approver, "approve")):
            told = who.post(f"{url}/{step}")
            assert told.status_code == 200, told.text
        return url

    def in_days(self, days: int) -> str:
        """Return a moment so many days ahead, as requests tell it."""
        with self.service.database.reading() as session:
            return (now(session) + timedelta(days=days)).isoformat()

    def publish(self, **new: Any) -> dict[str, Any]:
        """Publish a plan; return what the publication says of itself."""
        told = self.approver.post(f"{self.approved(**new)}/publish")
        assert told.status_code == 200, told.text
        return dict(told.json())


def open_office(
    service: Service, client_of: ClientOf, tables: Mapping[str, str] = TABLES
) -> Office:
    """Take the company in, plan it, and give its people their keys."""
    plan = add_plan_of(service, add_company(service, tables), add_rules(service))
    return Office(service, client_of(Role.PLANNER), client_of(Role.APPROVER), plan)


def whole(client: TestClient, url: str) -> list[dict[str, Any]]:
    """Return all items of a list, page by page."""
    items: list[dict[str, Any]] = []
    divider, following = "&" if "?" in url else "?", url
    while True:
        page = client.get(following)
        assert page.status_code == 200, page.text
        items += page.json()["items"]
        if page.json()["next"] is None:
            return items
        following = f"{url}{divider}cursor={page.json()['next']}"


def owners(client: TestClient, url: str = f"{ROOT}/current/assignments") -> dict[str, str | None]:
    """Return the rep by lead of an assignment."""
    return {item["lead_id"]: item["rep_id"] for item in whole(client, url)}


def problem(answer: Response) -> tuple[int, str]:
    """Return the status and the code of a refusal."""
    return answer.status_code, answer.json()["code"]


def at_once(calls: Sequence[Callable[[], Response]]) -> list[Response]:
    """Make calls at the same moment."""
    gate = Barrier(len(calls))

    def call(one: Callable[[], Response]) -> Response:
        gate.wait(30)
        return one()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(call, calls))

"""/v1/audit: who did what, whether it is as it was written, and its daily head."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sqlalchemy import case, delete, insert, select, update

from api.services.access.roles import Role
from api.services.audit import check_audit
from api.store.audit import append_audit
from api.store.columns import Table
from tests.api.company import POLICY
from tests.api.invariants import tamper

if TYPE_CHECKING:
    from fastapi.testclient import TestClient
    from sqlalchemy.sql.base import Executable

    from api.services.service import Service
    from api.store.database import Database
    from tests.api.conftest import ClientOf

ROWS = 40


def fill(database: Database) -> None:
    """Write rows."""
    with database.writing() as session:
        for number in range(ROWS):
            append_audit(session, f"key:{number % 3}", "tried", f"s{number}", {"new": number})


def test_changes_are_listed_newest_first(client: TestClient) -> None:
    for name in ("weekly", "other"):
        client.post("/v1/policies", json={"name": name, "text": POLICY})
    rows = client.get("/v1/audit").json()["items"]
    assert [row["action"] for row in rows] == ["policy_added", "policy_added", "key_created"]
    assert [row["number"] for row in rows] == [3, 2, 1]
    assert rows[0]["previous_hash"] == rows[1]["hash"]
    for name in ("subject", "actor", "action"):
        found = client.get("/v1/audit", params={name: rows[0][name]}).json()["items"]
        assert found == [row for row in rows if row[name] == rows[0][name]]
    since = client.get("/v1/audit", params={"since": rows[0]["at"]}).json()["items"]
    until = client.get("/v1/audit", params={"until": rows[0]["at"]}).json()["items"]
    assert (since, until) == (rows[:1], rows[1:])


def test_pages_tell_everything_once(client: TestClient, service: Service) -> None:
    fill(service.database)
    seen: list[int] = []
    params: dict[str, Any] = {"limit": 7}
    while True:
        page = client.get("/v1/audit", params=params).json()
        seen += [row["number"] for row in page["items"]]
        if page["next"] is None:
            break
        params["cursor"] = page["next"]
    assert seen == list(range(ROWS + 1, 0, -1))


def test_the_head_of_a_day(client: TestClient) -> None:
    head = client.get("/v1/audit/head").json()
    (row,) = client.get("/v1/audit").json()["items"]
    assert head == {"number": 1, "hash": row["hash"], "at": row["at"]}
    written = datetime.fromisoformat(row["at"]).date()
    assert client.get("/v1/audit/head", params={"day": str(written)}).json() == head
    before = client.get("/v1/audit/head", params={"day": str(written - timedelta(1))}).json()
    assert before["number"] == 0
    past = client.get("/v1/audit/head?day=2020-01-01").json()
    assert past == {"number": 0, "hash": "0" * 64, "at": None}
    assert client.get("/v1/audit/head?day=9999-12-31").json() == head
    for query in (
        "head?day=yesterday",
        "head?day=5e-9",
        "?since=2026-01-01T00:00:00",
        "?cursor=x",
        "?limit=0",
    ):
        assert client.get(f"/v1/audit/{query}".replace("/?", "?")).status_code == 422


def test_who_may(client_of: ClientOf) -> None:
    for url in ("/v1/audit", "/v1/audit/head", "/v1/audit/verify"):
        told = {role: client_of(role).get(url).status_code for role in Role}
        assert {role for role, status in told.items() if status == 200} == {Role.ADMIN}


def test_the_first_bad_row_is_named(client: TestClient, service: Service) -> None:
    fill(service.database)
    assert client.get("/v1/audit/verify").json() == {
        "whole": True,
        "rows": ROWS + 1,
        "first_bad": None,
        "faults": [],
    }
    tamper(service.database, "UPDATE audit SET actor = 'x' WHERE number IN (7, 9)")
    told = client.get("/v1/audit/verify").json()
    assert (told["whole"], told["first_bad"], len(told["faults"])) == (False, 7, 2)


TABLE = Table.metadata.tables["audit"]
TEXTS = ("actor", "action", "subject", "previous_hash", "hash")


def tamperings(dice: np.random.Generator) -> tuple[list[Executable], int]:
    """Return a random change of the trail, and the first row that is then not as it was."""
    row, other = (int(one) for one in dice.choice(range(1, ROWS + 1), 2, replace=False))
    is_row, number = TABLE.c.number == row, TABLE.c.number
    match dice.choice(("edit", "detail", "date", "delete", "cut", "swap", "insert")):
        case "edit":
            return [update(TABLE).where(is_row).values({str(dice.choice(TEXTS)): "x"})], row
        case "detail":
            return [update(TABLE).where(is_row).values(detail={})], row
        case "date":
            return [update(TABLE).where(is_row).values(at=datetime(2020, 1, 1, tzinfo=UTC))], row
        case "delete":
            return [delete(TABLE).where(is_row)], row
        case "cut":
            return [delete(TABLE).where(number >= row)], row
        case "swap":
            swapped = update(TABLE).values(number=case((is_row, -other), else_=-row))
            back = update(TABLE).where(number < 0).values(number=-number)
            return [swapped.where(number.in_((row, other))), back], min(row, other)
        case _:
            columns = [column for column in TABLE.c if column.name != "number"]
            copy = select((number + 1000).label("number"), *columns).where(is_row)
            names = ["number", *(column.name for column in columns)]
            return [insert(TABLE).from_select(names, copy)], ROWS + 1


@pytest.mark.parametrize(
    "count", [60, pytest.param(1000, marks=pytest.mark.hard)], ids=["some", "all"]
)
def test_every_tampering_is_found(database: Database, count: int) -> None:
    fill(database)
    tamper(database, "SELECT 1")
    dice, found = np.random.default_rng(30), 0
    for _ in range(count):
        statements, first = tamperings(dice)
        with database.writing() as session, session.begin_nested() as nested:
            for statement in statements:
                session.execute(statement)
            check = check_audit(session)
            found += check.first_bad == first
            nested.rollback()
    assert found == count
    with database.reading() as session:
        assert check_audit(session).whole

"""Names in exports: only for who asks for them and may, and as the tables told them."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow.parquet as pq
import pytest

from api.services.access.roles import Role
from tests.api.company import add_company, add_plan_of, add_rules, publish
from tests.api.invariants import broken

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi.testclient import TestClient

    from api.services.service import Service
    from tests.api.conftest import ClientOf

NAMES = {"company", "email", "phone", "rep_name"}
CSV, PARQUET = {"Accept": "text/csv"}, {"Accept": "application/vnd.apache.parquet"}


@pytest.fixture
def empty_url(tmp_path: Path) -> str:
    """Return the URL of an empty database: `test_people` reads names from both kinds."""
    return f"sqlite:///{tmp_path}/fairlead.db"


@pytest.fixture
def paths(service: Service, client: TestClient) -> list[str]:
    """Publish a plan; return the addresses of who has its leads."""
    plan = add_plan_of(service, add_company(service), add_rules(service))
    publish(service, plan)
    publication = client.get("/v1/publications/current").json()["id"]
    return [
        f"/v1/plans/{plan}/assignments",
        f"/v1/publications/{publication}/assignments",
        "/v1/publications/current/assignments",
    ]


def test_exports_tell_names_to_who_asks_for_them(client: TestClient, paths: list[str]) -> None:
    for path in paths:
        plain = client.get(path, headers=CSV)
        assert not NAMES & set(pd.read_csv(io.StringIO(plain.text)))
        assert "example.org" not in plain.text
        assert not NAMES & set(client.get(path).json()["items"][0])
        asked = {"names": True}
        table = pd.read_csv(io.StringIO(client.get(path, headers=CSV, params=asked).text))
        assert set(table) >= NAMES
        told = table.set_index("lead_id").loc["L07"]
        assert (told["company"], told["email"]) == ("Company 7", "person7@example.org")
        reps = {"R1": "Ann Ames", "R2": "Bob Best", "R3": "Cleo Cole"}
        known = table[table["rep_id"].isin(reps)]
        assert len(known)
        assert (known["rep_name"] == known["rep_id"].map(reps)).all()
        assert table.loc[table["rep_id"].isna(), "rep_name"].isna().all()
        parquet = client.get(path, headers=PARQUET, params=asked).content
        assert pq.read_table(io.BytesIO(parquet))["email"].to_pylist() == list(
            table["email"].astype(object).where(table["email"].notna(), None)
        )
        page = client.get(path, params={**asked, "limit": 2}).json()
        more = client.get(path, params={**asked, "limit": 2, "cursor": page["next"]}).json()
        items = [*page["items"], *more["items"]]
        assert [item["email"] for item in items] == list(
            table["email"].astype(object).where(table["email"].notna(), None)[:4]
        )


def test_who_may_not_see_them_is_refused(
    client_of: ClientOf, service: Service, paths: list[str]
) -> None:
    for role in (Role.VIEWER, Role.ANALYST, Role.APPROVER):
        for path in paths:
            told = client_of(role).get(path, params={"names": True})
            assert (told.status_code, told.json()["code"]) == (403, "forbidden"), path
    # Who is limited sees those of the own leads, and none of the pool.
    for path in paths:
        limited = client_of(Role.PLANNER, teams=["east"]).get(path, params={"names": True})
        items = limited.json()["items"]
        assert {(item["team"], item["email"] is None) for item in items} == {
            ("east", False),
            (None, True),
        }
    assert broken(service.database) == []


def test_who_was_erased_is_told_no_more(client: TestClient, paths: list[str]) -> None:
    asked = {"names": True}
    before = {path: client.get(path, headers=CSV, params=asked) for path in paths}
    erased = client.post("/v1/people/erase", json={"table": "leads", "id": "L07"})
    assert erased.status_code == 200
    for path, told in before.items():
        known = {**CSV, "If-None-Match": told.headers["ETag"]}
        again = client.get(path, headers=known, params=asked)
        assert (again.status_code, "person7@" in told.text) == (200, True)
        assert "person7@" not in again.text

"""/v1/plans: headers, figures, tables in each form, who sees what."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fastapi.testclient import TestClient

from api.routes.app import make_app
from api.services.access.keys import add_key
from api.services.access.roles import Role
from api.services.desk.desk import Desk
from models.files.csv_writer import fused
from tests.api.company import (
    LEADS,
    TABLES,
    add_company,
    add_plan_of,
    add_rules,
)

if TYPE_CHECKING:
    from pathlib import Path

    from api.services.service import Service
    from models.plan import Plan
    from tests.api.conftest import ClientOf

PARQUET = "application/vnd.apache.parquet"


@pytest.fixture
def empty_url(tmp_path: Path) -> str:
    """Return the URL of an empty database; plans are read alike from both kinds."""
    return f"sqlite:///{tmp_path}/fairlead.db"


def everything(client: TestClient, url: str, limit: int = 5) -> list[dict[str, Any]]:
    """Return all pages of a table."""
    rows: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = client.get(f"{url}{'&' if '?' in url else '?'}limit={limit}{cursor}")
        assert page.status_code == 200, page.text
        rows += page.json()["items"]
        if page.json()["next"] is None:
            return rows
        assert len(page.json()["items"]) == limit
        cursor = f"&cursor={page.json()['next']}"


def test_a_header_labels_its_figures(client: TestClient, plan: Plan, plan_id: str) -> None:
    told = client.get(f"/v1/plans/{plan_id}").json()
    assert client.get("/v1/plans").json() == {"items": [told], "next": None}
    figures = {figure["name"]: figure for figure in told["metrics"]}
    assert figures["expected_value"]["value"] == plan.record.kpis.expected_value
    assert all(figure["title"] and figure["description"] for figure in told["metrics"])
    assert told["currency"] == "USD"
    of_run = client.get(f"/v1/plans?run={told['run_id']}").json()["items"]
    assert [item["id"] for item in of_run] == [plan_id]
    assert client.get(f"/v1/plans?run={plan_id}").json()["items"] == []


def test_figures_are_told_per_measure_and_group(
    client: TestClient, client_of: ClientOf, plan: Plan, plan_id: str
) -> None:
    told = client.get(f"/v1/plans/{plan_id}/kpis").json()
    count = next(load for load in told["loads"] if load["measure"] == "count")
    most = next(figure for figure in count["metrics"] if figure["name"] == "most")
    assert (most["value"], most["unit"]) == (plan.record.kpis.loads["count"].most, "leads")
    assert {group["name"] for group in told["groups"] if group["by"] == "team"} == {"east", "west"}


@pytest.mark.parametrize(
    ("limits", "groups"),
    [
        ({"teams": ["east"]}, {"east"}),
        ({"regions": ["US/East"]}, {"US/East"}),
        # A part of each is kept from them by the other limit.
        ({"teams": ["east"], "regions": ["US/East"]}, set()),
    ],
    ids=str,
)
def test_who_is_limited_is_told_no_figures_of_the_whole_company(
    client_of: ClientOf, plan_id: str, limits: dict[str, list[str]], groups: set[str]
) -> None:
    limited, url = client_of(Role.VIEWER, **limits), f"/v1/plans/{plan_id}"
    told = limited.get(f"{url}/kpis").json()
    assert {group["name"] for group in told["groups"]} == groups
    assert told["loads"] == []
    listed = limited.get("/v1/plans").json()["items"]
    for one in (told, limited.get(url).json(), *listed):
        values = {figure["name"]: figure["value"] for figure in one["metrics"]}
        assert {name for name, value in values.items() if value is not None} == {"gap", "breaches"}


def test_tables_are_the_plans_own(client: TestClient, plan: Plan, plan_id: str) -> None:
    url = f"/v1/plans/{plan_id}"
    rows = everything(client, f"{url}/assignments")
    assert [row["lead_id"] for row in rows] == sorted(plan.assignments["lead_id"])
    reps = plan.assignments.set_index("lead_id")["rep_id"]
    assert {row["lead_id"]: row["rep_id"] for row in rows} == reps.astype(object).where(
        reps.notna(), None
    ).to_dict()
    unassigned = everything(client, f"{url}/unassigned", 1)
    assert {row["lead_id"] for row in unassigned} == set(plan.unassigned["lead_id"])
    assert all(row["reason"] for row in unassigned)
    moved = everything(client, f"{url}/moves")
    assert len(moved) == plan.record.kpis.moves
    assert all(row["owner"] != row["rep_id"] for row in moved)
    told = everything(client, f"{url}/reps", 3)
    assert {rep["rep_id"]: rep["count limit"] for rep in told} == dict.fromkeys(
        ("R1", "R2", "R3", "R4"), 4.0
    )
    assert len(everything(client, f"{url}/prices")) == len(plan.prices)
    sentences = client.get(f"{url}/sentences").json()
    assert [one["text"] for one in sentences["sentences"]] == [
        one.text for one in plan.record.sentences
    ]
    source = client.get(f"{url}/source").json()
    assert source["record"] == plan.record.model_dump(mode="json", by_alias=True)
    assert source["policy"] == plan.policy_text
    assert [issue["code"] for issue in source["issues"]] == list(plan.issues["code"])


def test_filters(client: TestClient, plan_id: str) -> None:
    url = f"/v1/plans/{plan_id}/assignments"
    rows = everything(client, url, 18)

    def is_meant(row: dict[str, Any], name: str, value: str) -> bool:
        if name == "region":
            return f"{row['region']}/".startswith(f"{value}/")
        if name == "moved":
            return bool(row["moved"])
        return bool(row["rep_id" if name == "rep" else name] == value)

    for query in (
        *("rep=R1", "team=east", "region=US/East", "region=US/East/1", "grade=A"),
        *("moved=true", "rep=X", "region=US/Ea"),
    ):
        name, value = query.split("=")
        wanted = [row for row in rows if is_meant(row, name, value)]
        assert everything(client, f"{url}?{query}", 2) == wanted, query
        assert bool(wanted) == (value not in ("X", "US/Ea"))


def test_each_form_holds_the_same(client: TestClient, plan_id: str) -> None:
    for name in ("assignments", "unassigned", "moves", "reps", "prices"):
        check_forms(client, plan_id, name)


def check_forms(client: TestClient, plan_id: str, name: str) -> None:
    """Hold CSV and Parquet of a table against its pages."""
    url = f"/v1/plans/{plan_id}/{name}"
    rows = everything(client, url, 1000)
    answer = client.get(url, headers={"Accept": PARQUET})
    assert answer.headers["content-type"] == PARQUET
    assert pq.read_table(pa.BufferReader(answer.content)).to_pylist() == rows
    answer = client.get(url, headers={"Accept": "text/csv, application/json;q=0.5"})
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}.csv"'
    read = list(csv.DictReader(io.StringIO(answer.text, newline=""), strict=True))
    assert [sorted(row) for row in read] == [sorted(row) for row in rows]
    for cells, row in zip(read, rows, strict=True):
        for column, value in row.items():
            if isinstance(value, float):
                assert float(cells[column]) == value
            else:
                assert cells[column].lower() == ("" if value is None else str(value).lower())


def test_forms_that_there_are_not(client: TestClient, plan_id: str) -> None:
    url = f"/v1/plans/{plan_id}/assignments"
    for accept in ("image/png", "text/csv;q=0", "application/json;q=x", "nonsense"):
        told = client.get(url, headers={"Accept": accept})
        assert (told.status_code, told.json()["code"]) == (406, "not_acceptable")
    for accept in ("*/*", "application/*", "text/html, */*;q=0.1", "application/json"):
        assert client.get(url, headers={"Accept": accept}).json()["items"]
    for cursor in ("nonsense", "Wy0xXQ", "WzAuNV0"):
        assert client.get(f"{url}?cursor={cursor}").status_code == 422
    beyond = client.get(f"{url}?cursor=WzUwMF0")
    assert beyond.json() == {"items": [], "next": None}


def test_what_is_known_is_not_sent_again(
    client: TestClient, client_of: ClientOf, plan_id: str
) -> None:
    url = f"/v1/plans/{plan_id}/assignments"
    first = client.get(url)
    tag = first.headers["etag"]
    again = client.get(url, headers={"If-None-Match": f'"x", W/{tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    others = [
        client.get(url, headers={"If-None-Match": tag, "Accept": "text/csv"}),
        client.get(f"{url}?grade=A", headers={"If-None-Match": tag}),
        client_of(Role.VIEWER, teams=["east"]).get(url, headers={"If-None-Match": tag}),
    ]
    assert [answer.status_code for answer in others] == [200, 200, 200]


def test_who_is_limited_sees_the_own_part(
    client: TestClient, client_of: ClientOf, plan_id: str
) -> None:
    url = f"/v1/plans/{plan_id}"
    rows = {row["lead_id"]: row for row in everything(client, f"{url}/assignments", 1000)}
    east = client_of(Role.VIEWER, teams=["east"])
    seen = everything(east, f"{url}/assignments", 1000)
    assert seen == [
        row if row["runner_up"] in ("R1", "R2", None) else {**row, "runner_up_loss": None}
        for row in rows.values()
        if row["team"] in ("east", None)
    ]
    assert any(row["runner_up_loss"] != rows[row["lead_id"]]["runner_up_loss"] for row in seen)
    assert 0 < len(seen) < len(rows)
    answer = east.get(f"{url}/assignments", headers={"Accept": PARQUET})
    assert pq.read_table(pa.BufferReader(answer.content)).num_rows == len(seen)
    assert {rep["rep_id"] for rep in everything(east, f"{url}/reps")} == {"R1", "R2"}
    assert {price["label"] for price in everything(east, f"{url}/prices")} == {"R1", "R2"}
    moved = everything(east, f"{url}/moves", 1000)
    assert {row["lead_id"] for row in moved} == {
        lead
        for lead, row in rows.items()
        if row["moved"] and ("east" in (row["team"], row["owner_team"]) or row["team"] is None)
    }
    for row in moved:
        assert (row["expected_value"] is None) == (row["team"] == "west"), row
    # They tell of everybody.
    assert east.get(f"{url}/source").status_code == 403
    west = client_of(Role.ANALYST, regions=["US/West"])
    seen = everything(west, f"{url}/assignments", 1000)
    assert {row["region"].split("/")[1] for row in seen} == {"West"}
    there = {row["rep_id"] for row in seen} - {None}
    assert {rep["rep_id"] for rep in everything(west, f"{url}/reps")} == there
    hidden = next(lead for lead, row in rows.items() if row["region"].startswith("US/East"))
    for path in (f"leads/{hidden}", f"leads/{hidden}/why-not/R1"):
        assert west.get(f"{url}/{path}").status_code == 404


def test_what_is_not_there(client: TestClient, plan_id: str) -> None:
    for path in (
        "leads/nobody",
        "leads/a%2Fb",
        "leads/L01/why-not/R9",
        "leads/nobody/why-not/R1",
    ):
        told = client.get(f"/v1/plans/{plan_id}/{path}")
        assert (told.status_code, told.json()["code"]) == (404, "not_found"), path
    for path in ("", "/kpis", "/assignments", "/leads/L01", "/reps", "/source"):
        assert client.get(f"/v1/plans/{'0' * 32}{path}").status_code == 404
        assert client.get(f"/v1/plans/nonsense{path}").status_code == 422


def test_formulas_are_defused_in_every_export(service: Service, client: TestClient) -> None:
    rules = add_rules(service)
    evil = {f"L{number:02}": f"{mark}X{number:02}" for number, mark in enumerate("=+-@\uff1d", 1)}
    leads = LEADS
    for plain, formula in evil.items():
        leads = leads.replace(f"\n{plain},", f"\n{formula},")
    leads = leads.replace("US/East", "=US/East").replace(",A,", ",+A,")
    reps = TABLES["reps.csv"].replace("US/East", "=US/East").replace(",east,", ",@east,")
    tables = {**TABLES, "leads.csv": leads, "reps.csv": reps.replace("R1,", "-R1,")}
    tables["leads.csv"] = tables["leads.csv"].replace(",R1,", ",-R1,")
    plan_id = add_plan_of(service, add_company(service, tables), rules)
    exported = 0
    for name in ("assignments", "unassigned", "moves", "reps", "prices"):
        url = f"/v1/plans/{plan_id}/{name}"
        rows = everything(client, url, 1000)
        text = client.get(url, headers={"Accept": "text/csv"}).text
        read = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
        for cells, row in zip(read, rows, strict=True):
            for column, value in row.items():
                if isinstance(value, str):
                    assert fused(cells[column]) == value
                    exported += cells[column].startswith("'")
                    assert cells[column][:1] not in tuple("=+-@\uff1d")
    assert exported > 50


def test_answers_come_from_a_process_of_its_own(service: Service, plan_id: str) -> None:
    apart = replace(service, desk=Desk(seconds=60))
    with service.database.writing() as session:
        _, key = add_key(session, "test", Role.ADMIN, {}, actor="test")
    client = TestClient(make_app(apart), headers={"Authorization": f"Bearer {key}"})
    try:
        assert client.get(f"/v1/plans/{plan_id}/leads/L01").json()["lead_id"] == "L01"
        told = client.get(f"/v1/plans/{plan_id}/leads/L01/why-not/R3").json()
        assert told["answer"] == "forbidden"
        other = add_plan_of(service, add_company(service), add_rules(service))
        body = {"plans": [plan_id, other]}
        assert client.post("/v1/comparisons", json=body).json()["plans"] == [plan_id, other]
        lead = {"lead_id": "L01"}
        faults = client.post("/v1/recommendations", json={"plan": other, "leads": [lead]})
        assert (faults.status_code, faults.json()["issues"][0]["line"]) == (422, 1)
    finally:
        apart.desk.close()

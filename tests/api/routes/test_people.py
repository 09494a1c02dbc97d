"""Names and contacts: kept apart, shown to who may see them, erased for one person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from sqlalchemy import select

from api.services.access.roles import Role
from api.store.tables import AuditRow, TransferRow
from models.files.snapshot_files import read_snapshot
from tests.api.company import LEADS, TABLES, add_company, add_plan_of, add_rules, publish
from tests.api.invariants import broken
from tests.api.office import owners

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from api.services.service import Service
    from tests.api.conftest import ClientOf

HISTORY = "lead_id,rep_id,closed_on,won,company\n" + "".join(
    f"L{number:02},R1,2026-01-0{number},1,Company {number}\n" for number in (1, 2)
)


@pytest.fixture
def snapshot(service: Service) -> str:
    """Return the id of a company with a past."""
    return add_company(service, {**TABLES, "history.csv": HISTORY})


def listed(client: TestClient, snapshot: str, table: str, **params: Any) -> dict[str, object]:
    """Return all names and contacts of a table, by id."""
    found: dict[str, object] = {}
    cursor: dict[str, str] = {}
    while True:
        told = client.get(
            f"/v1/snapshots/{snapshot}/people", params={"table": table, **params, **cursor}
        )
        assert told.status_code == 200, told.text
        page = told.json()
        found |= {item["id"]: item["values"] for item in page["items"]}
        if page["next"] is None:
            return found
        cursor = {"cursor": page["next"]}


def test_tables_hold_tokens_and_people_the_values(
    client: TestClient, service: Service, snapshot: str
) -> None:
    directory = service.copies.directory(snapshot)
    kept = read_snapshot(directory)
    assert not (directory / "people.parquet").exists()
    assert not kept.leads["email"].str.contains("person").any()
    assert not kept.leads["company"].str.contains("Company").any()
    assert not kept.reps["name"].isin(["Ann Ames", "Bob Best"]).any()
    leads = listed(client, snapshot, "leads", limit=5)
    assert len(leads) == 18
    assert leads["L07"] == {"company": "Company 7", "email": "person7@example.org"}
    assert listed(client, snapshot, "reps")["R3"] == {"name": "Cleo Cole"}
    assert set(listed(client, snapshot, "leads", id=["L07", "L08", "nobody"])) == {"L07", "L08"}


def test_only_known_columns_are_kept(client: TestClient, service: Service) -> None:
    lines = LEADS.splitlines()
    wider = "\n".join([lines[0] + ",notes", *(line + ",canary-note" for line in lines[1:])])
    snapshot = add_company(service, {**TABLES, "leads.csv": wider + "\n"})
    directory = service.copies.directory(snapshot)
    for path in directory.iterdir():
        assert b"canary-note" not in path.read_bytes()
    assert "notes" not in pd.read_parquet(directory / "leads.parquet").columns


def test_equal_facts_have_equal_hashes(service: Service, client: TestClient) -> None:
    add_company(service)
    add_company(service, {**TABLES, "leads.csv": LEADS.replace("Company", "Firma")})
    add_company(service, {**TABLES, "leads.csv": LEADS.replace("Company 2,", "Company 1,")})
    third, second, first = [
        item["content_hash"] for item in client.get("/v1/snapshots").json()["items"]
    ]
    assert first == second != third


def test_who_sees_names(client_of: ClientOf, snapshot: str) -> None:
    url = f"/v1/snapshots/{snapshot}/people?table=leads"
    told = {role: client_of(role).get(url).status_code for role in Role}
    assert {role for role, status in told.items() if status == 200} == {Role.PLANNER, Role.ADMIN}
    west = client_of(Role.PLANNER, teams=["west"])
    # R3 is west's; to claim what nobody has takes no contacts.
    assert set(listed(west, snapshot, "leads")) == {
        f"L{number:02}" for number in range(1, 19) if number % 4 == 2
    }
    assert set(listed(west, snapshot, "reps")) == {"R3", "R4"}
    east = client_of(Role.PLANNER, regions=["US/East"])
    assert set(listed(east, snapshot, "leads")) == {
        f"L{number:02}" for number in range(1, 19) if number % 2
    }


def test_who_has_a_lead_now_counts(
    client: TestClient, client_of: ClientOf, service: Service, snapshot: str
) -> None:
    """The tables' owners do not tell who sees contacts, once a publication has moved the leads."""
    publish(service, add_plan_of(service, snapshot, add_rules(service)))
    path = "/v1/publications/current/assignments"
    for team in ("east", "west"):
        limited = client_of(Role.PLANNER, teams=[team])

        def now_of(team: str = team) -> set[str]:
            items = client.get(path).json()["items"]
            return {item["lead_id"] for item in items if item["team"] == team}

        mine = now_of()
        assert set(listed(limited, snapshot, "leads")) == mine
        lead = min(mine)
        returned = client.post(f"/v1/pool/{lead}/return", json={"reason": "ill"})
        assert returned.status_code == 200
        assert set(listed(limited, snapshot, "leads")) == now_of() == mine - {lead}
        told = limited.get(path, params={"names": True}).json()["items"]
        assert {item["lead_id"] for item in told if item["email"]} == now_of()
        assert lead in {item["lead_id"] for item in told}


def test_one_person_is_erased_from_all_snapshots(
    client: TestClient, service: Service, snapshot: str
) -> None:
    other = add_company(service)
    told = client.post("/v1/people/erase", json={"table": "leads", "id": "L02"})
    assert (told.status_code, told.json()) == (200, {"snapshots": 2, "values": 5})
    for one in (snapshot, other):
        assert "L02" not in listed(client, one, "leads")
        assert len(listed(client, one, "leads")) == 17
        assert len(listed(client, one, "reps")) == 4
        assert read_snapshot(service.copies.directory(one)).num_leads == 18
    with service.database.reading() as session:
        (row,) = session.scalars(select(AuditRow).where(AuditRow.action == "person_erased"))
        assert (row.subject, row.detail) == (
            "L02",
            {"table": "leads", "snapshots": 2, "values": 5, "feedback": 0, "reasons": 0},
        )
    again = client.post("/v1/people/erase", json={"table": "leads", "id": "L02"})
    assert (again.status_code, again.json()["code"]) == (404, "not_found")
    assert broken(service.database) == []


def test_what_was_said_of_somebody_goes_with_them(
    client: TestClient, service: Service, snapshot: str
) -> None:
    publish(service, add_plan_of(service, snapshot, add_rules(service)))
    rep_of = owners(client)
    others = [lead for lead in rep_of if lead != "L02"]
    leads = ["L02", *(next(lead for lead in others if rep_of[lead] == rep) for rep in ("R1", "R3"))]
    for lead in leads:
        sent = {"lead_id": lead, "verdict": "bad", "text": f"the owner of {lead} is ill"}
        assert client.post("/v1/feedback", json=sent).status_code == 201
    for lead in leads:
        pin = {"lead_id": lead, "kind": "fixed", "rep_id": "R4", "reason": f"{lead} asked"}
        assert client.post("/v1/pins", json=pin).status_code == 201
        to = f"/v1/books/R2/leads/{lead}" if rep_of[lead] is None else f"/v1/pool/{lead}/return"
        handed = client.post(to, json={"reason": f"{lead} moves"})
        assert handed.status_code == 200, handed.text
    for table, one in (("leads", "L02"), ("reps", "R1")):
        assert client.post("/v1/people/erase", json={"table": table, "id": one}).is_success
    pins = {item["lead_id"]: item for item in client.get("/v1/pins").json()["items"]}
    with service.database.reading() as session:
        moved = {row.lead_id: row.reason for row in session.scalars(select(TransferRow))}
        trail = [str(row.detail) for row in session.scalars(select(AuditRow))]
    for lead in leads:
        kept = "" if lead == "L02" else f"{lead} asked"
        assert (pins[lead]["reason"], pins[lead]["version"]) == (kept, 1 if kept else 2)
        is_told = lead != "L02" and rep_of[lead] != "R1"
        assert moved[lead] == (f"{lead} moves" if is_told else "")
    # The trail, which nobody may change, has never told them.
    assert not any(word in row for word in (" asked", " moves") for row in trail)
    texts = {item["lead_id"]: item["text"] for item in client.get("/v1/feedback").json()["items"]}
    assert {lead for lead in texts if texts[lead]} == {
        lead for lead in leads if lead != "L02" and rep_of[lead] != "R1"
    }
    # Also what is said later, when no snapshot tells a name any more.
    gone = {"table": "leads", "id": "L02"}
    assert client.post("/v1/people/erase", json=gone).status_code == 404
    client.post("/v1/feedback", json={"lead_id": "L02", "verdict": "bad", "text": "again"})
    assert client.post("/v1/people/erase", json=gone).json() == {"snapshots": 0, "values": 0}
    assert "again" not in client.get("/v1/feedback").text


def test_bad_questions(client: TestClient, snapshot: str) -> None:
    url = f"/v1/snapshots/{snapshot}/people"
    for query in ("", "?table=history", "?table=leads&cursor=x", "?table=leads&id="):
        assert client.get(url + query).status_code == 422, query
    assert client.get(f"/v1/snapshots/{'0' * 32}/people?table=leads").status_code == 404
    assert client.post("/v1/people/erase", json={"table": "leads", "id": ""}).status_code == 422

"""Why a lead is where it is, and why not elsewhere: explanations of plans, and who is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from api.jobs.plans import Origin
from api.services.access.roles import Role
from api.store.columns import new_id
from api.store.dialect import now
from api.store.tables import PlanRow, ScenarioRow
from models.files.snapshot_files import read_snapshot
from models.outcome import Limits
from planner.explain.why import why
from planner.planned import Planned
from planner.policy import policy_from_text
from planner.solve import make_plan
from scenarios.what_if.scenario_file import scenario_from_text
from tests.api.company import POLICY, add_company, add_made_plan, add_rules, publish
from tests.api.invariants import broken
from tests.api.office import whole

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi.testclient import TestClient

    from api.services.service import Service
    from models.plan import Plan
    from tests.api.conftest import ClientOf

SCENARIO = """\
name: one leaves
changes:
  - rep_leaves: {reps: [R4]}
"""


@pytest.fixture
def empty_url(tmp_path: Path) -> str:
    """Return the URL of an empty database; plans are read alike from both kinds."""
    return f"sqlite:///{tmp_path}/fairlead.db"


def test_why_a_lead_is_where_it_is(
    service: Service, client: TestClient, plan: Plan, plan_id: str
) -> None:
    tables = service.copies.directory(client.get(f"/v1/plans/{plan_id}").json()["snapshot_id"])
    planned = Planned(read_snapshot(tables), policy_from_text(POLICY), plan)
    for lead_id in plan.assignments["lead_id"]:
        told = client.get(f"/v1/plans/{plan_id}/leads/{lead_id}?others=2")
        assert told.status_code == 200, told.text
        told_alone = why(planned, lead_id, others=2).model_dump(mode="json")
        assert told.json() == {**told_alone, "now": None}
    lead = plan.assignments.iloc[0]
    url = f"/v1/plans/{plan_id}/leads/{lead['lead_id']}/why-not"
    answers = {rep: client.get(f"{url}/{rep}").json() for rep in ("R1", "R2", "R3", "R4")}
    assert answers[lead["rep_id"]]["answer"] == "assigned"
    assert answers["R3"]["answer"] == "forbidden"
    assert "region" in answers["R3"]["text"]
    other = answers["R1" if lead["rep_id"] == "R2" else "R2"]
    assert other["answer"] == "possible"
    assert other["loss_at_least"] <= other["loss_at_most"]


def test_an_explanation_tells_who_has_the_lead_now(
    service: Service, client: TestClient, plan: Plan, plan_id: str
) -> None:
    publish(service, plan_id)
    lead = plan.assignments.dropna(subset="rep_id").iloc[0]
    url = f"/v1/plans/{plan_id}/leads/{lead['lead_id']}"
    assert client.get(url).json()["now"] == {"publication": 1, "rep_id": lead["rep_id"]}
    back = client.post(f"/v1/pool/{lead['lead_id']}/return", json={"reason": "x"})
    assert back.status_code == 200
    told = client.get(url).json()
    assert (told["rep_id"], told["now"]) == (lead["rep_id"], {"publication": 1, "rep_id": None})


def test_loads_and_money_of_other_teams_are_not_told(
    client: TestClient, client_of: ClientOf, plan_id: str
) -> None:
    url = f"/v1/plans/{plan_id}"
    rows = whole(client, f"{url}/assignments")
    team_of = {rep["rep_id"]: rep["team"] for rep in whole(client, f"{url}/reps")}
    for team, other in (("east", "R4"), ("west", "R1")):
        limited, hidden = client_of(Role.VIEWER, teams=[team]), 0
        for row in rows:
            why_url = f"{url}/leads/{row['lead_id']}"
            told = limited.get(f"{why_url}?others=10")
            if row["team"] not in (team, None):
                assert told.status_code == 404
                continue
            unlimited = client.get(f"{why_url}?others=10").json()
            named = {one["rep_id"] for one in told.json()["alternatives"]}
            everybody = {one["rep_id"] for one in unlimited["alternatives"]}
            assert named == {rep for rep in everybody if team_of[rep] == team}
            hidden += named != everybody
            assert not any(rep in told.json()["text"] for rep in team_of if team_of[rep] != team), (
                told.text
            )
            refused = limited.get(f"{why_url}/why-not/{other}")
            assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
            unknown = limited.get(f"{why_url}/why-not/R9").json()["detail"]
            assert refused.json()["detail"].replace(other, "R9") == unknown
        assert hidden


def test_a_rep_is_told_of_the_own_book_only(client_of: ClientOf, plan: Plan, plan_id: str) -> None:
    rep = client_of(Role.REP, rep_id="R1")
    for lead_id, rep_id in zip(
        plan.assignments["lead_id"], plan.assignments["rep_id"], strict=True
    ):
        told = rep.get(f"/v1/plans/{plan_id}/leads/{lead_id}")
        assert told.status_code == (200 if rep_id == "R1" else 404)
        if rep_id == "R1":
            assert told.json()["alternatives"] == []
        # What others have, and have room for, is theirs.
        url = f"/v1/plans/{plan_id}/leads/{lead_id}/why-not"
        assert rep.get(f"{url}/R2").status_code == 404
        assert rep.get(f"{url}/R1").status_code == (200 if rep_id == "R1" else 404)
    for path in ("", "/kpis", "/assignments", "/reps"):
        assert rep.get(f"/v1/plans/{plan_id}{path}").status_code == 403
    nobody = client_of(Role.REP)
    assert nobody.get(f"/v1/plans/{plan_id}/leads/L01").status_code == 404


def test_a_plan_of_unknown_tables_explains_nothing(
    service: Service, client: TestClient, plan_id: str
) -> None:
    with service.database.writing() as session:
        session.execute(update(PlanRow).values(snapshot_id=None))
    told = client.get(f"/v1/plans/{plan_id}/leads/L01")
    assert (told.status_code, told.json()["code"]) == (409, "conflict")
    assert "send its tables" in told.json()["detail"]
    assert broken(service.database) == []


def add_scenario(service: Service, tables: str, rules: str) -> str:
    """Keep a scenario; return its id."""
    with service.database.writing() as session:
        row = ScenarioRow(
            id=new_id(),
            name="one leaves",
            snapshot_id=tables,
            policy_id=rules,
            text=SCENARIO,
            created_at=now(session),
            created_by="key:test",
        )
        session.add(row)
        return row.id


def test_a_plan_of_a_scenario_is_explained_with_its_changes(
    service: Service, client: TestClient
) -> None:
    tables, rules = add_company(service), add_rules(service)
    snapshot = read_snapshot(service.copies.directory(tables))
    policy = policy_from_text(POLICY)
    snapshot, policy = scenario_from_text(SCENARIO).applied(snapshot, policy)
    plan = make_plan(snapshot, policy, limits=Limits(seconds=10, threads=1), isolated=False)
    origin = Origin(tables, rules, add_scenario(service, tables, rules))
    plan_id = add_made_plan(service, snapshot, plan, origin)
    planned = Planned(snapshot, policy, plan)
    for lead_id in plan.assignments["lead_id"][:4]:
        told = client.get(f"/v1/plans/{plan_id}/leads/{lead_id}")
        assert told.status_code == 200, told.text
        assert told.json() == {**why(planned, lead_id).model_dump(mode="json"), "now": None}

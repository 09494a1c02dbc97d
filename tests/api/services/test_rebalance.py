"""The weekly rebalance, by a real worker: from a slot to what becomes of its plan."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from api.jobs.slots import fire_due
from api.services import rebalance
from api.services.access.roles import Role
from api.services.publications.approval import refuse_harmful
from api.services.publications.publish import publish_due
from api.store.tables import RunRow, ScheduleRow
from api.worker import duties_of, worker_of
from tests.api.company import (
    HEADER,
    LEADS,
    TABLES,
    add_company,
    add_plan_of,
    add_rules,
    publish,
    write_company,
)
from tests.api.invariants import broken
from tests.api.jobs.asked import sqlite_only
from tests.api.office import open_office, owners
from tests.api.routes.test_breaches import tables

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from fastapi.testclient import TestClient
    from httpx2 import Response

    from api.services.service import Service
    from tests.api.conftest import ClientOf

EASY = "- {metric: feasible, is: true}\n- {metric: expected_value, at_least: 50%, of: base}\n"
HARD = "- {metric: feasible, is: true}\n- {metric: coverage, at_least: 100%}\n"


def schedule(client: TestClient, **task: Any) -> str:
    """Add a schedule; return its address."""
    new = {
        "name": "weekly",
        "cron": "0 6 * * MON",
        "timezone": "Europe/Berlin",
        "task": {"policy": "weekly", "seconds": 5, **task},
    }
    told = client.post("/v1/schedules", json=new)
    assert told.status_code == 201, told.text
    return str(told.headers["location"])


def fired(service: Service, client: TestClient, url: str) -> dict[str, Any]:
    """Fire a schedule, have a worker do it; return the run as it ended."""
    run_id = client.post(f"{url}/fire").json()["run_id"]
    worker_of(service).work(until_idle=True)
    publish_due(service)
    assert broken(service.database) == []
    return dict(client.get(f"/v1/runs/{run_id}").json())


def publications(client: TestClient) -> list[str]:
    """Return the statuses of publications, newest first."""
    return [item["status"] for item in client.get("/v1/publications").json()["items"]]


def test_what_is_accepted_is_published(service: Service, client: TestClient) -> None:
    tables, rules = add_company(service), add_rules(service)
    publish(service, add_plan_of(service, tables, rules))
    before = owners(client)
    url = schedule(client, acceptance=EASY, then="publish")
    # A slot fires it, as the ticker of a worker does.
    with service.database.writing() as session:
        row = session.get_one(ScheduleRow, url.rpartition("/")[2])
        row.next_at = row.created_at
    (run_id,) = fire_due(service.database)
    worker_of(service).work(until_idle=True)
    run = client.get(f"/v1/runs/{run_id}").json()
    assert run["status"] == "solved", run
    assert "accepted, and is due to be published" in run["reason"]
    assert [rule["passed"] for rule in run["result"]["acceptance"]] == [True, True]
    assert publications(client) == ["approved", "published"]
    # Who approves by right of the schedule has it judged as a person's submission is.
    due = client.get("/v1/publications").json()["items"][0]
    assert due["foreseen"] == {"against": 1, "leads": 18, "new": 0, "gone": 0}
    assert due["breaches"] == {"checked": True, "choice": 0, "kept_owners": 0, "current": 0}
    assert len(publish_due(service)) == 1
    assert publications(client) == ["published", "superseded"]
    # The plan began with what was published, which was the best.
    assert owners(client) == before
    assert client.get(f"{url}/slots").json()["items"][0]["run_id"] == run_id
    assert broken(service.database) == []


@sqlite_only
def test_tables_that_are_still_to_come_are_not_taken(
    service: Service, client: TestClient, tmp_path: Path
) -> None:
    header = TABLES["snapshot.yaml"].replace("2026-11-20", "2027-11-21")
    folder = write_company(tmp_path / "next", {**TABLES, "snapshot.yaml": header})
    add_rules(service)
    files = [("files", (file.name, file.read_bytes())) for file in sorted(folder.iterdir())]
    told = client.post("/v1/snapshots", files=files)
    assert told.status_code == 422
    assert "2027-11-21 18:00 UTC (as_of), which is still to come" in told.json()["detail"]
    assert client.get("/v1/snapshots").json()["items"] == []


@sqlite_only
def test_a_schedule_keeps_to_the_quota_and_the_limits(service: Service, client: TestClient) -> None:
    add_rules(service)
    object.__setattr__(
        service, "settings", service.settings.model_copy(update={"runs_per_caller": 2})
    )
    url = schedule(client, then="nothing")
    told = [client.post(f"{url}/fire") for _ in range(3)]
    assert [answer.status_code for answer in told] == [202, 202, 429]
    assert "2 runs of this schedule" in told[-1].json()["detail"]
    task = {"policy": "weekly", "seconds": 5000, "then": "nothing"}
    new = {"name": "long", "cron": "0 6 * * *", "timezone": "UTC", "task": task}
    long = client.post("/v1/schedules", json=new)
    assert (long.status_code, "allows 3,600" in long.json()["detail"]) == (422, True)


@sqlite_only
def test_what_is_to_be_approved_waits(service: Service, client_of: ClientOf) -> None:
    add_company(service)
    add_rules(service)
    client = client_of()
    run = fired(service, client, schedule(client, then="submit"))
    assert "waits for approval" in run["reason"]
    assert publications(client) == ["submitted"]
    told = client.get("/v1/publications").json()["items"][0]
    assert told["foreseen"] == {"against": 0, "leads": 18, "new": 18, "gone": 0}
    address = told["id"]
    # It is the plan of who made the schedule, and of who changed it.
    approve = f"/v1/publications/{address}/approve"
    assert client.post(approve).status_code == 403
    assert client_of(Role.APPROVER).post(approve).status_code == 200


@sqlite_only
def test_what_breaks_a_rule_stops_with_the_reason(service: Service, client: TestClient) -> None:
    add_company(service)
    add_rules(service)
    run = fired(service, client, schedule(client, acceptance=HARD, then="publish"))
    assert run["status"] == "solved"
    assert "not accepted, so it goes no further" in run["reason"]
    assert [rule["passed"] for rule in run["result"]["acceptance"]] == [True, False]
    assert run["plan_id"] is not None
    assert publications(client) == []


@sqlite_only
def test_what_would_break_rules_with_what_stays_is_not_submitted(
    service: Service, client_of: ClientOf
) -> None:
    office = open_office(service, client_of, tables({}))
    office.publish(part={"regions": ["US/East"]})
    given = office.planner.post("/v1/books/R4/leads/E1", json={"reason": "they know each other"})
    assert given.status_code == 200, given.text
    run = fired(service, office.planner, schedule(office.planner, then="submit"))
    assert (run["status"], run["plan_id"] is not None) == ("solved", True)
    assert "goes no further than a plan: together with the leads that stay" in run["reason"]
    assert "rep R4: " in run["reason"]
    assert publications(office.planner) == ["published"]
    west = client_of(Role.VIEWER, teams=["west"])
    assert "rep R4" not in west.get(f"/v1/runs/{run['id']}").text


@pytest.mark.hard
@sqlite_only
def test_what_would_drop_most_leads_is_not_submitted(service: Service, client_of: ClientOf) -> None:
    office = open_office(service, client_of)
    office.publish()
    later, other = HEADER.replace("11-20", "11-21"), LEADS.replace("\nL", "\nT")
    add_company(service, {**TABLES, "snapshot.yaml": later, "leads.csv": other})
    acceptance = "- {metric: feasible, is: true}\n"
    url = schedule(office.planner, acceptance=acceptance, then="submit")
    run = fired(service, office.planner, url)
    assert "accepted, and goes no further than a plan: 18 of the 18 leads" in run["reason"]
    assert publications(office.planner) == ["published"]
    # The plan is kept, so a person may say that it is meant.
    draft = replace(office, plan=run["plan_id"]).draft()
    told = office.planner.post(f"{draft}/submit", json={"drop_most_leads": True})
    assert told.status_code == 200, told.text


@sqlite_only
def test_rules_that_compare_need_something_to_compare_with(
    service: Service, client: TestClient
) -> None:
    add_company(service)
    add_rules(service)
    run = fired(service, client, schedule(client, acceptance=EASY, then="submit"))
    assert run["status"] == "failed"
    assert "there is none yet" in run["reason"]


@sqlite_only
def test_an_export_is_read_from_its_folder(
    service: Service, client: TestClient, tmp_path: Path
) -> None:
    add_rules(service)
    folder = tmp_path / "exports"
    object.__setattr__(service.settings, "import_folders", (folder,))
    url = schedule(client, folder=str(folder / "crm"), then="submit")
    missing = fired(service, client, url)
    assert (missing["status"], "is not there" in missing["reason"]) == ("failed", True)
    write_company(folder / "crm", {**TABLES, "leads.csv": LEADS + "L19,US/East,A,9,0.5,R1,c,e\n"})
    run = fired(service, client, url)
    assert run["status"] == "solved", run["reason"]
    (snapshot,) = client.get("/v1/snapshots").json()["items"]
    assert (snapshot["summary"]["rows"]["leads"], snapshot["source"][:9]) == (19, "schedule:")
    assert client.get(f"/v1/plans/{run['plan_id']}").json()["snapshot_id"] == snapshot["id"]
    assert client.get(f"/v1/plans/{run['plan_id']}/leads/L19").status_code == 200
    address = f"/v1/snapshots/{snapshot['id']}"
    assert client.post(f"{address}/withdraw", json={"reason": "half of it"}).status_code == 200
    again = fired(service, client, url)
    assert (again["status"], "(half of it)" in again["reason"]) == ("failed", True)
    write_company(folder / "new", {**TABLES, "leads.csv": LEADS + "L20,US/East,A,9,0.5,R1,c,e\n"})
    (folder / "new" / "leads.csv").replace(folder / "crm" / "leads.csv")
    assert fired(service, client, url)["status"] == "solved"
    euros = HEADER.replace("USD", "EUR")
    (folder / "crm" / "snapshot.yaml").write_text(euros, encoding="utf-8")
    wrong = fired(service, client, url)
    assert (wrong["status"], wrong["plan_id"]) == ("failed", None)
    assert "their currency is EUR, not USD" in wrong["reason"]
    assert len(client.get("/v1/snapshots").json()["items"]) == 2


@dataclass
class Meanwhile:
    """Withdraws tables as soon as a plan that was made of them is looked at.

    Attributes
    ----------
    looks : how often plans were
    """

    change: Callable[[], Response]
    looks: int = 0

    def __call__(self, *asked: Any, **more: Any) -> None:
        """Look at a plan as it is done else."""
        refuse_harmful(*asked, **more)
        if not self.looks:
            assert self.change().status_code == 200
        self.looks += 1


def withdrawn(client: TestClient, snapshot: str) -> Response:
    """Withdraw a snapshot."""
    return client.post(f"/v1/snapshots/{snapshot}/withdraw", json={"reason": "a test"})


@sqlite_only
def test_tables_withdrawn_while_it_plans_are_left_for_those_before(
    service: Service, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = add_company(service)
    newest = add_company(service, {**TABLES, "snapshot.yaml": HEADER.replace("-20T", "-21T")})
    add_rules(service)
    meanwhile = Meanwhile(lambda: withdrawn(client, newest))
    monkeypatch.setattr(rebalance, "refuse_harmful", meanwhile)
    run = fired(service, client, schedule(client, then="submit"))
    assert (run["status"], run["attempts"], meanwhile.looks) == ("solved", 2, 2), run["reason"]
    assert client.get(f"/v1/plans/{run['plan_id']}").json()["snapshot_id"] == before
    assert publications(client) == ["submitted"]


@sqlite_only
def test_a_folder_that_is_withdrawn_while_it_is_planned_does_not_come_back(
    service: Service, client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_rules(service)
    object.__setattr__(service.settings, "import_folders", (tmp_path,))
    write_company(tmp_path / "crm")
    url = schedule(client, folder=str(tmp_path / "crm"), then="submit")
    assert fired(service, client, url)["status"] == "solved"
    (first,) = client.get("/v1/snapshots").json()["items"]
    meanwhile = Meanwhile(lambda: withdrawn(client, first["id"]))
    monkeypatch.setattr(rebalance, "refuse_harmful", meanwhile)
    run = fired(service, client, url)
    assert (run["status"], "(a test)" in run["reason"]) == ("failed", True), run["reason"]
    assert "crm' holds what was withdrawn" in run["reason"]
    assert (meanwhile.looks, len(client.get("/v1/snapshots").json()["items"])) == (1, 1)
    assert publications(client) == ["submitted"]


@sqlite_only
@pytest.mark.parametrize("attempts", [1, 2], ids=["while it plans", "while it is kept"])
def test_a_schedule_that_is_removed_publishes_nothing(
    service: Service, client: TestClient, monkeypatch: pytest.MonkeyPatch, attempts: int
) -> None:
    add_company(service)
    add_rules(service)
    url = schedule(client, then="submit")
    run_id = client.post(f"{url}/fire").json()["run_id"]

    def remove() -> Response:
        return client.delete(url, headers={"If-Match": '"v1"'})

    if attempts == 1:
        assert remove().status_code == 200
    else:
        monkeypatch.setattr(rebalance, "refuse_harmful", Meanwhile(remove))
    worker_of(service).work(until_idle=True)
    run = client.get(f"/v1/runs/{run_id}").json()
    assert (run["status"], run["attempts"]) == ("solved", attempts), run["reason"]
    assert "goes no further than a plan: its schedule was removed" in run["reason"]
    assert run["plan_id"] is not None
    assert publications(client) == []
    assert broken(service.database) == []


@sqlite_only
def test_nothing_to_plan_is_told(service: Service, client: TestClient) -> None:
    add_rules(service)
    run = fired(service, client, schedule(client, then="submit"))
    assert (run["status"], "no snapshot yet" in run["reason"]) == ("failed", True)


@sqlite_only
def test_pins_hold_and_are_explained(service: Service, client: TestClient) -> None:
    tables, rules = add_company(service), add_rules(service)
    publish(service, add_plan_of(service, tables, rules))
    holder = owners(client)["L02"]
    other = next(rep for rep in ("R3", "R4") if rep != holder)
    new = {"lead_id": "L02", "kind": "fixed", "rep_id": other, "reason": "asked for"}
    assert client.post("/v1/pins", json=new).status_code == 201
    run = fired(service, client, schedule(client, then="nothing"))
    assert run["reason"].endswith("is left as it is")
    told = client.get(f"/v1/plans/{run['plan_id']}/leads/L02")
    assert told.status_code == 200, told.text
    assert told.json()["rep_id"] == other


@sqlite_only
def test_a_worker_has_its_duties(service: Service, client: TestClient) -> None:
    add_company(service)
    add_rules(service)
    url = schedule(client, then="nothing")
    with service.database.writing() as session:
        row = session.get_one(ScheduleRow, url.rpartition("/")[2])
        row.next_at = row.created_at
    for duty in duties_of(service):
        duty.do()
    with service.database.reading() as session:
        assert session.query(RunRow).filter_by(caller=f"schedule:{row.id}").count() == 1

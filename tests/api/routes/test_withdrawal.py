"""Withdrawn snapshots: nothing goes by them any more, and what is published stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from api.services.access.roles import Role
from api.services.publications.publish import publish_due
from api.worker import worker_of
from tests.api.company import HEADER, TABLES, add_approved, add_company, add_plan_of
from tests.api.invariants import broken
from tests.api.office import ROOT, Office, open_office, owners, problem

if TYPE_CHECKING:
    from api.services.service import Service
    from tests.api.conftest import ClientOf

LATER = {**TABLES, "snapshot.yaml": HEADER.replace("2026-11-20", "2026-11-21")}
WHY = {"reason": "last year's export"}


@pytest.fixture
def office(service: Service, client_of: ClientOf) -> Office:
    """Return people with a plan of the small company."""
    return open_office(service, client_of)


def snapshot_of(office: Office, plan: str) -> str:
    """Return the address of a plan's tables."""
    told = office.planner.get(f"/v1/plans/{plan}").json()
    return f"/v1/snapshots/{told['snapshot_id']}"


def policy_of(office: Office) -> str:
    """Return the policy of the office's plan."""
    return str(office.planner.get(f"/v1/plans/{office.plan}").json()["policy_id"])


def test_nothing_can_be_made_of_withdrawn_tables(office: Office) -> None:
    draft = office.draft()
    address, policy = snapshot_of(office, office.plan), policy_of(office)
    snapshot = address.rpartition("/")[2]
    told = office.planner.post(f"{address}/withdraw", json=WHY)
    assert (told.status_code, told.json()["withdrawn_why"]) == (200, WHY["reason"])
    assert told.json() == office.planner.get(address).json()
    assert told.json()["withdrawn_at"] is not None
    for path, body in (
        (f"{address}/withdraw", WHY),
        ("/v1/runs", {"snapshot": snapshot, "policy": policy}),
        (
            "/v1/scenarios",
            {
                "name": "x",
                "snapshot": snapshot,
                "policy": policy,
                "changes": [{"rep_leaves": {"reps": ["R1"]}}],
            },
        ),
        (ROOT, {"plan": office.plan}),
        (f"{draft}/submit", None),
    ):
        refused = office.planner.post(path, json=body)
        assert problem(refused) == (409, "withdrawn"), path
        assert WHY["reason"] in refused.json()["detail"]
    # What was made of them can be looked at.
    assert office.planner.get(f"/v1/plans/{office.plan}").status_code == 200
    assert broken(office.service.database) == []


def test_the_newest_tables_are_those_before_them(office: Office) -> None:
    office.publish()
    later = add_company(
        office.service, {**LATER, "reps.csv": TABLES["reps.csv"] + "R5,E,x,US,9,9\n"}
    )
    pin = {"lead_id": "L01", "kind": "fixed", "rep_id": "R5", "reason": "knows them"}
    made = office.planner.post("/v1/pins", json=pin)
    assert made.status_code == 201, made.text
    office.planner.delete(made.headers["location"], headers={"If-Match": made.headers["etag"]})
    office.planner.post(f"/v1/snapshots/{later}/withdraw", json=WHY)
    assert office.planner.post("/v1/pins", json=pin).status_code == 422


def test_what_is_published_stays_and_can_come_back(office: Office) -> None:
    first = office.publish()
    before = owners(office.planner)
    later = add_company(office.service, LATER)
    plan = add_plan_of(office.service, later, policy_of(office))
    made = Office(office.service, office.planner, office.approver, plan).publish()
    for address in (snapshot_of(office, office.plan), f"/v1/snapshots/{later}"):
        assert office.planner.post(f"{address}/withdraw", json=WHY).status_code == 200
    assert office.planner.get(f"{ROOT}/current").json()["id"] == made["id"]
    back = office.approver.post(f"{ROOT}/{first['id']}/roll-back")
    assert back.status_code == 201, back.text
    assert owners(office.planner) == before
    assert broken(office.service.database) == []


def test_all_copies_of_the_same_tables_are_withdrawn(office: Office) -> None:
    copy = add_company(office.service)
    sent = f"/v1/snapshots/{copy}"
    assert office.planner.post(f"{sent}/withdraw", json=WHY).status_code == 200
    first = snapshot_of(office, office.plan)
    assert office.planner.get(first).json()["withdrawn_why"] == WHY["reason"]
    assert problem(office.planner.post(f"{first}/withdraw", json=WHY)) == (409, "withdrawn")
    # Whoever sends them again means it.
    again = add_company(office.service)
    assert office.planner.get(f"/v1/snapshots/{again}").json()["withdrawn_at"] is None


def test_a_run_that_waits_is_not_made_of_them(office: Office) -> None:
    address, policy = snapshot_of(office, office.plan), policy_of(office)
    base = {"snapshot": address.rpartition("/")[2], "policy": policy}
    run = office.planner.post("/v1/runs", json=base).headers["location"]
    office.planner.post(f"{address}/withdraw", json=WHY)
    worker_of(office.service).work(until_idle=True)
    told = office.planner.get(run).json()
    assert (told["status"], told["attempts"], told["plan_id"]) == ("failed", 1, None)
    assert WHY["reason"] in told["reason"]


def test_pins_need_tables(office: Office, client_of: ClientOf) -> None:
    office.publish()
    pin = {"lead_id": "L02", "kind": "fixed", "rep_id": "R4", "reason": "asked for"}
    pinned = office.planner.post("/v1/pins", json=pin).headers["location"]
    office.planner.post(f"{snapshot_of(office, office.plan)}/withdraw", json=WHY)
    limited = client_of(Role.PLANNER, teams=["east"])
    for more in ({"lead_id": "L01", "rep_id": "R1"}, {"lead_id": "L01"}, {"rep_id": "nobody"}):
        assert limited.post("/v1/pins", json={**pin, **more}).is_client_error
        assert problem(office.planner.post("/v1/pins", json={**pin, **more})) == (422, "invalid")
    removed = limited.delete(pinned, headers={"If-Match": '"v1"'})
    assert removed.status_code in (403, 404)
    assert office.planner.delete(pinned, headers={"If-Match": '"v1"'}).status_code == 200


def test_what_was_approved_is_not_published(office: Office) -> None:
    approved, submitted = office.approved(), office.draft()
    office.planner.post(f"{submitted}/submit")
    early = office.approved(effective_at=office.in_days(9))
    office.planner.post(f"{snapshot_of(office, office.plan)}/withdraw", json=WHY)
    for url in (f"{approved}/publish", f"{early}/publish", f"{submitted}/approve"):
        assert problem(office.approver.post(url)) == (409, "withdrawn"), url
    told = office.approver.post(f"{submitted}/reject", json={"reason": "withdrawn"})
    assert told.status_code == 200
    due = add_approved(office.service, office.plan)
    assert publish_due(office.service) == []
    told = office.planner.get(f"{ROOT}/{due}").json()
    assert (told["status"], WHY["reason"] in told["reason"]) == ("rejected", True)
    assert broken(office.service.database) == []


def test_who_sees_a_part_withdraws_nothing(office: Office, client_of: ClientOf) -> None:
    limited = client_of(Role.PLANNER, teams=["east"])
    told = limited.post(f"{snapshot_of(office, office.plan)}/withdraw", json=WHY)
    assert problem(told) == (403, "forbidden")

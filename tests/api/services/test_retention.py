"""Retention: what is too old goes, what somebody needs stays, and any number may look."""

from __future__ import annotations

from datetime import timedelta
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from api.jobs.queue import Queue
from api.jobs.run import NewRun
from api.services.retention import retain, retain_now
from api.store.current import make_current
from api.store.dialect import now
from api.store.files import has_files
from api.store.tables import (
    AnswerRow,
    AuditRow,
    PlanRow,
    PublicationRow,
    PublicationStatus,
    SnapshotRow,
)
from tests.api.company import LEADS, TABLES, add_company, add_plan_of, add_rules
from tests.api.invariants import broken

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi.testclient import TestClient

    from api.services.service import Service

LONG = timedelta(days=500)
ONE_KIND = pytest.mark.parametrize("empty_url", ["sqlite"], indirect=True)
"""For what does not differ between the kinds of databases."""


def age(service: Service) -> None:
    """Let all that is there be old."""
    with service.database.writing() as session:
        for table in (SnapshotRow, PlanRow, AnswerRow):
            rows: Sequence[Any] = session.scalars(select(table)).all()
            for row in rows:
                row.created_at -= LONG


def kept(service: Service, owner: str) -> bool:
    """Return whether an owner has files."""
    with service.database.reading() as session:
        return has_files(session, owner)


def removals(service: Service) -> list[AuditRow]:
    """Return what the audit trail tells of retention."""
    with service.database.reading() as session:
        return list(session.scalars(select(AuditRow).where(AuditRow.action == "removed")))


def publish(service: Service, **origin: object) -> None:
    """Make a publication the current one."""
    with service.database.writing() as session:
        row = PublicationRow(
            id=f"{len(session.scalars(select(PublicationRow)).all()):032x}",
            status=PublicationStatus.APPROVED,
            created_at=now(session),
            created_by="key:test",
            **origin,
        )
        make_current(session, row, "key:test")


def test_what_is_old_goes_and_its_record_stays(service: Service, client: TestClient) -> None:
    rules = add_rules(service)
    snapshot = add_company(service)
    plan = add_plan_of(service, snapshot, rules)
    copy = service.copies.directory(snapshot)
    newest = add_company(service, {**TABLES, "leads.csv": LEADS.replace("1037", "1038")})
    assert retain_now(service).snapshots == 0
    age(service)
    removed = retain_now(service)
    assert (removed.snapshots, removed.plans) == (1, 1)
    assert [kept(service, one) for one in (snapshot, plan, newest)] == [False, False, True]
    assert not copy.exists()
    with service.database.reading() as session:
        assert session.get_one(PlanRow, plan).record["kpis"]
    assert client.get(f"/v1/snapshots/{snapshot}").json()["removed_at"] is not None
    for part in ("issues", "people?table=leads"):
        told = client.get(f"/v1/snapshots/{snapshot}/{part}")
        assert (told.status_code, told.json()["code"]) == (404, "not_found")
    (row,) = removals(service)
    assert (row.detail["snapshots"], row.detail["plans"]) == ([snapshot], [plan])
    assert retain_now(service).snapshots == 0
    assert len(removals(service)) == 1
    assert broken(service.database) == []


@ONE_KIND
@pytest.mark.parametrize("need", ["current", "rolled back to", "draft", "run"])
def test_what_somebody_needs_stays(service: Service, need: str) -> None:
    snapshot = add_company(service)
    plan = add_plan_of(service, snapshot, add_rules(service))
    add_company(service)
    match need:
        case "current":
            publish(service, plan_id=plan)
        case "rolled back to":
            publish(service, plan_id=plan)
            publish(service, restores=1)
            publish(service, restores=2)
        case "draft":
            with service.database.writing() as session:
                draft = PublicationRow(id="d" * 32, plan_id=plan, status=PublicationStatus.DRAFT)
                draft.created_at, draft.created_by = now(session), "key:test"
                session.add(draft)
        case _:
            payload = {"snapshot": snapshot, "from_plan": plan}
            Queue(service.database).enqueue(NewRun("solve", payload, "key:test"))
    age(service)
    retain_now(service)
    assert kept(service, snapshot)
    assert kept(service, plan)


@pytest.mark.parametrize("status", ["draft", "submitted", "approved"])
def test_what_nobody_went_on_with_keeps_nothing(service: Service, status: str) -> None:
    snapshot = add_company(service)
    plan = add_plan_of(service, snapshot, add_rules(service))
    add_company(service)
    with service.database.writing() as session:
        moment = now(session)
        for name, due in (("left", None), ("dated", moment + LONG)):
            row = PublicationRow(id=name, plan_id=plan, status=PublicationStatus(status))
            row.created_at, row.created_by, row.effective_at = moment - LONG, "a", due
            session.add(row)
    age(service)
    assert retain_now(service).publications == 1
    with service.database.writing() as session:
        left, dated = (session.get_one(PublicationRow, name) for name in ("left", "dated"))
        assert (left.status, left.decided_by) == (PublicationStatus.REJECTED, "retention")
        assert "nobody published it within the 400 days" in str(left.reason)
        assert dated.status == status
        # What waits for its date still has its plan.
        assert has_files(session, plan)
        dated.effective_at = dated.created_at
    assert retain_now(service).publications == 1
    assert not kept(service, plan)
    assert not kept(service, snapshot)
    assert broken(service.database) == []


@ONE_KIND
def test_the_newest_that_is_not_withdrawn_stays(service: Service, client: TestClient) -> None:
    _, right, wrong = (
        add_company(service, {**TABLES, "leads.csv": LEADS.replace("1037", amount)})
        for amount in ("1036", "1037", "1038")
    )
    why = {"reason": "last year's export"}
    assert client.post(f"/v1/snapshots/{wrong}/withdraw", json=why).status_code == 200
    age(service)
    assert retain_now(service).snapshots == 2
    assert (kept(service, right), kept(service, wrong)) == (True, False)


@ONE_KIND
def test_an_old_answer_is_forgotten(service: Service, client: TestClient) -> None:
    new, key = {"name": "weekly", "text": "version: 1\n"}, {"Idempotency-Key": "k"}
    rules = add_rules(service)
    new["text"] = client.get(f"/v1/policies/{rules}").json()["text"]
    first = client.post("/v1/policies", json=new, headers=key).json()["version"]
    retain_now(service)
    assert client.post("/v1/policies", json=new, headers=key).json()["version"] == first
    age(service)
    assert retain_now(service).answers == 1
    assert client.post("/v1/policies", json=new, headers=key).json()["version"] == first + 1


def test_any_number_may_look(service: Service) -> None:
    for _ in range(3):
        add_company(service)
    age(service)
    counts: list[int] = []

    def look() -> None:
        with service.database.writing() as session:
            counts.append(retain(session, service.settings).snapshots)

    threads = [Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(counts) == [0, 0, 0, 2]
    assert len(removals(service)) == 1

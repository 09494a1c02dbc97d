"""The client's steps from a plan to the company and back, each with what it returns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from api.client import Client
from api.client.errors import ChangedError, ConflictingError, MissingError, NotAllowedError
from api.schemas.feedback import FeedbackVerdict, NewFeedback
from api.schemas.keys import KeyChange, NewKey
from api.schemas.people import Erasure, PeopleTable
from api.schemas.pins import NewPin, PinChange, PinKind
from api.schemas.publications import DraftChange, NewPublication
from api.schemas.roles import Role
from api.schemas.runs import NewDiagnosis
from api.schemas.scenarios import NewScenario
from api.schemas.schedules import NewSchedule, Rebalance, ScheduleEdit
from tests.api.company import add_company, add_plan_of, add_rules
from tests.api.invariants import broken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from api.services.service import Service

    ClientFor = Callable[..., Client]


@pytest.fixture
def client_for(remote: Client, address: str) -> Iterator[ClientFor]:
    """Give what makes a client with a new key of a role."""
    made: list[Client] = []

    def make(role: Role, rep_id: str | None = None) -> Client:
        key = remote.keys.make(NewKey(name=role, role=role, rep_id=rep_id, person=role)).key
        assert key is not None
        made.append(Client(address, key))
        return made[-1]

    yield make
    for client in made:
        client.close()


def published(service: Service, planner: Client, approver: Client) -> str:
    """Publish a plan by two people; return the publication's id."""
    plan = add_plan_of(service, add_company(service), add_rules(service))
    draft = planner.publications.add(NewPublication(plan=plan))
    draft = planner.publications.edit(draft.id, DraftChange(note="week 48"), version=draft.version)
    with pytest.raises(ChangedError):
        planner.publications.edit(draft.id, DraftChange(note="other"), version=draft.version - 1)
    assert (draft.note, draft.plan) == ("week 48", plan)
    assert planner.publications.submit(draft.id).status == "submitted"
    with pytest.raises(NotAllowedError):
        planner.publications.approve(draft.id)
    assert approver.publications.approve(draft.id).status == "approved"
    assert approver.publications.publish(draft.id).number is not None
    return draft.id


def test_from_a_plan_to_the_company_and_back(
    remote: Client, service: Service, client_for: ClientFor
) -> None:
    planner, approver = client_for(Role.PLANNER), client_for(Role.APPROVER)
    with pytest.raises(MissingError):
        planner.publications.current()
    first = published(service, planner, approver)
    plan = planner.plan(planner.publications.get(first).plan or "")
    assert {figure.name for figure in plan.kpis.metrics} >= {"expected_value", "moves"}
    assert all(rule.kept for rule in plan.sentences.sentences)
    assert len(plan.moves) == int(plan.assignments["moved"].sum())
    current = planner.publications.current()
    assert (current.id, current.number, current.counts) == (first, 1, current.counts)
    assert planner.publications.assignments()["rep_id"].notna().sum() == 16
    assert len(planner.publications.refused(first)) == 0

    free, taken = (lead.lead_id for lead in planner.pool.all())
    book = planner.books.of("R1")
    planner.pool.put_back(book.items[0].lead_id, "wrong industry")
    assert planner.books.give("R1", taken, "knows them").kind == "override"
    rep = client_for(Role.REP, "R1")
    assert rep.who_am_i().rep_id == "R1"
    mine = {lead.lead_id for lead in rep.books.of("R1").items}
    assert mine == {lead.lead_id for lead in book.items[1:]} | {taken}
    with pytest.raises(ConflictingError, match="max_leads"):
        rep.pool.claim(free)
    given_up = planner.books.of("R2").items[0].lead_id
    planner.pool.put_back(given_up, "too far")
    assert planner.pool.claim(book.items[0].lead_id, "R2").to_rep == "R2"
    changed = planner.publications.changes(since=1)
    assert set(changed["lead_id"]) == {book.items[0].lead_id, given_up, taken}
    said = rep.feedback.add(NewFeedback(lead_id=taken, verdict=FeedbackVerdict.GOOD))
    assert list(rep.feedback.all()) == [said]
    assert [item.count for item in planner.feedback.summary().items] == [1]

    published(service, planner, approver)
    back = approver.publications.roll_back(first, "too early")
    assert (back.number, back.restores, back.note) == (3, 1, "too early")
    other = add_plan_of(service, add_company(service), add_rules(service))
    draft = planner.publications.add({"plan": other, "part": {"teams": ["east"]}})
    planner.publications.submit(draft.id)
    rejected = approver.publications.reject(draft.id, "not now")
    assert (rejected.status, rejected.reason) == ("rejected", "not now")
    assert remote.audit.verify().whole
    assert remote.audit.head().number == next(remote.audit.all()).number
    assert broken(service.database) == []


def test_a_long_book_is_whole(
    remote: Client, service: Service, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(service, client_for(Role.PLANNER), client_for(Role.APPROVER))
    whole = remote.books.of("R1")
    request, pages = remote.connection.request, list[str]()

    def by_ones(method: str, path: str, **parts: object) -> object:
        pages.append(path)
        parts["params"] = {**(parts.get("params") or {}), "limit": 1}  # type: ignore[dict-item]
        return request(method, path, **parts)  # type: ignore[arg-type]

    monkeypatch.setattr(remote.connection, "request", by_ones)
    assert remote.books.of("R1") == whole
    assert len(pages) == len(whole.items) > 1


def test_what_plans_are_made_from_and_by(remote: Client, service: Service, tmp_path: Path) -> None:
    tables, policy = add_company(service), add_rules(service)
    told = list(remote.snapshots.people(tables, PeopleTable.REPS))
    assert {person.id: person.values["name"] for person in told}["R1"] == "Ann Ames"
    assert remote.snapshots.erase(PeopleTable.REPS, "R1").values == 1

    change = {"rep_leaves": {"reps": ["R1"]}}
    scenario = remote.scenarios.add(
        NewScenario(name="R1 leaves", snapshot=tables, policy=policy, changes=[change])
    )
    assert remote.scenarios.get(scenario.id) == scenario
    assert remote.runs.add({"scenario": scenario.id}).kind == "solve"
    assert remote.runs.diagnose(NewDiagnosis(snapshot=tables, policy=policy)).kind == "diagnose"
    owners = tmp_path / "owners.csv"
    owners.write_text("lead_id,rep_id\nL01,R1\n", encoding="utf-8")
    assert remote.runs.evaluate(owners, snapshot=tables, policy=policy).kind == "evaluate"
    checked = remote.runs.add({"snapshot": tables, "policy": policy, "validate_only": True})
    assert remote.runs.wait(checked.id).status == "created"

    pin = remote.pins.add(
        NewPin(lead_id="L01", kind=PinKind.FIXED, rep_id="R1", reason="they asked")
    )
    pin = remote.pins.change(pin.id, PinChange(reason="still"), version=pin.version)
    with pytest.raises(ChangedError):
        remote.pins.remove(pin.id, version=pin.version - 1)
    assert remote.pins.remove(pin.id, version=pin.version).removed_at is not None
    assert list(remote.pins.all()) == []

    task = Rebalance(policy="weekly")
    new = NewSchedule(name="weekly", cron="0 6 * * MON", timezone="Europe/Berlin", task=task)
    schedule = remote.schedules.add(new)
    assert remote.runs.get(remote.schedules.fire(schedule.id)).kind == "rebalance"
    assert list(remote.schedules.slots(schedule.id)) == []
    off = ScheduleEdit(enabled=False)
    schedule = remote.schedules.change(schedule.id, off, version=schedule.version)
    assert not schedule.enabled
    remote.schedules.remove(schedule.id, version=schedule.version)
    assert list(remote.schedules.all()) == []
    assert broken(service.database) == []


def test_keys(remote: Client, address: str) -> None:
    made = remote.keys.make(NewKey(name="import", role=Role.PLANNER))
    assert made.key is not None
    changed = remote.keys.change(made.id, KeyChange(name="nightly"), version=made.version)
    assert remote.keys.get(made.id) == changed
    assert [key.name for key in remote.keys.all()] == ["nightly", "test"]
    with Client(address, made.key) as client:
        assert client.who_am_i().role is Role.PLANNER
    assert remote.keys.revoke(made.id).revoked_at is not None
    assert remote.audit.head().number == 4


def test_people_and_metrics(remote: Client, service: Service) -> None:
    snapshot = add_company(service)
    before = {one.id: one.values for one in remote.people.of(snapshot, "leads")}
    assert before["L07"]["company"] == "Company 7"
    erased = remote.people.erase(Erasure(table=PeopleTable.LEADS, id="L07"))
    assert (erased.snapshots, erased.values) == (1, 2)
    assert set(before) - {one.id for one in remote.people.of(snapshot, "leads")} == {"L07"}
    assert "fairlead_build_info" in remote.metrics()

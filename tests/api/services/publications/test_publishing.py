"""What happens at once, on both databases; reliability.md, tests 7 and 18."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from api.errors import ConflictError
from api.services.publications.publish import publish, publish_due, take_effect
from api.services.turns import MovedError
from api.store.tables import PlanRow, PublicationRow
from tests.api.company import add_company, add_plan_of, add_rules
from tests.api.invariants import broken
from tests.api.office import ROOT, at_once, open_office, owners

if TYPE_CHECKING:
    from api.services.publications.prepare import Prepared
    from api.services.service import Service
    from tests.api.conftest import ClientOf
    from tests.api.office import Office


@pytest.fixture
def office(service: Service, client_of: ClientOf) -> Office:
    """Return people with a plan of the small company."""
    return open_office(service, client_of)


@pytest.mark.parametrize(
    ("rounds", "clients"),
    [(2, 6), pytest.param(200, 50, marks=pytest.mark.hard)],
)
def test_of_many_who_publish_one_does(office: Office, rounds: int, clients: int) -> None:
    for number in range(1, rounds + 1):
        url = office.approved()
        told = at_once([partial(office.approver.post, f"{url}/publish")] * clients)
        assert Counter(answer.status_code for answer in told) == {200: 1, 409: clients - 1}
        assert office.planner.get(f"{ROOT}/current").json()["number"] == number
    assert broken(office.service.database) == []


@pytest.mark.parametrize("drafts", [4, pytest.param(50, marks=pytest.mark.hard)])
def test_many_publications_at_once_are_numbered_without_a_gap(office: Office, drafts: int) -> None:
    urls = [office.approved() for _ in range(drafts)]
    told = at_once([partial(office.approver.post, f"{url}/publish") for url in urls])
    assert {answer.status_code for answer in told} == {200}
    assert sorted(answer.json()["number"] for answer in told) == list(range(1, drafts + 1))
    assert broken(office.service.database) == []


@pytest.mark.parametrize("edits", [12, pytest.param(1000, marks=pytest.mark.hard)])
def test_conflicting_edits_overwrite_nothing(office: Office, edits: int) -> None:
    url, kept, clients = office.draft(), [], 4
    for _ in range(edits // clients):
        tag = office.planner.get(url).headers["etag"]
        notes = [f"{tag} {number}" for number in range(clients)]
        edit = partial(office.planner.patch, url, headers={"If-Match": tag})
        told = at_once([partial(edit, json={"note": note}) for note in notes])
        assert Counter(answer.status_code for answer in told) == {200: 1, 412: clients - 1}
        kept += [answer.json()["note"] for answer in told if answer.status_code == 200]
        assert office.planner.get(url).json()["note"] == kept[-1]
    with office.service.database.reading() as session:
        row = session.scalars(select(PublicationRow)).one()
    assert row.version == 1 + edits // clients
    assert broken(office.service.database) == []


def test_publishing_beside_returns_loses_none(office: Office) -> None:
    office.publish()
    url = office.approved()
    held = sorted(lead for lead, rep in owners(office.planner).items() if rep is not None)[:4]
    back = partial(office.planner.post, json={"reason": "idle"})
    calls = [partial(back, f"/v1/pool/{lead}/return") for lead in held]
    calls.append(partial(office.approver.post, f"{url}/publish"))
    told = at_once(calls)
    assert {answer.status_code for answer in told} == {200}
    # Whether it came before or after the publication, a return since the plan's tables holds.
    now = owners(office.planner)
    assert [now[lead] for lead in held] == [None] * len(held)
    assert broken(office.service.database) == []


def test_what_moves_meanwhile_is_prepared_anew(office: Office) -> None:
    service = office.service
    office.publish()
    publication = office.approved().rpartition("/")[2]
    held = sorted(lead for lead, rep in owners(office.planner).items() if rep is not None)
    returned: list[str] = []

    def finish(ready: Prepared | None) -> str | None:
        if len(returned) < 2:
            returned.append(held[len(returned)])
            url = f"/v1/pool/{returned[-1]}/return"
            assert office.planner.post(url, json={"reason": "idle"}).status_code == 200
        with service.database.writing() as session:
            return take_effect(session, publication, "test", ready).hash

    assert publish(service, publication, finish) is not None
    now = owners(office.planner)
    assert [now[lead] for lead in returned] == [None, None]
    assert broken(service.database) == []


def test_what_moves_each_time_is_told(office: Office) -> None:
    publication = office.approved().rpartition("/")[2]

    def finish(_: Prepared | None) -> None:
        raise MovedError

    with pytest.raises(ConflictError, match="each time"):
        publish(office.service, publication, finish)


def test_a_faulty_one_that_is_due_holds_nobody_up(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    service = office.service
    plan = add_plan_of(service, add_company(service), add_rules(service))
    other = replace(office, plan=plan)
    faulty, sound = (
        one.approved(effective_at=f"2026-01-0{day}T00:00:00Z").rpartition("/")[2]
        for day, one in enumerate((other, office), 1)
    )
    with service.database.writing() as session:
        row = session.get_one(PlanRow, plan)
        row.record = {**row.record, "feasible": False}
    assert publish_due(office.service) == [sound]
    assert f"publication {faulty} is due and was not published" in caplog.text

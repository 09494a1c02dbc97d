"""What happens at once, on both databases; reliability.md, tests 7 and 18."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from api.store.tables import PublicationRow
from tests.api.invariants import broken
from tests.api.office import ROOT, at_once, open_office, owners

if TYPE_CHECKING:
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

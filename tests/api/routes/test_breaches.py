"""What is published is held against the limits together with all that stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from api.services.access.roles import Role
from api.services.publications.publish import publish_due
from api.store.dialect import now
from api.store.tables import PublicationRow, SnapshotRow
from tests.api.company import HEADER, TABLES, add_company
from tests.api.invariants import broken
from tests.api.office import ROOT, Office, open_office, owners, problem, whole

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from api.services.service import Service
    from tests.api.conftest import ClientOf

REPS = """\
rep_id,name,team,regions,capacity_hours,max_leads
R1,Ann Ames,east,US/East,40,5
R2,Bob Best,east,US/East,40,1
R4,Dan Dale,west,US/West;US/East,40,4
"""


PLACES = {**{f"E{n}": "US/East" for n in range(1, 7)}, **{f"W{n}": "US/West" for n in range(1, 5)}}


def leads(owner_of: Mapping[str, str]) -> str:
    """Return the table of six leads in the east and four in the west, with some owners."""
    return "lead_id,region,grade,amount,win_probability,owner,company,email\n" + "".join(
        f"{lead},{region},A,{1000 + at},0.5,{owner_of.get(lead, '')},Company {at},p{at}@a{at}.org\n"
        for at, (lead, region) in enumerate(PLACES.items())
    )


def tables(owner_of: Mapping[str, str], day: int = 20) -> dict[str, str]:
    """Return the tables of a day. The one best plan gives R4 the west and R1 most of the east."""
    header = HEADER.replace("11-20", f"11-{day}")
    return {**TABLES, "snapshot.yaml": header, "reps.csv": REPS, "leads.csv": leads(owner_of)}


FULL = {f"E{n}": "R4" for n in range(1, 5)}
"""R4 has as many leads in the east as the rep may have."""
OVERFULL = {"E5": "R2", "E6": "R2"}
"""R2 has more leads than the rep may have."""
WEST = {"part": {"regions": ["US/West"]}}


@pytest.fixture
def empty_url(tmp_path: Path) -> str:
    """Return the URL of an empty SQLite database: rules are the same on both."""
    return f"sqlite:///{tmp_path}/fairlead.db"


def causes(office: Office, url: str) -> list[tuple[str, str, str]]:
    """Return cause, rule and rep of the breaches that a publication tells."""
    told = whole(office.planner, f"{url}/breaches?limit=1")
    return [(item["cause"], item["rule"], item["rep_id"]) for item in told]


def test_a_part_that_breaks_a_limit_with_what_stays_is_refused(
    service: Service, client_of: ClientOf
) -> None:
    office = open_office(service, client_of, tables(FULL))
    url = office.draft(**WEST)
    answer = office.planner.post(f"{url}/submit")
    assert problem(answer) == (409, "breaks_rules")
    (breach,) = answer.json()["breaches"]
    assert (breach["rep_id"], breach["load"], breach["limit"]) == ("R4", 8, 4)
    assert breach["sentence"] == (
        "A rep never gets more leads than the rep's max_leads, work outside the plan included."
    )
    assert "publish more of the plan" in breach["advice"]
    for text in ("rep R4", "load 8, limit 4", breach["sentence"], breach["advice"]):
        assert text in answer.json()["detail"]
    assert office.planner.get(url).json()["status"] == "draft"
    # Who sees the west only is told which rule, and not of whom.
    west = client_of(Role.PLANNER, regions=["US/West"])
    answer = west.post(f"{url}/submit")
    assert problem(answer) == (409, "breaks_rules")
    assert "R4" not in answer.text
    assert answer.json()["breaches"][0]["sentence"] == breach["sentence"]
    # The whole plan moves the others away from R4, and keeps all its rules.
    done = office.publish()
    assert done["breaches"] == {"checked": True, "choice": 0, "kept_owners": 0, "current": 0}
    assert broken(service.database) == []


def test_what_is_broken_already_and_gets_no_worse_is_listed(
    service: Service, client_of: ClientOf
) -> None:
    office = open_office(service, client_of, tables(OVERFULL))
    url = office.draft(**WEST)
    assert office.planner.post(f"{url}/submit").status_code == 200
    assert office.planner.get(url).json()["breaches"]["current"] == 1
    assert causes(office, url) == [("current", "capacity", "R2")]
    assert office.approver.post(f"{url}/approve").status_code == 200
    assert office.approver.post(f"{url}/publish").json()["breaches"]["current"] == 1
    assert broken(service.database) == []


def test_what_comes_of_owners_who_changed_is_published_and_listed(
    service: Service, client_of: ClientOf
) -> None:
    office = open_office(service, client_of, tables({}))
    url = office.approved()
    add_company(service, tables({"E1": "R4"}, 21))
    done = office.approver.post(f"{url}/publish")
    assert done.status_code == 200, done.text
    assert done.json()["breaches"] == {"checked": True, "choice": 0, "kept_owners": 1, "current": 0}
    assert causes(office, url) == [("kept_owners", "capacity", "R4")]
    east = client_of(Role.VIEWER, teams=["east"])
    assert whole(east, f"{url}/breaches")[0]["rep_id"] == ""
    assert broken(service.database) == []


@pytest.mark.parametrize(("by_hand", "answered"), [(True, 409), (False, 200)])
def test_leads_given_by_hand_are_a_choice_and_claims_are_not(
    service: Service, client_of: ClientOf, by_hand: bool, answered: int
) -> None:
    office = open_office(service, client_of, tables({}))
    office.publish(part={"regions": ["US/East"]})
    approved = office.approved()
    if by_hand:
        told = office.planner.post("/v1/books/R4/leads/E1", json={"reason": "they know each other"})
    else:
        office.planner.post("/v1/pool/E1/return", json={"reason": "idle"})
        told = office.planner.post("/v1/pool/E1/claim", json={"rep_id": "R4"})
    assert told.status_code == 200, told.text
    url = office.draft()
    assert office.planner.post(f"{url}/submit").status_code == answered
    # What was approved before is looked at again.
    done = office.approver.post(f"{approved}/publish")
    assert done.status_code == answered
    if by_hand:
        assert done.json()["breaches"][0]["load"] == 5
        assert office.planner.get(approved).json()["status"] == "approved"
    else:
        assert done.json()["breaches"]["kept_owners"] == 1
    assert owners(office.planner)["E1"] == "R4"
    assert broken(service.database) == []


def test_one_that_is_due_and_would_break_rules_is_rejected(
    service: Service, client_of: ClientOf
) -> None:
    office = open_office(service, client_of, tables({}))
    office.publish(part={"regions": ["US/East"]})
    url = office.approved(effective_at="2026-01-01T00:00:00Z")
    office.planner.post("/v1/books/R4/leads/E1", json={"reason": "they know each other"})
    assert publish_due(service) == []
    told = office.planner.get(url).json()
    assert (told["status"], "it would break a rule" in told["reason"]) == ("rejected", True)
    # Who sees the publication need not see the rep.
    assert "R4" not in told["reason"]
    assert causes(office, url) == [("choice", "capacity", "R4")]
    assert broken(service.database) == []


def test_what_has_not_changed_is_not_judged_again(service: Service, client_of: ClientOf) -> None:
    office = open_office(service, client_of, tables(OVERFULL))
    urls = [office.approved(**WEST) for _ in range(2)]
    for url in urls:
        with service.database.writing() as session:
            row = session.get_one(PublicationRow, url.rpartition("/")[2])
            assert row.breaches is not None
            row.breaches = {**row.breaches, "listed": []}
    first, second = (office.approver.post(f"{url}/publish") for url in urls)
    assert (first.status_code, second.status_code) == (200, 200)
    # The second is held against another publication than when it was submitted.
    assert [len(causes(office, url)) for url in urls] == [0, 1]
    (silent,) = broken(service.database)
    assert silent.startswith("publication 1 breaks capacity")


def test_a_part_whose_tables_are_gone_cannot_be_judged(
    service: Service, client_of: ClientOf
) -> None:
    office = open_office(service, client_of, tables({}))
    part, url = office.draft(**WEST), office.draft()
    with service.database.writing() as session:
        session.execute(update(SnapshotRow).values(removed_at=now(session)))
    answer = office.planner.post(f"{part}/submit")
    assert problem(answer) == (409, "breaks_rules")
    assert "not kept any more" in answer.json()["detail"]
    assert office.planner.post(f"{url}/submit").status_code == 200


def test_leads_that_only_newer_tables_know_count(service: Service, client_of: ClientOf) -> None:
    office = open_office(service, client_of, tables({}))
    more = tables({}, 21)
    more["reps.csv"] = REPS.replace("US/West;", "US/West;US/North;")
    more["leads.csv"] += "N1,US/North,A,9999,0.9,,Company 99,p99@a99.org\n"
    newer = open_office(service, client_of, more)
    newer.publish(part={"regions": ["US/North"]})
    assert owners(office.planner)["N1"] == "R4"
    answer = office.planner.post(f"{office.draft(**WEST)}/submit")
    assert problem(answer) == (409, "breaks_rules")
    # By the plan's own tables R4 does not cover the north, which is so today as well.
    told = [(breach["cause"], breach["load"]) for breach in answer.json()["breaches"]]
    assert told == [("choice", 5), ("current", None)]
    assert "'US/North'" not in answer.json()["detail"]


def test_breaches_of_nothing(service: Service, client_of: ClientOf) -> None:
    office = open_office(service, client_of, tables({}))
    assert whole(office.planner, f"{office.draft()}/breaches") == []
    assert problem(office.planner.get(f"{ROOT}/{'0' * 32}/breaches")) == (404, "not_found")

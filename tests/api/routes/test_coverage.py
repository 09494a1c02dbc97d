"""Which leads a publication brings and drops is told before and after, and no company is lost by
mistake.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from api.services.access.roles import Role
from api.services.publications.publish import publish_due
from tests.api.company import HEADER, LEADS, TABLES, add_company
from tests.api.invariants import broken
from tests.api.office import ROOT, Office, open_office, owners, problem, whole

if TYPE_CHECKING:
    from pathlib import Path

    from api.services.service import Service
    from tests.api.conftest import ClientOf

HEAD, *LINES = LEADS.splitlines()


def tables(lines: list[str], day: int) -> dict[str, str]:
    """Return the tables of a day with some leads."""
    header = HEADER.replace("11-20", f"11-{day}")
    return {**TABLES, "snapshot.yaml": header, "leads.csv": "\n".join([HEAD, *lines]) + "\n"}


@pytest.fixture
def empty_url(tmp_path: Path) -> str:
    """Return the URL of an empty SQLite database: leads are counted the same on both."""
    return f"sqlite:///{tmp_path}/fairlead.db"


@pytest.fixture
def office(service: Service, client_of: ClientOf) -> Office:
    """Return people whose plan of 18 leads is current."""
    opened = open_office(service, client_of)
    opened.publish()
    return opened


@pytest.fixture
def later(office: Office, service: Service, client_of: ClientOf) -> Office:
    """Return people with a plan of later tables, in which two leads are gone and one is new."""
    lines = [*LINES[2:], "L99,US/East/0,A,5000,0.5,,Company 99,p99@example.org"]
    made = open_office(service, client_of, tables(lines, 21))
    return replace(office, plan=made.plan)


@pytest.fixture
def other(office: Office, service: Service, client_of: ClientOf) -> Office:
    """Return people with the plan of another company."""
    lines = [line.replace("L", "T", 1) for line in LINES]
    return replace(office, plan=open_office(service, client_of, tables(lines, 21)).plan)


def test_what_comes_and_goes_is_told_before_and_after(later: Office) -> None:
    url = later.draft()
    counts = {"leads": 17, "new": 1, "gone": 2}
    assert later.planner.get(url).json()["foreseen"] == {"against": 1, **counts}
    later.planner.post(f"{url}/submit")
    assert later.planner.get(url).json()["foreseen"] == {"against": 1, **counts}
    later.approver.post(f"{url}/approve")
    done = later.approver.post(f"{url}/publish").json()
    assert {name: done["counts"][name] for name in counts} == counts
    changes = whole(later.planner, f"{ROOT}/changes?since=1")
    told = {item["lead_id"]: item["change"] for item in changes if item["change"] != "moved"}
    assert told == {"L01": "gone", "L02": "gone", "L99": "new"}
    assert broken(later.service.database) == []


def test_changes_of_other_teams_are_not_told(later: Office, client_of: ClientOf) -> None:
    before = owners(later.planner)
    later.publish()
    after = owners(later.planner)
    for team, reps in (("east", ("R1", "R2", None)), ("west", ("R3", "R4", None))):
        seen = whole(client_of(Role.VIEWER, teams=[team]), f"{ROOT}/changes?since=1")
        told = {item["lead_id"] for item in seen if item["change"] != "moved"}
        gone = {lead for lead in ("L01", "L02") if before[lead] in reps}
        assert told == gone | ({"L99"} if after["L99"] in reps else set())


def test_a_draft_whose_part_changes_is_counted_anew(later: Office) -> None:
    url = later.draft(part={"teams": ["east"]})
    assert later.planner.get(url).json()["foreseen"]["gone"] == 0
    told = later.planner.patch(url, json={"part": None}, headers={"If-Match": '"v1"'})
    assert told.json()["foreseen"]["gone"] == 2
    told = later.planner.patch(url, json={"note": "n"}, headers={"If-Match": '"v2"'})
    assert told.json()["foreseen"]["gone"] == 2


def test_leads_that_newer_tables_know_stay(later: Office, office: Office) -> None:
    later.publish()
    url = office.draft()
    told = office.planner.get(url).json()["foreseen"]
    assert told == {"against": 2, "leads": 19, "new": 2, "gone": 0}
    counts = office.publish()["counts"]
    assert (counts["leads"], counts["new"], counts["gone"]) == (19, 2, 0)


def test_most_leads_go_only_if_that_is_said(other: Office) -> None:
    url = other.draft()
    assert other.planner.get(url).json()["foreseen"]["gone"] == 18
    for body in (None, {}, {"drop_most_leads": False}):
        answer = other.planner.post(f"{url}/submit", json=body)
        assert problem(answer) == (409, "drops_leads")
    assert "18 of the 18 leads" in answer.json()["detail"]
    assert other.planner.post(f"{url}/submit", json={"drop_all": True}).status_code == 422
    told = other.planner.post(f"{url}/submit", json={"drop_most_leads": True})
    assert told.json()["status"] == "submitted"
    other.approver.post(f"{url}/approve")
    done = other.approver.post(f"{url}/publish").json()
    assert (done["counts"]["gone"], done["counts"]["new"]) == (18, 18)
    assert broken(other.service.database) == []


def test_what_would_drop_most_leads_at_its_date_is_rejected(
    other: Office, service: Service, client_of: ClientOf
) -> None:
    # When they were submitted, the company was the other one.
    before = replace(other, plan=open_office(service, client_of).plan)
    first = other.draft()
    other.planner.post(f"{first}/submit", json={"drop_most_leads": True})
    other.approver.post(f"{first}/approve")
    add_company(service, tables([line.replace("L", "U", 1) for line in LINES], 22))
    due, by_hand = before.approved(effective_at="2026-01-01T00:00:00Z"), before.approved()
    other.approver.post(f"{first}/publish")
    assert publish_due(service) == []
    told = other.planner.get(due).json()
    assert (told["status"], "18 of the 18 leads" in told["reason"]) == ("rejected", True)
    assert problem(other.approver.post(f"{by_hand}/publish")) == (409, "drops_leads")
    assert broken(service.database) == []

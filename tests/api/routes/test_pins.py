"""/v1/pins and /v1/feedback."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from api.services.access.roles import Role
from tests.api.invariants import broken
from tests.api.office import open_office, owners, problem, whole

if TYPE_CHECKING:
    from pathlib import Path

    from api.services.service import Service
    from tests.api.conftest import ClientOf
    from tests.api.office import Office

PINS = "/v1/pins"


@pytest.fixture
def empty_url(tmp_path: Path) -> str:
    """Return the URL of an empty SQLite database: pins are the same on both."""
    return f"sqlite:///{tmp_path}/fairlead.db"


@pytest.fixture
def office(service: Service, client_of: ClientOf) -> Office:
    """Return people whose plan is current."""
    opened = open_office(service, client_of)
    opened.publish()
    return opened


def pin(lead: str = "L01", **more: Any) -> dict[str, Any]:
    """Return a pin to send."""
    return {"lead_id": lead, "kind": "fixed", "rep_id": "R1", "reason": "asked for", **more}


def test_a_pin_from_beginning_to_end(office: Office) -> None:
    told = office.planner.post(PINS, json=pin(expires_at="2999-01-01T00:00:00Z"))
    assert (told.status_code, told.headers["etag"]) == (201, '"v1"')
    url = told.headers["location"]
    assert office.planner.get(url).json() == told.json()
    assert problem(office.planner.patch(url, json={"reason": "x"})) == (428, "needs_match")
    tag = {"If-Match": '"v1"'}
    told = office.planner.patch(url, json={"expires_at": "2020-01-01T00:00:00Z"}, headers=tag)
    assert (told.json()["version"], told.json()["reason"]) == (2, "asked for")
    assert whole(office.planner, PINS) == []
    assert len(whole(office.planner, f"{PINS}?holding=false&lead_id=L01")) == 1
    assert problem(office.planner.delete(url, headers=tag)) == (412, "stale")
    tag = {"If-Match": '"v2"'}
    assert office.planner.delete(url, headers=tag).json()["removed_at"] is not None
    tag = {"If-Match": '"v3"'}
    assert problem(office.planner.delete(url, headers=tag)) == (409, "conflict")
    assert problem(office.planner.patch(url, json={"reason": "y"}, headers=tag))[0] == 409
    assert broken(office.service.database) == []


def test_faulty_pins(office: Office) -> None:
    for body in (
        pin(team="east"),
        pin(rep_id=None),
        pin(kind="nailed"),
        pin(reason=""),
        pin(expires_at="soon"),
    ):
        assert office.planner.post(PINS, json=body).status_code == 422, body
    assert problem(office.planner.post(PINS, json=pin("L99"))) == (404, "not_found")
    assert whole(office.planner, PINS) == []


def test_pins_of_other_teams_are_not_there(office: Office, client_of: ClientOf) -> None:
    now = owners(office.planner)
    theirs = next(lead for lead in now if now[lead] == "R3")
    url = office.planner.post(PINS, json=pin(theirs)).headers["location"]
    east = client_of(Role.PLANNER, teams=["east"])
    assert problem(east.get(url)) == (404, "not_found")
    assert problem(east.delete(url, headers={"If-Match": '"v1"'})) == (404, "not_found")
    assert problem(east.post(PINS, json=pin(theirs))) == (404, "not_found")
    assert whole(east, PINS) == []
    assert problem(client_of(Role.VIEWER).post(PINS, json=pin())) == (403, "forbidden")


def test_feedback_is_kept_and_counted(office: Office, client_of: ClientOf) -> None:
    now = owners(office.planner)
    mine, theirs = (next(lead for lead in now if now[lead] == rep) for rep in ("R1", "R3"))
    one = client_of(Role.REP, rep_id="R1")
    bad = {"lead_id": mine, "verdict": "bad", "text": "wrong trade"}
    told = one.post("/v1/feedback", json=bad)
    assert told.status_code == 201, told.text
    assert (told.json()["rep_id"], told.json()["publication_number"]) == ("R1", 1)
    assert problem(one.post("/v1/feedback", json={**bad, "lead_id": theirs}))[0] == 404
    assert one.post("/v1/feedback", json={**bad, "verdict": "meh"}).status_code == 422
    for verdict in ("good", "good", "bad"):
        body = {"lead_id": theirs, "verdict": verdict}
        assert office.planner.post("/v1/feedback", json=body).status_code == 201
    assert whole(one, "/v1/feedback") == [told.json()]
    assert len(whole(office.planner, "/v1/feedback?limit=2")) == 4
    assert len(whole(office.planner, "/v1/feedback?verdict=good")) == 2
    counts = office.planner.get("/v1/feedback/summary").json()["items"]
    assert [(item["rep_id"], item["verdict"], item["count"]) for item in counts] == [
        ("R1", "bad", 1),
        ("R3", "bad", 1),
        ("R3", "good", 2),
    ]
    east = client_of(Role.ANALYST, teams=["east"])
    assert [item["rep_id"] for item in east.get("/v1/feedback/summary").json()["items"]] == ["R1"]
    assert problem(one.get("/v1/feedback/summary")) == (403, "forbidden")
    assert broken(office.service.database) == []

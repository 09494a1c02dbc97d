"""/v1/pins and /v1/feedback."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from api.services.access.roles import Role
from tests.api.company import HEADER, LEADS, REPS, TABLES, add_company
from tests.api.invariants import broken
from tests.api.office import at_once, open_office, owners, problem, whole

if TYPE_CHECKING:
    from pathlib import Path

    from api.services.service import Service
    from tests.api.conftest import ClientOf
    from tests.api.office import Office

PINS = "/v1/pins"
FAMILY = {
    **TABLES,
    "leads.csv": "\n".join(
        f"{line},{('family' if not at else 'f' if at in (1, 3) else '')}"
        for at, line in enumerate(LEADS.splitlines())
    ),
}
"""L01 and L03 are one customer."""


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


@pytest.mark.parametrize(
    ("other", "refused"),
    [
        ({"rep_id": "R2"}, True),
        ({"rep_id": "R1", "kind": "forbidden"}, True),
        ({"rep_id": None, "team": "west"}, True),
        ({"rep_id": None, "team": "east", "kind": "forbidden"}, True),
        ({"rep_id": None, "region": "US/West"}, True),
        ({"rep_id": None, "team": "east"}, False),
        ({"rep_id": "R2", "kind": "forbidden"}, False),
        ({"lead": "L03", "rep_id": "R2"}, True),
        ({"lead": "L05", "rep_id": "R2"}, False),
    ],
)
def test_contradicting_pins_are_refused(
    service: Service, client_of: ClientOf, other: dict[str, Any], refused: bool
) -> None:
    add_company(service, FAMILY)
    planner = client_of(Role.PLANNER)
    first = planner.post(PINS, json=pin())
    assert first.status_code == 201, first.text
    told = planner.post(PINS, json=pin(**other))
    if not refused:
        assert told.status_code == 201, told.text
        return
    assert problem(told) == (409, "conflict")
    detail = told.json()["detail"]
    assert f"pin {first.json()['id']} (set by key:" in detail
    assert f"DELETE /v1/pins/{first.json()['id']}" in detail
    # Once the other is taken back, it is a pin as any other.
    planner.delete(first.headers["location"], headers={"If-Match": '"v1"'})
    again = planner.post(PINS, json=pin(**other))
    assert again.status_code == 201, again.text
    assert broken(service.database) == []


def test_a_pin_that_holds_again_must_not_contradict(office: Office) -> None:
    past = {"expires_at": "2020-01-01T00:00:00Z"}
    told = office.planner.post(PINS, json=pin(**past))
    assert (problem(told), "which is past" in told.json()["detail"]) == ((422, "invalid"), True)
    url = office.planner.post(PINS, json=pin()).headers["location"]
    tag = {"If-Match": '"v1"'}
    assert office.planner.patch(url, json=past, headers=tag).status_code == 200
    tag = {"If-Match": '"v2"'}
    assert office.planner.post(PINS, json=pin(rep_id="R2")).status_code == 201
    told = office.planner.patch(url, json={"expires_at": None}, headers=tag)
    assert problem(told) == (409, "conflict")
    assert office.planner.patch(url, json={"reason": "x"}, headers=tag).status_code == 200


def test_a_pin_of_the_tables_counts(service: Service, client_of: ClientOf) -> None:
    add_company(service, {**TABLES, "pins.csv": "lead_id,rep_id,kind\nL01,R4,fixed\n"})
    told = client_of(Role.PLANNER).post(PINS, json=pin())
    assert problem(told) == (409, "conflict")
    assert "a pin of the tables fixes lead L01 to rep R4" in told.json()["detail"]


def test_who_is_not_in_the_newest_tables_is_told(service: Service, client_of: ClientOf) -> None:
    office = open_office(service, client_of)
    office.publish()
    lines = [line for line in LEADS.splitlines() if not line.startswith("L02")]
    gone = REPS.replace("capacity_hours,max_leads", "capacity_hours,max_leads,active")
    gone = gone.replace(",40,4\n", ",40,4,1\n").replace("US/East,40,4,1\nR3", "US/East,40,4,0\nR3")
    newer = {"snapshot.yaml": HEADER.replace("11-20", "11-21"), "reps.csv": gone}
    add_company(service, {**TABLES, **newer, "leads.csv": "\n".join(lines) + "\n"})
    for body, what in (
        (pin(rep_id="R22"), "no rep 'R22'"),
        (pin(rep_id="R2"), "'R2' is not active"),
        (pin("L02"), "no lead 'L02'"),
        (pin(rep_id=None, team="eats"), "nearest is 'east'"),
        (pin(rep_id=None, region="Mars"), "covers region 'Mars'"),
    ):
        told = office.planner.post(PINS, json=body)
        assert problem(told) == (422, "invalid"), body
        assert what in told.json()["detail"]
    assert office.planner.post(PINS, json=pin(rep_id="R2", kind="forbidden")).status_code == 201


def test_who_is_limited_pins_to_their_own(office: Office, client_of: ClientOf) -> None:
    now = owners(office.planner)
    mine = next(lead for lead in now if now[lead] == "R1")
    east = client_of(Role.PLANNER, teams=["east"])
    assert problem(east.post(PINS, json=pin(mine, rep_id="R4"))) == (404, "not_found")
    for group in ({"team": "west"}, {"region": "US/East"}):
        assert problem(east.post(PINS, json=pin(mine, rep_id=None, **group)))[0] == 403
    assert east.post(PINS, json=pin(mine, rep_id=None, team="east")).status_code == 201
    south = client_of(Role.PLANNER, regions=["US/East"])
    told = south.post(PINS, json=pin(mine, rep_id=None, region="US/West"))
    assert problem(told) == (403, "forbidden")


def test_who_is_limited_changes_no_pins_of_others(office: Office, client_of: ClientOf) -> None:
    free = next(lead for lead, rep in owners(office.planner).items() if rep is None)
    west, tag = client_of(Role.PLANNER, teams=["west"]), {"If-Match": '"v1"'}
    url = office.planner.post(PINS, json=pin(free)).headers["location"]
    # Everybody sees the lead, for nobody has it; whom it is kept for is another team's.
    assert west.get(url).status_code == 200
    told = west.delete(url, headers=tag)
    assert problem(told) == (403, "forbidden")
    assert "beyond your teams" in told.json()["detail"]
    later = {"expires_at": "2026-01-01T00:00:00Z"}
    assert problem(west.patch(url, json=later, headers=tag)) == (403, "forbidden")
    assert office.planner.delete(url, headers=tag).status_code == 200
    own = west.post(PINS, json=pin(free, rep_id="R3")).headers["location"]
    assert west.delete(own, headers=tag).status_code == 200


def test_who_is_limited_is_told_nothing_of_a_pin_that_they_do_not_see(
    service: Service, client_of: ClientOf
) -> None:
    office = open_office(service, client_of, FAMILY)
    office.publish()
    office.planner.post("/v1/pool/L01/return", json={"reason": "idle"})
    now = owners(office.planner)
    assert now["L01"] is None
    # Their lead, of the same customer as one that nobody has, is told to them only.
    team, other = ("west", "R1") if now["L03"] in ("R1", "R2") else ("east", "R3")
    mine = "R3" if team == "west" else "R1"
    hidden = office.planner.post(PINS, json=pin("L03", rep_id=other)).json()
    limited = client_of(Role.PLANNER, teams=[team])
    told = limited.post(PINS, json=pin(rep_id=mine))
    assert problem(told) == (409, "conflict")
    detail = told.json()["detail"]
    assert not any(name in detail for name in ("L03", other, hidden["id"], "key:", "family"))
    assert "another pin, of which you may not see more" in detail
    assert "ask somebody without limits" in detail
    # One of a lead that they see is told, with no advice that they could not follow.
    office.planner.delete(f"{PINS}/{hidden['id']}", headers={"If-Match": '"v1"'})
    shown = office.planner.post(PINS, json=pin(rep_id=other)).json()
    detail = limited.post(PINS, json=pin(rep_id=mine)).json()["detail"]
    assert f"pin {shown['id']} (set by" in detail
    assert "DELETE" not in detail
    assert "ask somebody without limits" in detail


def test_of_contradicting_pins_at_once_one_is_kept(office: Office) -> None:
    calls = [partial(office.planner.post, PINS, json=pin(rep_id=f"R{n}")) for n in (1, 2, 4)]
    told = at_once(calls)
    assert sorted(answer.status_code for answer in told) == [201, 409, 409]


def test_a_pin_that_came_after_the_plan_holds_when_it_is_published(office: Office) -> None:
    planned = owners(office.planner)
    kept, other = [lead for lead in planned if planned[lead] in ("R1", "R2")][:2]
    office.planner.post(f"/v1/pool/{kept}/return", json={"reason": "idle"})
    approved = office.approved()
    for lead in (kept, other):
        body = pin(lead, rep_id=planned[lead], kind="forbidden")
        assert office.planner.post(PINS, json=body).status_code == 201
    done = office.approver.post(f"{approved}/publish").json()
    listed = whole(office.planner, f"/v1/publications/{done['id']}/refused")
    reasons = {item["lead_id"]: (item["reason"], item["rep_id"]) for item in listed}
    # The one was returned; the other stays with whom it is, and somebody sees to it.
    assert reasons == {kept: ("transferred", None), other: ("pinned", planned[other])}
    assert done["counts"]["refused"] == 2
    assert broken(office.service.database) == []


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

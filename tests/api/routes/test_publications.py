"""/v1/publications: the steps, what becomes current, what is refused, who may."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from api.services.access.keys import add_key
from api.services.access.roles import Role
from api.services.publications.publish import publish_due
from api.store.tables import PublicationRow
from models.plan import plan_hash
from tests.api.company import HEADER, LEADS, TABLES, add_company
from tests.api.invariants import broken
from tests.api.office import ROOT, open_office, owners, problem, whole

if TYPE_CHECKING:
    from pathlib import Path

    from api.services.service import Service
    from tests.api.conftest import ClientOf
    from tests.api.office import Office


@pytest.fixture
def empty_url(tmp_path: Path) -> str:
    """Return the URL of an empty database: SQLite, as what tells the databases apart is tested in
    `test_publishing.py`.
    """
    return f"sqlite:///{tmp_path}/fairlead.db"


@pytest.fixture
def office(service: Service, client_of: ClientOf) -> Office:
    """Return people with a plan of the small company."""
    return open_office(service, client_of)


def test_a_plan_becomes_current_step_by_step(office: Office) -> None:
    url = office.draft(note="week 48")
    told = office.planner.get(url).json()
    assert (told["status"], told["plan"], told["number"]) == ("draft", office.plan, None)
    assert problem(office.planner.get(f"{ROOT}/current")) == (404, "not_found")
    assert office.planner.post(f"{url}/submit").json()["status"] == "submitted"
    assert office.approver.post(f"{url}/approve").json()["status"] == "approved"
    done = office.approver.post(f"{url}/publish").json()
    assert (done["status"], done["number"], done["counts"]["leads"]) == ("published", 1, 18)
    current = office.planner.get(f"{ROOT}/current")
    assert current.json() == done
    assert current.headers["etag"] == '"1"'
    again = office.planner.get(f"{ROOT}/current", headers={"If-None-Match": '"1"'})
    assert (again.status_code, again.content) == (304, b"")
    table = pq.read_table(
        office.service.copies.directory(office.plan) / "assignments.parquet"
    ).to_pylist()
    assert owners(office.planner) == {row["lead_id"]: row["rep_id"] for row in table}
    assert done["counts"]["assigned"] == sum(row["rep_id"] is not None for row in table)
    assert broken(office.service.database) == []


def test_illegal_steps_are_told(office: Office) -> None:
    url = office.draft()
    for who, step, body in (
        (office.approver, "approve", None),
        (office.approver, "publish", None),
        (office.approver, "roll-back", None),
    ):
        told = who.post(f"{url}/{step}", json=body)
        assert problem(told) == (409, "illegal_step"), step
        assert "is draft" in told.json()["detail"]
    assert problem(office.planner.post(f"{ROOT}/{'0' * 32}/submit")) == (404, "not_found")
    assert problem(office.approver.post(f"{ROOT}/{'0' * 32}/publish")) == (404, "not_found")
    assert broken(office.service.database) == []


def test_a_draft_can_be_changed_and_a_submitted_one_cannot(office: Office) -> None:
    url = office.draft()
    tag = {"If-Match": office.planner.get(url).headers["etag"]}
    told = office.planner.patch(url, json={"note": "new"}, headers=tag)
    assert (told.json()["note"], told.json()["version"], told.headers["etag"]) == ("new", 2, '"v2"')
    assert problem(office.planner.patch(url, json={"note": "lost"}, headers=tag)) == (412, "stale")
    assert problem(office.planner.patch(url, json={"note": "lost"})) == (428, "needs_match")
    faulty = {"part": {"teams": ["eastt"], "regions": ["Mars"]}}
    told = office.planner.patch(url, json=faulty, headers={"If-Match": '"v2"'})
    assert problem(told) == (422, "invalid")
    assert "nearest is 'east'" in told.json()["detail"]
    assert "'Mars'" in told.json()["detail"]
    part = {"part": {"teams": ["east"]}}
    told = office.planner.patch(url, json=part, headers={"If-Match": '"v2"'})
    assert told.json()["part"] == {"teams": ["east"], "regions": []}
    assert told.json()["note"] == "new"
    office.planner.post(f"{url}/submit")
    told = office.planner.patch(url, json={"note": "late"}, headers={"If-Match": '"v4"'})
    assert problem(told) == (409, "illegal_step")


def test_four_eyes(office: Office, client_of: ClientOf) -> None:
    admin = client_of(Role.ADMIN)
    url = admin.post(ROOT, json={"plan": office.plan}).headers["location"]
    admin.post(f"{url}/submit")
    assert problem(admin.post(f"{url}/approve")) == (403, "forbidden")
    assert office.approver.post(f"{url}/approve").status_code == 200


def test_two_keys_of_one_person_are_one_person(office: Office, client_of: ClientOf) -> None:
    admin = client_of(Role.ADMIN)

    def signed_in(role: str, **person: str) -> dict[str, str]:
        told = admin.post("/v1/keys", json={"name": role, "role": role, **person})
        assert told.status_code == 201, told.text
        return {"Authorization": f"Bearer {told.json()['key']}"}

    ann = signed_in("planner", person="Ann.André@Acme.test")
    url = admin.post(ROOT, json={"plan": office.plan}).headers["location"]
    assert admin.post(f"{url}/submit", headers=ann).status_code == 200
    # In other case, with the accent as a letter of its own, with what has no width.
    for name in (" ann.andré@acme.TEST ", "ann.andre\u0301@acme.test", "ann.\u200bandré@acme.test"):
        told = admin.post(f"{url}/approve", headers=signed_in("approver", person=name))
        assert problem(told) == (403, "forbidden"), name
    # A key without a name is its maker's.
    other = admin.post(ROOT, json={"plan": office.plan}).headers["location"]
    assert admin.post(f"{other}/submit", headers=signed_in("planner")).status_code == 200
    assert problem(admin.post(f"{other}/approve")) == (403, "forbidden")
    bob = signed_in("approver", person="bob@acme.test")
    assert admin.post(f"{other}/approve", headers=bob).status_code == 200


def test_one_person_may_roll_back_alone(office: Office, client_of: ClientOf) -> None:
    """What two have approved once may be restored by one of them, whoever submitted it."""
    first = office.publish()
    office.publish()
    with office.service.database.writing() as session:
        told = session.get_one(PublicationRow, first["id"])
        planner = tuple(told.submitted_as or ())
        _, key = add_key(session, "a", Role.APPROVER, {}, actor="test", person=planner)
    headers = {"Authorization": f"Bearer {key}"}
    url = f"{ROOT}/{first['id']}"
    assert problem(office.approver.post(f"{url}/approve", headers=headers)) == (
        409,
        "illegal_step",
    )
    back = office.approver.post(f"{url}/roll-back", headers=headers)
    assert (back.status_code, back.json()["restores"]) == (201, first["number"]), back.text


def test_a_rejection_has_a_reason(office: Office) -> None:
    url = office.draft()
    office.planner.post(f"{url}/submit")
    assert office.approver.post(f"{url}/reject", json={"reason": ""}).status_code == 422
    told = office.approver.post(f"{url}/reject", json={"reason": "too many moves"}).json()
    assert (told["status"], told["reason"]) == ("rejected", "too many moves")
    assert problem(office.approver.post(f"{url}/publish")) == (409, "illegal_step")


def test_who_plans_takes_back_what_is_not_decided(office: Office, client_of: ClientOf) -> None:
    why, other = {"reason": "the wrong week"}, client_of(Role.PLANNER)
    # A draft is everybody's who plans.
    told = other.post(f"{office.draft()}/reject", json=why)
    assert (told.status_code, told.json()["status"]) == (200, "rejected")
    url = office.draft()
    office.planner.post(f"{url}/submit")
    refused = other.post(f"{url}/reject", json=why)
    assert problem(refused) == (403, "forbidden")
    assert "Ask somebody who approves" in refused.json()["detail"]
    assert office.planner.post(f"{url}/reject", json=why).json()["status"] == "rejected"
    url = office.approved()
    assert problem(office.planner.post(f"{url}/reject", json=why)) == (403, "forbidden")
    assert problem(other.post(f"{url}/reject", json=why)) == (403, "forbidden")
    assert office.approver.post(f"{url}/reject", json=why).json()["status"] == "rejected"
    assert broken(office.service.database) == []


def test_a_date_that_is_still_to_come(office: Office) -> None:
    url = office.approved(effective_at=office.in_days(365))
    told = office.approver.post(f"{url}/publish")
    assert (told.status_code, told.json()["status"]) == (202, "approved")
    assert publish_due(office.service) == []
    assert problem(office.planner.get(f"{ROOT}/current")) == (404, "not_found")
    # Until then it can be taken back.
    told = office.approver.post(f"{url}/reject", json={"reason": "the quarter has changed"})
    assert (told.status_code, told.json()["status"]) == (200, "rejected")
    assert problem(office.approver.post(f"{url}/publish")) == (409, "illegal_step")
    assert broken(office.service.database) == []


def test_a_date_that_has_come(office: Office) -> None:
    url = office.approved(effective_at="2026-01-01T00:00:00Z")
    office.approved()
    assert publish_due(office.service) == [url.rpartition("/")[2]]
    assert publish_due(office.service) == []
    assert office.planner.get(f"{ROOT}/current").json()["id"] == url.rpartition("/")[2]
    assert broken(office.service.database) == []


def test_a_part_takes_its_leads_and_leaves_the_others(office: Office) -> None:
    first = office.publish(part={"teams": ["west"]})
    team_of = {"R1": "east", "R2": "east", "R3": "west", "R4": "west"}
    owner = {f"L{n:02}": ("", "R1", "R3", "R2")[n % 4] or None for n in range(1, 19)}
    planned = owners_of_plan(office)
    now = owners(office.planner)
    for lead, rep in now.items():
        west = "west" in (team_of.get(planned[lead] or ""), team_of.get(owner[lead] or ""))
        assert rep == (planned[lead] if west else owner[lead]), lead
    assert now != planned
    second = office.publish(part={"regions": ["US/East"]})
    after = owners(office.planner)
    region = {item["lead_id"]: item["region"] for item in whole(office.planner, current_leads())}
    for lead, rep in after.items():
        assert rep == (planned[lead] if region[lead].startswith("US/East") else now[lead]), lead
    assert (first["number"], second["number"]) == (1, 2)
    office.publish()
    assert owners(office.planner) == planned
    assert broken(office.service.database) == []


def test_an_empty_part_is_refused(office: Office) -> None:
    told = office.planner.post(ROOT, json={"plan": office.plan, "part": {"teams": []}})
    assert told.status_code == 422
    assert "names no team and no region" in told.json()["faults"][0]


def test_a_lead_whose_owner_has_changed_keeps_the_new_one(office: Office) -> None:
    # L02 was R3's, L03 R2's; newer tables say otherwise.
    planned = owners_of_plan(office)
    moved = {"L02": "R1", "L03": ""}
    lines = []
    for line in LEADS.splitlines():
        cells = line.split(",")
        if cells[0] in moved:
            cells[5] = moved[cells[0]]
        lines.append(",".join(cells))
    newer = {
        **TABLES,
        "snapshot.yaml": HEADER.replace("2026-11-20", "2026-11-21"),
        "leads.csv": "\n".join(lines) + "\n",
    }
    add_company(office.service, newer)
    done = office.publish()
    now = owners(office.planner)
    kept = {lead: rep or None for lead, rep in moved.items()}
    assert planned["L02"] != "R1"
    assert {lead: now[lead] for lead in moved} == kept
    assert {lead: rep for lead, rep in now.items() if lead not in moved} == {
        lead: rep for lead, rep in planned.items() if lead not in moved
    }
    refused = whole(office.planner, f"{ROOT}/{done['id']}/refused?limit=1")
    assert whole(office.planner, f"{ROOT}/current/refused") == refused
    assert {item["lead_id"]: item["rep_id"] for item in refused} == {
        lead: rep for lead, rep in kept.items() if planned[lead] != rep
    }
    for item in refused:
        assert item["planned"] == planned[item["lead_id"]]
        assert item["owner"] == {"L02": "R3", "L03": "R2"}[item["lead_id"]]
        assert item["reason"] == "newer_tables"
    assert done["counts"]["refused"] == len(refused)
    assert broken(office.service.database) == []


def test_rolling_back_is_a_new_publication(office: Office) -> None:
    first = office.publish(part={"teams": ["east"]})
    before = owners(office.planner)
    second = office.publish()
    assert owners(office.planner) != before
    changes = whole(office.planner, f"{ROOT}/changes?since=1&limit=2")
    after = owners(office.planner)
    assert {item["lead_id"]: (item["from_rep"], item["to_rep"]) for item in changes} == {
        lead: (before[lead], after[lead]) for lead in before if before[lead] != after[lead]
    }
    told = office.approver.post(f"{ROOT}/{second['id']}/roll-back")
    assert problem(told) == (409, "illegal_step")
    told = office.approver.post(f"{ROOT}/{first['id']}/roll-back", json={"note": "calls came"})
    assert told.status_code == 201, told.text
    assert (told.json()["number"], told.json()["restores"]) == (3, 1)
    assert told.json()["hash"] == first["hash"]
    assert owners(office.planner) == before
    assert whole(office.planner, f"{ROOT}/changes?since=1") == []
    assert problem(office.planner.get(f"{ROOT}/changes?since=9")) == (404, "not_found")
    assert broken(office.service.database) == []


def test_what_a_roll_back_undid_is_no_news_to_the_next_publication(office: Office) -> None:
    first = office.publish()
    office.publish()
    before = owners(office.planner)
    given, returned = sorted(lead for lead, rep in before.items() if rep is not None)[:2]
    other = next(rep for rep in ("R1", "R2") if rep != before[given])
    for url in (f"/v1/books/{other}/leads/{given}", f"/v1/pool/{returned}/return"):
        assert office.planner.post(url, json={"reason": "a mistake"}).status_code == 200
    assert owners(office.planner) != before
    assert office.approver.post(f"{ROOT}/{first['id']}/roll-back").status_code == 201
    done = office.publish()
    assert (done["counts"]["refused"], done["counts"]["changed"]) == (0, 0)
    assert owners(office.planner) == before


def test_whole_tables_as_files(office: Office) -> None:
    done = office.publish()
    url = f"{ROOT}/{done['id']}/assignments"
    parquet = office.planner.get(url, headers={"Accept": "application/vnd.apache.parquet"})
    table = pq.read_table(io.BytesIO(parquet.content)).to_pandas()
    assert plan_hash(table) == done["hash"]
    text = office.planner.get(url, headers={"Accept": "text/csv"})
    assert text.headers["content-type"] == "text/csv; charset=utf-8"
    assert len(text.text.splitlines()) == 19
    assert not list(office.service.scratch.iterdir())
    draft = office.draft()
    assert problem(office.planner.get(f"{draft}/assignments")) == (404, "not_found")


def test_a_repeated_request_publishes_once(office: Office) -> None:
    url, key = office.approved(), {"Idempotency-Key": "k"}
    first = office.approver.post(f"{url}/publish", headers=key)
    again = office.approver.post(f"{url}/publish", headers=key)
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert problem(office.approver.post(f"{url}/publish")) == (409, "illegal_step")
    assert broken(office.service.database) == []


def test_limits_to_teams(office: Office, client_of: ClientOf) -> None:
    east = client_of(Role.PLANNER, teams=["east"])
    told = east.post(ROOT, json={"plan": office.plan})
    assert problem(told) == (403, "forbidden")
    assert "limit its part to your teams" in told.json()["detail"]
    own = east.post(ROOT, json={"plan": office.plan, "part": {"teams": ["east"]}})
    assert own.status_code == 201
    other = office.draft(part={"teams": ["west"]})
    assert problem(east.get(other)) == (404, "not_found")
    assert problem(east.post(f"{other}/submit")) == (404, "not_found")
    assert [item["id"] for item in whole(east, ROOT)] == [own.json()["id"]]
    assert own.json()["foreseen"] is None
    assert office.planner.get(other).json()["foreseen"] is not None
    office.publish()
    # Less the own leads, these would be the others'.
    assert east.get(f"{ROOT}/current").json()["counts"] is None
    assert all(item["counts"] is None for item in whole(east, ROOT))
    seen = whole(east, f"{ROOT}/current/assignments?limit=3")
    assert {item["team"] for item in seen} <= {"east", None}
    assert len(seen) == sum(rep in ("R1", "R2", None) for rep in owners(office.planner).values())
    approver = client_of(Role.APPROVER, regions=["US/East"])
    told = approver.post(f"{other}/publish")
    assert problem(told) == (403, "forbidden")
    first = whole(office.planner, f"{ROOT}?status=published")[0]["id"]
    office.publish()
    assert problem(approver.post(f"{ROOT}/{first}/roll-back")) == (403, "forbidden")


def test_what_a_limited_caller_asks_tells_nothing_of_others(
    office: Office, client_of: ClientOf
) -> None:
    east, inside = (
        client_of(Role.PLANNER, teams=["east"]),
        client_of(Role.PLANNER, regions=["US/East"]),
    )
    for who, part in ((east, {"teams": ["wes"]}), (inside, {"regions": ["US/Wes"]})):
        told = who.post(ROOT, json={"plan": office.plan, "part": part})
        assert problem(told) == (403, "forbidden")
    other, tag = office.draft(part={"teams": ["west"]}), {"If-Match": '"v1"'}
    assert problem(east.patch(other, json={"part": {"teams": ["x"]}}, headers=tag))[0] == 404
    for name in ("assignments", "refused"):
        told = east.get(f"{other}/{name}")
        assert told.status_code == 404
        assert "draft" not in told.json()["detail"]


def test_who_may(office: Office, client_of: ClientOf) -> None:
    told = {role: client_of(role).post(ROOT, json={"plan": office.plan}) for role in (None, *Role)}
    allowed = {role for role, answer in told.items() if answer.status_code == 201}
    assert allowed == {Role.PLANNER, Role.ADMIN}
    assert {answer.status_code for answer in told.values()} == {201, 401, 403}


def test_nonsense_is_refused(office: Office) -> None:
    for body in (
        {"plan": "0" * 32},
        {"plan": "x"},
        {"plan": office.plan, "number": 7},
        {"plan": office.plan, "note": "a\x00b"},
        {"plan": office.plan, "effective_at": "2026-01-01T00:00:00"},
        {"plan": office.plan, "effective_at": "9999-12-31T23:59:59-12:00"},
        {"plan": office.plan, "effective_at": office.in_days(367)},
        {"plan": office.plan, "part": {"teams": ["\x00"]}},
    ):
        assert office.planner.post(ROOT, json=body).status_code in (404, 422), body
    for url in ("?status=gone", "/changes", "/changes?since=0", "?cursor=x", "/" + "0" * 32):
        assert office.planner.get(ROOT + url).status_code in (404, 422), url
    assert broken(office.service.database) == []


def test_a_date_too_far_ahead_is_refused(office: Office) -> None:
    url, far = office.draft(), office.in_days(367)
    for told in (
        office.planner.post(ROOT, json={"plan": office.plan, "effective_at": far}),
        office.planner.patch(url, json={"effective_at": far}, headers={"If-Match": '"v1"'}),
    ):
        assert problem(told) == (422, "invalid")
        assert f"effective_at is {far[:10]}, and" in told.json()["detail"]
    assert office.planner.get(url).json()["effective_at"] is None


def current_leads() -> str:
    """Return the address of the current assignment."""
    return f"{ROOT}/current/assignments"


def owners_of_plan(office: Office) -> dict[str, str | None]:
    """Return the rep by lead that the plan gives."""
    table = pq.read_table(office.service.copies.directory(office.plan) / "assignments.parquet")
    return {row["lead_id"]: row["rep_id"] for row in table.to_pylist()}

"""/v1/pool and /v1/books: who has what, claims, returns, overrides."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

import pytest

from api.services.access.roles import Role
from tests.api.company import POLICY, add_company, add_plan_of, add_rules
from tests.api.invariants import broken
from tests.api.office import ROOT, Office, at_once, open_office, owners, problem, whole

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi.testclient import TestClient

    from api.services.service import Service
    from tests.api.conftest import ClientOf


@pytest.fixture
def office(service: Service, client_of: ClientOf) -> Office:
    """Return people whose plan is current: four leads for each of four reps, two for nobody."""
    opened = open_office(service, client_of)
    opened.publish()
    return opened


def give_back(who: TestClient, lead: str) -> None:
    """Return a lead to the pool."""
    told = who.post(f"/v1/pool/{lead}/return", json={"reason": "no budget"})
    assert told.status_code == 200, told.text


def book(who: TestClient, rep: str) -> set[str]:
    """Return the leads of a rep."""
    return {item["lead_id"] for item in whole(who, f"/v1/books/{rep}?limit=2")}


def pool(who: TestClient) -> set[str]:
    """Return the leads that nobody has."""
    return {item["lead_id"] for item in whole(who, "/v1/pool?limit=1")}


class TestOnSqlite:
    """What is the same on both databases."""

    @pytest.fixture
    def empty_url(self, tmp_path: Path) -> str:
        """Return the URL of an empty SQLite database."""
        return f"sqlite:///{tmp_path}/fairlead.db"

    def test_books_and_pool_are_the_assignment(self, office: Office) -> None:
        now = owners(office.planner)
        for rep in ("R1", "R2", "R3", "R4"):
            assert book(office.planner, rep) == {lead for lead in now if now[lead] == rep}
        assert pool(office.planner) == {lead for lead in now if now[lead] is None}
        told = office.planner.get("/v1/books/R1").json()
        assert (told["team"], told["publication"]) == ("east", 1)
        assert told["expected_value"] == pytest.approx(
            sum(item["expected_value"] for item in told["items"])
        )
        assert told["leads"] == len(told["items"])

    def test_a_rep_works_the_own_book(self, office: Office, client_of: ClientOf) -> None:
        one, other = (client_of(Role.REP, rep_id=rep) for rep in ("R1", "R2"))
        free = pool(one)
        lead = sorted(book(one, "R1"))[0]
        assert problem(one.get("/v1/books/R2")) == (404, "not_found")
        assert problem(other.post(f"/v1/pool/{lead}/return", json={"reason": "x"}))[0] == 404
        assert one.post(f"/v1/pool/{lead}/return", json={"reason": ""}).status_code == 422
        give_back(one, lead)
        assert lead not in book(one, "R1")
        assert pool(one) == free | {lead}
        assert problem(one.post(f"/v1/pool/{lead}/return", json={"reason": "x"})) == (
            409,
            "conflict",
        )
        # R2's book is full; it has room after it gave one back.
        told = other.post(f"/v1/pool/{lead}/claim", json={})
        assert problem(told) == (409, "conflict")
        assert "above the limit" in told.json()["detail"]
        give_back(other, sorted(book(other, "R2"))[0])
        told = other.post(f"/v1/pool/{lead}/claim", json={})
        assert told.status_code == 200, told.text
        assert (told.json()["from_rep"], told.json()["to_rep"]) == (None, "R2")
        assert lead in book(other, "R2")
        since = {item["lead_id"]: item["since"] for item in whole(other, "/v1/books/R2")}
        assert since[lead] == told.json()["at"]
        told = one.post(f"/v1/pool/{lead}/claim", json={})
        assert problem(told) == (404, "not_found")
        assert broken(office.service.database) == []

    def test_a_returned_lead_cools_down(self, office: Office, client_of: ClientOf) -> None:
        one = client_of(Role.REP, rep_id="R1")
        lead = sorted(book(one, "R1"))[0]
        give_back(one, lead)
        told = one.post(f"/v1/pool/{lead}/claim", json={})
        assert problem(told) == (409, "conflict")
        assert "may claim it again from" in told.json()["detail"]

    def test_the_rules_hold_for_claims(self, office: Office, client_of: ClientOf) -> None:
        west = client_of(Role.REP, rep_id="R3")
        now = owners(office.planner)
        lead = next(lead for lead, rep in now.items() if rep == "R1")
        give_back(office.planner, lead)
        give_back(west, next(lead for lead, rep in now.items() if rep == "R3"))
        told = west.post(f"/v1/pool/{lead}/claim", json={})
        assert problem(told) == (409, "conflict")
        assert "A rep works only leads whose region" in told.json()["detail"]

    def test_pins_hold_for_claims(self, office: Office, client_of: ClientOf) -> None:
        now = owners(office.planner)
        mine, theirs = (next(lead for lead in now if now[lead] == rep) for rep in ("R1", "R2"))
        give_back(office.planner, mine)
        give_back(office.planner, theirs)
        pin = {"lead_id": theirs, "kind": "forbidden", "rep_id": "R1", "reason": "cousins"}
        where = office.planner.post("/v1/pins", json=pin).headers["location"]
        one = client_of(Role.REP, rep_id="R1")
        told = one.post(f"/v1/pool/{theirs}/claim", json={})
        assert problem(told) == (409, "conflict")
        assert "barred from the lead" in told.json()["detail"]
        office.planner.delete(where, headers={"If-Match": '"v1"'})
        assert one.post(f"/v1/pool/{theirs}/claim", json={}).status_code == 200

    def test_a_planner_claims_for_others(self, office: Office, client_of: ClientOf) -> None:
        now = owners(office.planner)
        lead = next(lead for lead in now if now[lead] == "R1")
        give_back(office.planner, lead)
        one = client_of(Role.REP, rep_id="R1")
        told = one.post(f"/v1/pool/{lead}/claim", json={"rep_id": "R4"})
        assert problem(told) == (403, "forbidden")
        claim = f"/v1/pool/{lead}/claim"
        assert problem(office.planner.post(claim, json={})) == (422, "invalid")
        assert problem(office.planner.post(claim, json={"rep_id": "R9"})) == (404, "not_found")
        give_back(office.planner, next(lead for lead in now if now[lead] == "R2"))
        assert office.planner.post(claim, json={"rep_id": "R2"}).status_code == 200
        assert office.planner.post(claim, json={"rep_id": "R4"}).status_code == 409

    def test_so_many_claims_and_no_more(self, office: Office, client_of: ClientOf) -> None:
        one = client_of(Role.REP, rep_id="R1")
        settings = office.service.settings
        now = owners(office.planner)
        others = [lead for lead in now if now[lead] == "R2"][:2]
        for lead in others:
            give_back(office.planner, lead)
        for lead in [lead for lead in now if now[lead] == "R1"][:2]:
            give_back(one, lead)
        object.__setattr__(
            office.service, "settings", settings.model_copy(update={"claims_per_rep": 1})
        )
        assert one.post(f"/v1/pool/{others[0]}/claim", json={}).status_code == 200
        told = one.post(f"/v1/pool/{others[1]}/claim", json={})
        assert problem(told) == (409, "conflict")
        assert "at most 1 are allowed" in told.json()["detail"]

    def test_a_manager_overrides(self, office: Office, client_of: ClientOf) -> None:
        now = owners(office.planner)
        lead = next(lead for lead in now if now[lead] == "R1")
        url, why = f"/v1/books/R3/leads/{lead}", {"reason": "knows them"}
        assert problem(client_of(Role.REP, rep_id="R3").post(url, json=why))[0] == 403
        key = {"Idempotency-Key": "k"}
        told = office.planner.post(url, json=why, headers=key)
        assert (told.status_code, told.json()["kind"]) == (200, "override")
        assert office.planner.post(url, json=why, headers=key).json() == told.json()
        assert problem(office.planner.post(url, json=why)) == (409, "conflict")
        assert problem(office.planner.post(f"/v1/books/R9/leads/{lead}", json=why))[0] == 404
        assert problem(office.planner.post("/v1/books/R3/leads/none", json=why))[0] == 404
        assert lead in book(office.planner, "R3")
        changes = whole(office.planner, f"{ROOT}/changes?since=1")
        assert [(item["from_rep"], item["to_rep"]) for item in changes] == [("R1", "R3")]
        # The next publication respects it, and its assignment holds it.
        done = office.publish()
        refused = whole(office.planner, f"{ROOT}/{done['id']}/refused")
        assert [(item["lead_id"], item["rep_id"], item["reason"]) for item in refused] == [
            (lead, "R3", "transferred")
        ]
        assert owners(office.planner) == {**now, lead: "R3"}
        assert broken(office.service.database) == []

    def test_limits_to_teams(self, office: Office, client_of: ClientOf) -> None:
        east = client_of(Role.PLANNER, teams=["east"])
        now = owners(office.planner)
        theirs = next(lead for lead in now if now[lead] == "R3")
        mine = next(lead for lead in now if now[lead] == "R1")
        why = {"reason": "x"}
        assert problem(east.get("/v1/books/R3")) == (404, "not_found")
        assert problem(east.post(f"/v1/pool/{theirs}/return", json=why))[0] == 404
        assert problem(east.post(f"/v1/books/R1/leads/{theirs}", json=why))[0] == 404
        assert problem(east.post(f"/v1/books/R3/leads/{mine}", json=why))[0] == 404
        assert east.post(f"/v1/pool/{mine}/return", json=why).status_code == 200
        region = client_of(Role.REP, rep_id="R3", regions=["US/West"])
        assert mine not in pool(region)

    def test_ids_with_slashes_and_other_signs(self, office: Office) -> None:
        for lead in ("a/b", "a%2Fb", "%00", "x" * 300, "L01'--"):
            told = office.planner.post(f"/v1/pool/{lead}/return", json={"reason": "x"})
            assert told.status_code in (404, 422), lead
            told = office.planner.get(f"/v1/books/{lead}")
            assert told.status_code in (404, 422), lead


def test_nothing_is_published_yet(service: Service, client_of: ClientOf) -> None:
    planner = client_of(Role.PLANNER)
    for answer in (
        planner.get("/v1/pool"),
        planner.get("/v1/books/R1"),
        planner.post("/v1/pool/L01/claim", json={"rep_id": "R1"}),
        planner.post("/v1/pool/L01/return", json={"reason": "x"}),
        planner.post("/v1/feedback", json={"lead_id": "L01", "verdict": "good"}),
    ):
        assert problem(answer) == (404, "not_found")


@pytest.mark.parametrize("reps", [4, pytest.param(50, marks=pytest.mark.hard)])
def test_of_many_who_claim_a_lead_one_gets_it(
    service: Service, client_of: ClientOf, reps: int
) -> None:
    rules = add_rules(service, POLICY.replace("at_most: max_leads", "at_most: 2"))
    plan = add_plan_of(service, add_company(service), rules)
    office = Office(service, client_of(Role.PLANNER), client_of(Role.APPROVER), plan)
    office.publish()
    now = owners(office.planner)
    for lead in [lead for lead, rep in now.items() if rep is not None]:
        give_back(office.planner, lead)
    lead = next(lead for lead, rep in now.items() if rep is None and int(lead[1:]) % 2)
    claim = partial(office.planner.post, f"/v1/pool/{lead}/claim")
    told = at_once(
        [partial(claim, json={"rep_id": ("R1", "R2", "R4")[n % 3]}) for n in range(reps)]
    )
    assert Counter(answer.status_code for answer in told) == {200: 1, 409: reps - 1}
    # A rep who claims several at once gets no more than the limit has room for.
    free = [lead for lead, rep in owners(office.planner).items() if rep is None]
    east = [lead for lead in free if int(lead[1:]) % 2][:4]
    told = at_once(
        [
            partial(office.planner.post, f"/v1/pool/{lead}/claim", json={"rep_id": "R4"})
            for lead in east
        ]
    )
    assert {answer.status_code for answer in told} == {200, 409}
    assert len(book(office.planner, "R4")) == 2
    assert broken(service.database) == []

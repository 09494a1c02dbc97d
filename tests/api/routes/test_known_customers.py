"""A new lead of a customer goes to who has the customer, though tables hold no names."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from api.services.people import erase_person
from tests.api.company import HEADER, POLICY, REPS, add_company, add_plan_of, add_rules, publish
from tests.api.office import owners

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi.testclient import TestClient

    from api.services.service import Service

URL = "/v1/recommendations"
BY_COMPANY = f"{POLICY}families: {{by: company}}\n"
LEADS = """\
lead_id,region,amount,win_probability,owner,company,email,phone
L1,US/West/1,900,0.5,R3,acme,ann@acme.example,+49 30 1234567
L2,US/West/1,900,0.5,R4,Zürich AG,zoe@zurich.example,
L3,US/East/1,900,0.5,R1,,bob@best.example,
L4,US/East/1,900,0.5,R2,n/a,joe@gmail.com,
L5,US/East/1,900,0.5,R2,Twice Ltd,ann@twice.example,
L6,US/East/1,900,0.5,R2,TWICE,bob@twice.example,
"""
ROOMY = REPS.replace(",4\n", ",40\n")
TABLES = {"snapshot.yaml": HEADER, "reps.csv": ROOMY, "leads.csv": LEADS}
NEW: dict[str, Any] = {"lead_id": "N1", "amount": 900, "win_probability": 0.5}
EAST, WEST = {"region": "US/East/1"}, {"region": "US/West/1"}
ACME = {"company": "ACME, Inc.", **WEST}


@pytest.fixture
def empty_url(tmp_path: Path) -> str:
    """Return the URL of an empty database; plans are read alike from both kinds."""
    return f"sqlite:///{tmp_path}/fairlead.db"


@pytest.fixture
def plan_id(service: Service) -> str:
    """Return a plan whose policy counts customers by company."""
    return add_plan_of(service, add_company(service, TABLES), add_rules(service, BY_COMPANY))


@pytest.fixture
def current(service: Service, plan_id: str) -> str:
    """Return the plan, published."""
    publish(service, plan_id)
    return plan_id


def customer_of(client: TestClient, cells: dict[str, str], plan: str | None = None) -> str | None:
    """Return the rep to whom a new lead goes because its customer is there already, or None."""
    asked = {"leads": [{**NEW, **cells}], **({} if plan is None else {"plan": plan})}
    answer = client.post(URL, json=asked)
    assert answer.status_code == 200, answer.text
    (ranking,) = answer.json()["rankings"]
    assert ranking["rep_id"] is not None
    return str(ranking["rep_id"]) if ranking["reason"] == "customer" else None


def customer_soon(client: TestClient, cells: dict[str, str], wanted: str | None) -> str | None:
    """Return the same, as soon as it is what is wanted."""
    asked_until = time.monotonic() + 2
    rep = customer_of(client, cells)
    while rep != wanted and time.monotonic() < asked_until:
        rep = customer_of(client, cells)
    return rep


def test_a_new_lead_goes_to_who_has_its_customer(client: TestClient, current: str) -> None:
    rep_of = owners(client)
    for lead, cells in (
        ("L1", ACME),
        ("L1", {"company": " acme gmbh ", "email": "x@best.example", **WEST}),
        ("L2", {"company": "zürich", "phone": "+49 30 7654321", **WEST}),
        ("L3", {"email": "new@BEST.example", **EAST}),
        ("L3", {"company": "N/A", "email": "Bob <bob@best.example>", **EAST}),
        ("L5", {"company": "Twice", **EAST}),
    ):
        assert customer_of(client, cells) == rep_of[lead], cells


def test_a_new_lead_of_nobody_known_joins_nobody(client: TestClient, current: str) -> None:
    for cells in (
        {"company": "Acme Labs"},
        {"company": "n/a", "email": "joe@gmail.com"},
        {"email": "joe"},
        {"company": "Other", "email": "bob@best.example"},
        # Domains count of leads without a company only.
        {"email": "ann@acme.example"},
        # What stands in the tables is no name that anybody could send.
        *({"company": f"c{number}"} for number in range(4)),
        *({"email": f"m1@d{number}.example"} for number in range(4)),
        {"phone": "+49 30 1234567"},
    ):
        assert customer_of(client, {**cells, **WEST}) is None, cells
        assert customer_of(client, {**cells, **EAST}) is None, cells


def test_who_has_the_customer_now_gets_it(client: TestClient, current: str) -> None:
    now, then = ("R4", "R3") if owners(client)["L1"] == "R3" else ("R3", "R4")
    assert customer_of(client, ACME) == then
    assert client.post("/v1/pool/L1/return", json={"reason": "x"}).status_code == 200
    assert client.post(f"/v1/books/{now}/leads/L1", json={"reason": "x"}).status_code == 200
    assert customer_soon(client, ACME, now) == now


def test_who_is_erased_is_known_no_more(service: Service, client: TestClient, current: str) -> None:
    rep_of = owners(client)
    twice = {"company": "twice", **EAST}
    assert customer_of(client, ACME) is not None
    assert erased(client, "L1")
    assert customer_of(client, ACME) is None
    assert erased(client, "L5")
    assert customer_of(client, twice) == rep_of["L6"], "another of its people is known"
    # Another server beside this one may erase, too.
    with service.database.writing() as session:
        erase_person(session, "leads", "L6", "key:test")
    assert customer_soon(client, twice, None) is None
    assert customer_of(client, {"email": "x@best.example", **EAST}) == rep_of["L3"]


def test_a_plan_that_is_named_knows_customers_too(
    service: Service, client: TestClient, plan_id: str
) -> None:
    plain = add_plan_of(service, add_company(service, TABLES), add_rules(service))
    assert customer_of(client, ACME, plan_id) is not None, "nothing is current"
    publish(service, plain)
    assert customer_of(client, ACME) is None, "its policy does not count companies"
    assert customer_of(client, ACME, plan_id) is not None
    assert erased(client, "L1")
    assert customer_of(client, ACME, plan_id) is None
    assert customer_of(client, {"company": "twice", **EAST}, plan_id) is not None


def erased(client: TestClient, lead: str) -> bool:
    """Erase somebody."""
    return client.post("/v1/people/erase", json={"table": "leads", "id": lead}).status_code == 200


def test_nothing_of_a_person_is_told_or_written(
    service: Service, client: TestClient, current: str
) -> None:
    lead = {**NEW, **WEST, "company": "acme", "email": "ann@acme.example", "phone": "+49 30 12"}
    for wrong in ({"amount": "much"}, {"company": "ac\u200bme"}, {"email": "ann\x01@acme.example"}):
        answer = client.post(URL, json={"leads": [{**lead, **wrong}]})
        assert (answer.status_code, answer.json()["code"]) == (422, "input"), wrong
        issues = json.dumps(answer.json()["issues"])
        assert not [told for told in ("acme", "+49", "c1", "c0", "m0") if told in issues]
    assert customer_of(client, ACME) is not None
    written = [path for path in service.settings.data.rglob("*") if path.is_file()]
    assert written
    assert not [path for path in written if b"zurich" in path.read_bytes().lower()]

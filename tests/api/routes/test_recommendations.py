"""/v1/recommendations: ranked as `Recommender` ranks, by the current plan, every fault told."""

from __future__ import annotations

import asyncio
import math
import os
import shutil
import time
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.errors import BusyError
from api.services.access.roles import Role
from api.services.desk.desk import Desk
from api.services.desk.planned import load_planned
from api.services.plans.plans import current_standing, get_plan, sources_of
from api.services.routing import Routing
from models.columns import TABLES
from planner.recommend import Recommender
from tests.api.company import add_company, add_plan_of, add_rules, publish
from tests.api.invariants import broken

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi.testclient import TestClient

    from api.services.service import Service
    from tests.api.conftest import ClientOf

URL = "/v1/recommendations"
LEAD: dict[str, Any] = {
    "lead_id": "N1",
    "region": "US/West/1",
    "amount": 900,
    "win_probability": 0.5,
    "created": "2026-11-21T09:00:00Z",
}


@pytest.fixture
def empty_url(tmp_path: Path) -> str:
    """Return the URL of an empty database; plans are read alike from both kinds."""
    return f"sqlite:///{tmp_path}/fairlead.db"


@pytest.fixture
def plan_id(service: Service) -> str:
    """Return a plan that the service has."""
    return add_plan_of(service, add_company(service), add_rules(service))


def test_reps_are_ranked_as_the_recommender_ranks_them(
    service: Service, client: TestClient, plan_id: str
) -> None:
    publish(service, plan_id)
    leads = [LEAD, {**LEAD, "lead_id": "N2", "region": "US/East"}, {**LEAD, "region": "Mars"}]
    told = client.post(URL, json={"leads": leads, "top": 2})
    assert told.status_code == 200, told.text
    assert told.json()["plan"] == plan_id
    with service.database.reading() as session:
        sources = sources_of(session, service.copies, get_plan(session, plan_id))
    recommender = Recommender(load_planned(sources))
    for lead, ranking in zip(leads, told.json()["rankings"], strict=True):
        expected = recommender.rank(lead, 2)
        assert ranking["lead_id"] == lead["lead_id"]
        assert (ranking["rep_id"], ranking["reason"]) == (expected.rep_id, expected.reason)
        assert [rep["rep_id"] for rep in ranking["reps"]] == [rep.rep_id for rep in expected.reps]
        assert [rep["net"] for rep in ranking["reps"]] == [rep.net for rep in expected.reps]
        assert ranking["nobody"] is None or math.isclose(ranking["nobody"], expected.nobody)
    assert told.json()["rankings"][2]["reason"] == "no_eligible_rep"
    assert broken(service.database) == []


def test_it_goes_by_the_current_plan_or_by_one_that_is_named(
    service: Service, client: TestClient, plan_id: str
) -> None:
    told = client.post(URL, json={"leads": [LEAD]})
    assert (told.status_code, told.json()["code"]) == (404, "not_found")
    other = add_plan_of(service, add_company(service), add_rules(service))
    publish(service, plan_id)
    assert client.post(URL, json={"leads": [LEAD]}).json()["plan"] == plan_id
    publish(service, other)
    assert goes_by(client, other)
    named = client.post(URL, json={"leads": [LEAD], "plan": plan_id})
    assert named.json()["plan"] == plan_id
    first = client.get("/v1/publications").json()["items"][-1]["id"]
    assert client.post(f"/v1/publications/{first}/roll-back").status_code == 201
    assert goes_by(client, plan_id)
    assert client.post(URL, json={"leads": [LEAD], "plan": "0" * 32}).status_code == 404


def test_books_count_as_they_are_now(service: Service, client: TestClient, plan_id: str) -> None:
    publish(service, plan_id)
    assert first_rep(client, None) is None, "every book is full"
    lead = client.get("/v1/books/R1").json()["items"][0]["lead_id"]
    assert client.post(f"/v1/pool/{lead}/return", json={"reason": "x"}).status_code == 200
    assert first_rep(client, "R1") == "R1"
    service.routing.close()
    assert first_rep(client, "R1") == "R1", "a new process knows it, too"
    given = client.post(f"/v1/books/R1/leads/{lead}", json={"reason": "x"})
    assert given.status_code == 200, given.text
    assert first_rep(client, None) is None
    assert client.post(f"/v1/pool/{lead}/return", json={"reason": "x"}).status_code == 200
    assert first_rep(client, "R1") == "R1"
    # Of another plan, nobody has changed anything.
    other = add_plan_of(service, add_company(service), add_rules(service))
    told = client.post(URL, json={"leads": [LEAD], "plan": other}).json()["rankings"]
    assert told[0]["rep_id"] is None
    publish(service, other)
    assert goes_by(client, other)
    # The publication leaves a lead that changed hands where it is, whatever its plan says.
    assert first_rep(client, "R1") == "R1"


def test_books_of_a_plan_that_is_current_again(
    service: Service, client: TestClient, plan_id: str
) -> None:
    publish(service, plan_id)
    lead = client.get("/v1/books/R1").json()["items"][0]["lead_id"]
    assert client.post(f"/v1/pool/{lead}/return", json={"reason": "x"}).status_code == 200
    publish(service, plan_id)
    assert first_rep(client, "R1") == "R1"
    first = client.get("/v1/publications").json()["items"][-1]["id"]
    assert client.post(f"/v1/publications/{first}/roll-back").status_code == 201
    assert first_rep(client, None) is None


def first_rep(client: TestClient, wanted: str | None) -> str | None:
    """Return who should have a lead of the east, as soon as it is somebody."""
    asked_until, body = time.monotonic() + 2, {"leads": [{**LEAD, "region": "US/East/1"}]}
    told = client.post(URL, json=body).json()["rankings"][0]["rep_id"]
    while told != wanted and time.monotonic() < asked_until:
        told = client.post(URL, json=body).json()["rankings"][0]["rep_id"]
    return None if told is None else str(told)


def goes_by(client: TestClient, plan_id: str) -> bool:
    """Return whether recommendations go by a plan, soon after it became the current one."""
    asked_until = time.monotonic() + 1
    told = client.post(URL, json={"leads": [LEAD]}).json()["plan"]
    while told != plan_id and time.monotonic() < asked_until:
        told = client.post(URL, json={"leads": [LEAD]}).json()["plan"]
    return bool(told == plan_id)


def test_every_fault_of_every_lead_is_told(
    service: Service, client: TestClient, plan_id: str
) -> None:
    publish(service, plan_id)
    leads = [
        {**LEAD, "amount": "much"},
        LEAD,
        {**LEAD, "lead_id": "L01"},
        {**LEAD, "win_probability": 7, "owner": "R1"},
        {"region": "US/West"},
    ]
    told = client.post(URL, json={"leads": leads})
    assert (told.status_code, told.json()["code"]) == (422, "input")
    found = {(issue["line"], issue["column"]) for issue in told.json()["issues"]}
    assert {(1, "amount"), (3, "lead_id"), (4, "win_probability"), (4, "owner")} <= found
    assert 5 in {line for line, _ in found}
    assert 2 not in {line for line, _ in found}


def test_what_makes_no_sense_is_refused(service: Service, client: TestClient, plan_id: str) -> None:
    publish(service, plan_id)
    bodies: tuple[dict[str, Any], ...] = (
        {"leads": []},
        {"leads": [{}]},
        {"leads": [LEAD] * 101},
        {"leads": [LEAD], "top": 0},
        {"leads": [LEAD], "plan": "nonsense"},
        {"leads": [{**LEAD, "needs": ["a"]}]},
        {"leads": [{**LEAD, "amount": 10**400}]},
        {"leads": [LEAD], "role": "admin"},
    )
    for body in bodies:
        told = client.post(URL, json=body)
        assert (told.status_code, told.json()["code"]) == (422, "invalid"), body


CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**18), 10**18),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=6),
    st.sampled_from(["US/West", "2026-11-21", "2026-11-21T09:00:00Z", "R1", "A;B", "L01", "1e400"]),
)
NAMES = st.one_of(
    st.sampled_from([column.name for column in TABLES["leads"]]), st.text(min_size=1, max_size=4)
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(changes=st.dictionaries(NAMES, CELLS, min_size=1, max_size=4))
def test_no_lead_is_a_fault_of_ours(
    service: Service, client: TestClient, changes: dict[str, Any]
) -> None:
    with service.database.reading() as session:
        there = current_standing(session) is not None
    if not there:
        publish(service, add_plan_of(service, add_company(service), add_rules(service)))
    told = client.post(URL, json={"leads": [{**LEAD, **changes}]})
    assert told.status_code in (200, 422), (changes, told.text)


def test_who_may(client_of: ClientOf, service: Service, plan_id: str) -> None:
    publish(service, plan_id)
    body = {"leads": [LEAD]}
    told = {role: client_of(role).post(URL, json=body).status_code for role in Role}
    allowed = {role for role, status in told.items() if status == 200}
    assert allowed == {Role.ANALYST, Role.PLANNER, Role.ADMIN}
    assert client_of(Role.ANALYST, teams=["east"]).post(URL, json=body).status_code == 403


def test_a_plan_that_is_published_is_made_ready(service: Service, plan_id: str) -> None:
    ended = Event()
    keeper = Thread(target=service.routing.keep_ready, args=(ended,))
    publish(service, plan_id)
    keeper.start()
    ended.set()
    keeper.join()
    current = service.routing.look()
    assert current is not None
    assert current.plan_id == plan_id
    assert service.routing.prepare(current).prepared.result(30) is None
    service.routing.close()
    assert ranked(service.routing)


def test_what_makes_plans_ready_outlives_a_disk_that_refuses(
    service: Service,
    plan_id: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("api.services.routing.LOOKS_EVERY", 0.01)
    publish(service, plan_id)
    copies, ended, pause = service.settings.data / "copies", Event(), Event()
    shutil.rmtree(copies)
    copies.symlink_to("/sys/kernel")
    keeper = Thread(target=service.routing.keep_ready, args=(ended,))
    keeper.start()
    while keeper.is_alive() and not caplog.messages:
        pause.wait(0.01)
    assert "the server cannot write in" in caplog.text
    copies.unlink()
    while keeper.is_alive() and not (copies / plan_id).is_dir():
        pause.wait(0.01)
    assert keeper.is_alive()
    ended.set()
    keeper.join()


def ranked(routing: Routing) -> bool:
    """Return whether a lead gets a ranking."""
    current = routing.look()
    assert current is not None
    return asyncio.run(routing.rank(current, [LEAD], 1)).startswith(b"[")


def test_a_lost_process_is_replaced(service: Service, plan_id: str) -> None:
    publish(service, plan_id)
    desk = Desk(seconds=60)
    routing = Routing(service.database, service.copies, desk, patience=60)
    hasty = Routing(service.database, service.copies, desk, patience=0)
    try:
        with pytest.raises(BusyError, match="being prepared"):
            ranked(hasty)
        assert ranked(routing)
        with pytest.raises(BusyError, match="lost"):
            desk.ask(os._exit, 3)
        # The new process has no plan ready, and makes it so.
        assert ranked(routing)
    finally:
        routing.close()

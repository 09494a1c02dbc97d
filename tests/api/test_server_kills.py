"""Servers are killed while clients change things: what was acknowledged is there, exactly once
(reliability test 2).
"""

from __future__ import annotations

import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from sqlalchemy import select

from api.services.access.keys import add_key
from api.services.access.roles import Role
from api.store.tables import AnswerRow, AuditRow, PolicyRow, PublicationRow, RunRow
from tests.api.cli.test_serve import free_port
from tests.api.company import POLICY, add_company, add_plan_of, add_rules
from tests.api.invariants import broken
from tests.api.servers import PATIENCE, ServerProcess

if TYPE_CHECKING:
    from api.services.service import Service
    from api.store.database import Database

SEED = 20261122
CLIENTS = 4
MADE: dict[str, tuple[Any, Any]] = {
    "policy": (PolicyRow, PolicyRow.created_by),
    "run": (RunRow, RunRow.caller),
    "draft": (PublicationRow, PublicationRow.created_by),
}
"""What a request makes, and who is told to have made it, by what its key is called."""
STEPS = ("submit", "approve", "publish")
SETTINGS = {
    "FAIRLEAD_FOUR_EYES": "false",
    "FAIRLEAD_RUNS_PER_CALLER": "100000",
    "FAIRLEAD_REQUESTS_PER_MINUTE": "1000000",
    "FAIRLEAD_BURST": "1000000",
    "FAIRLEAD_LOCK_SECONDS": "10",
}


@dataclass
class Ledger:
    """What was acknowledged: the body of each request's answer, by its idempotency key.

    Attributes
    ----------
    again : how often a request had to be sent again
    refused : answers that nobody expects, with their request
    """

    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    again: int = 0
    refused: list[str] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def wait_for(self, count: int) -> None:
        """Wait until so many more are acknowledged."""
        goal, end = len(self.answers) + count, time.monotonic() + PATIENCE
        while len(self.answers) < goal and not self.refused:
            assert time.monotonic() < end, "nothing is acknowledged"
            time.sleep(0.002)


@dataclass
class Person:
    """A client that asks for one thing after the other, and again until each is acknowledged."""

    name: str
    address: str
    key: str
    ids: dict[str, str]
    ledger: Ledger
    ended: Event

    def work(self) -> None:
        """Go on until told to end, and bring what was begun to its end."""
        headers = {"Authorization": f"Bearer {self.key}"}
        base = {name: self.ids[name] for name in ("snapshot", "policy")}
        number = 0
        with httpx2.Client(base_url=self.address, headers=headers, timeout=PATIENCE) as client:
            while not self.ended.is_set():
                number += 1
                self.ask(
                    client, f"policy-{number}", "/v1/policies", {"name": self.name, "text": POLICY}
                )
                self.ask(client, f"run-{number}", "/v1/runs", base)
                new = {"plan": self.ids["plan"], "note": f"{self.name} {number}"}
                made = self.ask(client, f"draft-{number}", "/v1/publications", new)
                for step in STEPS:
                    path = f"/v1/publications/{made['id']}/{step}"
                    self.ask(client, f"{step}-{number}", path, None)

    def ask(
        self, client: httpx2.Client, what: str, path: str, new: dict[str, Any] | None
    ) -> dict[str, Any]:
        """Send a request until it is acknowledged; return the answer.

        A server that is killed again before it has answered is not one that does not answer.
        """
        key = f"{self.name}-{what}"
        headers = {"Idempotency-Key": key}
        end = time.monotonic() + PATIENCE
        while True:
            assert time.monotonic() < end, f"{path} is never acknowledged"
            try:
                told = client.post(path, json=new, headers=headers)
            except httpx2.TransportError:
                status = 0
                if not self.ended.is_set():
                    end = time.monotonic() + PATIENCE
            else:
                status = told.status_code
            with self.ledger.lock:
                if 200 <= status < 300:
                    assert key not in self.ledger.answers
                    self.ledger.answers[key] = told.json()
                    return self.ledger.answers[key]
                self.ledger.again += 1
                if status not in (0, 503):
                    self.ledger.refused.append(f"{path} {status} {told.text}")
                    raise AssertionError(self.ledger.refused[-1])
            time.sleep(0.02)


@pytest.fixture
def ids(service: Service) -> dict[str, str]:
    """Keep a company, its policy and a plan; return their ids."""
    snapshot, policy = add_company(service), add_rules(service)
    plan = add_plan_of(service, snapshot, policy)
    return {"snapshot": snapshot, "policy": policy, "plan": plan}


def campaign(service: Service, url: str, ids: dict[str, str], kills: int) -> list[float]:
    """Kill a server at random moments while people work; return how long it was away each time."""
    with service.database.writing() as session:
        row, key = add_key(session, "people", Role.ADMIN, {}, actor="test")
        caller = f"key:{row.id}"
    server = ServerProcess(service.settings.data, url, free_port(), SETTINGS)
    chance, ledger, ended = random.Random(SEED), Ledger(), Event()  # noqa: S311
    people = [
        Person(f"p{number}", server.address, key, ids, ledger, ended) for number in range(CLIENTS)
    ]
    away = []
    server.start()
    try:
        server.wait()
        with ThreadPoolExecutor(CLIENTS) as pool:
            at_work = [pool.submit(person.work) for person in people]
            try:
                for _ in range(kills):
                    # Not by the clock: what asks the desk takes as long as a machine is slow.
                    ledger.wait_for(chance.randrange(1, 2 * CLIENTS))
                    time.sleep(chance.uniform(0, 0.05))
                    server.kill()
                    server.start()
                    away.append(server.wait())
            finally:
                ended.set()
            for one in at_work:
                one.result(PATIENCE)
    finally:
        server.kill()
    assert ledger.refused == []
    check(service.database, ledger, caller)
    print(f"{kills} kills, {len(ledger.answers)} acknowledged, {ledger.again} again")  # noqa: T201
    return away


def check(database: Database, ledger: Ledger, caller: str) -> None:
    """Assert that what was acknowledged is there exactly once, and nothing else is."""
    assert broken(database) == []
    with database.reading() as session:
        kept = {row.key: row.body for row in session.scalars(select(AnswerRow))}
        made = {
            kind: Counter(session.scalars(select(table.id).where(who == caller)))
            for kind, (table, who) in MADE.items()
        }
        publications = list(session.scalars(select(PublicationRow)))
        trail = Counter((row.subject, row.action) for row in session.scalars(select(AuditRow)))
    assert kept == ledger.answers
    for kind, ids in made.items():
        told = [body["id"] for key, body in ledger.answers.items() if f"-{kind}-" in key]
        assert Counter(told) == ids, kind
    published = [body for key, body in ledger.answers.items() if "-publish-" in key]
    assert {body["id"]: body["number"] for body in published} == {
        row.id: row.number for row in publications if row.number is not None
    }
    assert [what for what, count in trail.items() if count != 1] == []


@pytest.mark.parametrize("empty_url", ["sqlite"], indirect=True)
def test_killed_servers_keep_what_they_said(
    service: Service, url: str, ids: dict[str, str]
) -> None:
    campaign(service, url, ids, 1)


@pytest.mark.hard
@pytest.mark.parametrize("kills", [5, 200])
def test_often_killed_servers_keep_what_they_said(
    service: Service, url: str, ids: dict[str, str], kills: int
) -> None:
    away = campaign(service, url, ids, kills)
    assert max(away) < 5.0

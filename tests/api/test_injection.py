"""SQL that is sent to every input of the API is text, and nothing else (reliability test 26)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import groupby
from operator import attrgetter
from time import monotonic
from typing import TYPE_CHECKING

import pytest
import yaml
from fastapi.testclient import TestClient
from sqlalchemy import delete, event, func, select

from api.routes.app import make_app
from api.services.access.keys import add_key
from api.services.access.roles import Role
from api.store.columns import Table
from api.store.tables import LoginFailureRow
from tests.api.audited import CHANGES_NOTHING, AuditedClient
from tests.api.injections import COUNT, SLEEPS, Input, Sent, inputs, send, sql_texts, texts_in
from tests.api.invariants import broken
from tests.api.walk import Walk

if TYPE_CHECKING:
    from httpx2 import Response
    from sqlalchemy.engine import ExceptionContext

    from api.services.service import Service
    from api.store.database import Database
    from tests.api.conftest import ClientOf

READ = "GET"
PAGES = ("limit", "cursor")
REFUSED = LoginFailureRow.__tablename__
"""The table of wrong keys, in which a refusal leaves a row."""


SIGNS_IN = ("POST /v1/sign-in", "GET /sign-in", "GET /sign-in/oidc/callback")
"""Where wrong keys are counted, and refused unseen when there were too many."""


def forget_failures(database: Database) -> None:
    """Let the next wrong key be looked at as the first."""
    with database.writing() as session:
        session.execute(delete(LoginFailureRow))


def counts(database: Database) -> dict[str, int]:
    """Return how many rows each table has."""
    with database.reading() as session:
        tables = [table for table in Table.metadata.sorted_tables if table.name != REFUSED]
        return {
            table.name: session.scalars(select(func.count()).select_from(table)).one()
            for table in tables
        }


@dataclass
class Campaign:
    """Sends texts to the inputs of one installation.

    Attributes
    ----------
    errors : what the database objected to
    statuses : how often each was answered
    kept : of which inputs a text was kept, and came back
    slowest : seconds that an answer took at most
    """

    client: TestClient
    sent: dict[str, Sent]
    errors: list[str] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    kept: set[Input] = field(default_factory=set)
    slowest: float = 0.0

    def send(self, given: Input, text: str) -> bool:
        """Send a text to an input; return whether that changed something."""
        began = monotonic()
        answer = send(self.client, given, text, self.sent)
        self.slowest = max(self.slowest, monotonic() - began)
        told = f"{given} {text!r}: {answer.status_code} {answer.text[:300]}"
        assert answer.status_code < 500, told
        assert not self.errors, f"{told}\n{self.errors}"
        assert answer.status_code != 429, f"not looked at: {told}"
        self.statuses[answer.status_code] += 1
        if answer.status_code >= 300:
            return False
        if given.operation.startswith(READ):
            asked = given.where == "query" and given.place[0] not in PAGES
            assert not asked or answer.json()["items"] == [], f"found something: {told}"
            return False
        if given.where == "json" and not given.operation.endswith(CHANGES_NOTHING):
            assert text in self._texts(answer), f"came back otherwise: {told}"
            self.kept.add(given)
        return True

    def hear(self, found: ExceptionContext) -> None:
        """Take down an error of the database's."""
        self.errors.append(str(found.original_exception))

    def _texts(self, answer: Response) -> set[str]:
        """Return what is told of what was made, also when it is read again."""
        told = set(texts_in(answer.json()))
        if "location" in answer.headers:
            read = self.client.get(answer.headers["location"]).json()
            told &= set(texts_in(read))
            # Of a scenario, the rest is in its file.
            if "sentences" in read:
                told |= set(texts_in(yaml.safe_load(read["text"])))
        return told


def campaign_of(service: Service) -> Campaign:
    """Go all the way through the API, so that each request is known and there is much to find."""
    alone = {"four_eyes": False, "secure_cookies": False, "runs_per_caller": 1_000_000}
    place = replace(service, settings=service.settings.model_copy(update=alone))
    app = make_app(place)
    with place.database.writing() as session:
        _, key = add_key(session, "test", Role.ADMIN, {}, actor="test")
    client = AuditedClient(app, place.database, {"Authorization": f"Bearer {key}"})
    campaign = Campaign(client, {})

    def look(name: str, answer: Response) -> None:
        campaign.sent[name] = Sent.of(answer)

    Walk(place, client, TestClient(app), look).whole()
    for engine in place.database.engines():
        event.listen(engine, "handle_error", campaign.hear)
    return campaign


@pytest.mark.parametrize(
    ("empty_url", "count"),
    [
        ("sqlite", 2),
        pytest.param("sqlite", COUNT, marks=pytest.mark.hard),
        pytest.param("postgresql", COUNT, marks=pytest.mark.hard),
    ],
    indirect=["empty_url"],
)
def test_sql_is_text_wherever_it_is_sent(service: Service, client_of: ClientOf, count: int) -> None:
    campaign, texts = campaign_of(service), sql_texts()
    assert len(set(texts)) == COUNT
    every = list(inputs(client_of().get("/openapi.json").json(), campaign.sent))
    # Before anything of them is kept, nothing is found by them.
    every.sort(key=lambda given: not given.operation.startswith(READ))
    before = counts(service.database)
    number = 0
    for operation, places in groupby(every, attrgetter("operation")):
        changed = False
        for given in places:
            number += 1
            some = [texts[0], texts[1 + number % (COUNT - 1)]] if count < COUNT else texts
            for text in some:
                if given.operation in SIGNS_IN:
                    forget_failures(service.database)
                changed |= campaign.send(given, text)
        after = counts(service.database)
        assert after == before or changed, operation
        assert all(after[name] >= before[name] for name in before), operation
        before = after
    # So that what is told here is not about nothing.
    assert len(campaign.kept) >= 10
    assert broken(service.database) == []
    assert campaign.slowest < SLEEPS
    told = f"{len(every)} inputs: {campaign.statuses}, at most {campaign.slowest:.1f} s"
    print(told)  # noqa: T201  for the release's table

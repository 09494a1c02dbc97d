"""Random walks over the steps of publications, against a small model of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.invariants import broken
from tests.api.office import ROOT, open_office

if TYPE_CHECKING:
    from pathlib import Path

    from api.services.service import Service
    from tests.api.conftest import ClientOf
    from tests.api.office import Office

AFTER = {
    "submit": "submitted",
    "approve": "approved",
    "reject": "rejected",
    "publish": "published",
    "roll-back": "superseded",
}
ALLOWED = {
    "submit": {"draft"},
    "approve": {"submitted"},
    "reject": {"draft", "submitted", "approved"},
    "publish": {"approved"},
    "roll-back": {"superseded"},
}
BODIES = {"reject": {"reason": "no"}}
TRIED = [("roll-back", 0), ("publish", 0), ("approve", 0), ("submit", 0)]
"""Each step, those that change least first."""
ACTIONS = st.tuples(st.sampled_from(["draft", *AFTER]), st.integers(0, 3))


@pytest.fixture
def empty_url(tmp_path: Path) -> str:
    """Return the URL of an empty SQLite database: the steps are the same on both."""
    return f"sqlite:///{tmp_path}/fairlead.db"


@dataclass
class Model:
    """What the service should hold of the publications of a walk.

    Attributes
    ----------
    current, number : of the current publication; None and 0 before the first
    """

    current: str | None
    number: int
    statuses: dict[str, str] = field(default_factory=dict)

    def make_current(self, publication: str) -> None:
        """Publish one; the one before is superseded."""
        if self.current in self.statuses:
            self.statuses[self.current] = "superseded"
        self.statuses[publication] = "published"
        self.current, self.number = publication, self.number + 1


def walk(office: Office, actions: list[tuple[str, int]]) -> None:
    """Do what is asked to publications that are there; everything must be as in the model."""
    before = office.planner.get(f"{ROOT}/current").json()
    model = Model(before.get("id"), before.get("number", 0))
    for action, pick in actions:
        if action == "draft" or not model.statuses:
            model.statuses[office.draft().rpartition("/")[2]] = "draft"
            continue
        chosen = list(model.statuses)[pick % len(model.statuses)]
        who = office.planner if action == "submit" else office.approver
        told = who.post(f"{ROOT}/{chosen}/{action}", json=BODIES.get(action))
        if model.statuses[chosen] not in ALLOWED[action]:
            assert told.status_code == 409, (action, model.statuses[chosen], told.text)
            assert told.json()["code"] == "illegal_step"
        elif action in ("publish", "roll-back"):
            assert told.status_code in (200, 201), told.text
            model.make_current(told.json()["id"])
            assert told.json()["number"] == model.number
        else:
            assert told.json()["status"] == AFTER[action], told.text
            model.statuses[chosen] = AFTER[action]
        there = office.planner.get(f"{ROOT}?limit=1000").json()["items"]
        seen = {item["id"]: item["status"] for item in there}
        assert {name: seen[name] for name in model.statuses} == model.statuses
        current = office.planner.get(f"{ROOT}/current")
        assert current.json().get("id") == model.current


@pytest.fixture
def office(service: Service, client_of: ClientOf) -> Office:
    """Return people with a plan; walks follow each other in their installation."""
    return open_office(service, client_of)


@settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(actions=st.lists(ACTIONS, min_size=5, max_size=20))
def test_every_walk_is_as_the_model(office: Office, actions: list[tuple[str, int]]) -> None:
    walk(office, actions)
    assert broken(office.service.database) == []


def test_every_step_in_every_status(office: Office) -> None:
    steps = ["submit", "approve", "publish"]
    for length in range(len(steps) + 1):
        walk(office, [("draft", 0), *((step, 0) for step in steps[:length]), *TRIED])
        walk(office, [("draft", 0), *((step, 0) for step in steps[:length]), ("reject", 0), *TRIED])
    assert broken(office.service.database) == []

"""Hand-made companies without a plan: causes and ways out, word for word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from planner.diagnosis.diagnose import diagnose, find
from planner.engines.isolation import run_isolated
from tests.companies import hand_made
from tests.planner.diagnosis.test_planted import LIMITS, here
from tests.policies import policy
from tests.watchers import Notebook

if TYPE_CHECKING:
    import pytest

    from models.snapshot import Snapshot

COUNT = {"measure": "count", "at_most": "max_leads"}


def lines(snapshot: Snapshot, **parts: Any) -> list[str]:
    """Return what is told of a company."""
    found = find(snapshot, policy(**parts), limits=LIMITS, watcher=Notebook(), solve=here)
    assert found.diagnosis.minimal
    assert found.diagnosis.cheapest
    return found.diagnosis.text().splitlines()[1:]


def fixed(*pins: tuple[str, str]) -> dict[str, list[str]]:
    """Return a table of pins, each of a lead to a rep."""
    leads, reps = zip(*pins, strict=True)
    return {"lead_id": [*leads], "rep_id": [*reps], "kind": ["fixed"] * len(pins)}


def test_a_pin_against_a_rule() -> None:
    snapshot = hand_made(
        {"region": ["US", "DE"]}, {"regions": ["US", "DE"]}, pins=fixed(("L1", "R2"))
    )
    assert lines(snapshot, must=[{"region": {}}]) == [
        "- A pinned lead goes to the rep, team or region it is fixed to, and never to one it is "
        "barred from.",
        "    L1 is fixed to R2",
        "- A rep works only leads whose region lies under the rep's regions.",
        "    L1 must not go to R2 by rule region",
        "To get a plan: lift the pin by which L1 is fixed to R2 (to nobody).",
        "Or else: let R2 work L1 against rule region.",
    ]


def test_a_budget_of_moves() -> None:
    snapshot = hand_made(
        {"owner": ["R1", "R1", None]}, {"max_leads": [2, 9]}, pins=fixed(("L3", "R1"))
    )
    told = lines(snapshot, capacity=[COUNT], continuity={"at_most_moves": {"per_losing_rep": 0}})
    assert told[:4] == [
        "- A rep never gets more leads than the rep's max_leads, work outside the plan included.",
        "    R1's count is at most 2 leads",
        "- At most 0 from any one rep of the owned leads change hands; those that their owner may "
        "not keep do not count.",
        "    moves from R1: at most 0 leads",
    ]
    ways = [line for line in told if line.startswith(("To get", "Or else"))]
    assert len(ways) == 3
    assert any("raise the limit on R1's count by 1 lead (from 2 to 3)" in way for way in ways)
    assert any("allow 1 more move from R1 (from 0 to 1)" in way for way in ways)
    assert any("lift the pin by which L3 is fixed to R1" in way for way in ways)


def test_hours_are_told_for_the_period() -> None:
    reps = {"capacity_hours": [6, 0], "base_hours": [1, 0]}
    snapshot = hand_made({"effort_hours": [4, 4.5]}, reps, pins=fixed(("L1", "R1"), ("L2", "R1")))
    hours = {"measure": "effort_hours", "at_most": "capacity_hours"}
    told = lines(snapshot, capacity=[hours])
    assert told[1] == (
        "    R1's effort_hours is at most 6 hours in the period, of which work outside the plan "
        "takes 1"
    )
    assert told[-2] == (
        "To get a plan: raise the limit on R1's effort_hours by 3.5 hours in the period "
        "(from 6 to 9.5)."
    )
    # Without either of them the other has room.
    assert told[-1].startswith("Or else: lift the pin by which L")


def test_a_band_is_widened_no_further_than_needed() -> None:
    snapshot = hand_made(
        {"region": ["US"] * 11 + ["DE"]}, {"regions": ["US", "US", "DE"], "level": [1] * 3}
    )
    band = {"measure": "count", "within": "10%", "mode": "hard"}
    assert lines(snapshot, must=[{"region": {}}], fairness=[band]) == [
        "- The number of a rep's leads lies within 10 % of the fair share, which is equal for all.",
        "    R3's fair count is at least 3.6 leads, but all that may count in it (1 leads or "
        "families) adds up to 1",
        "To get a plan: widen the band of count from 10 % to 75 % of the fair share.",
    ]


def test_in_a_child_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("planner.engines.isolation.run_isolated", run_isolated)
    snapshot = hand_made({"amount": [100] * 3}, {"max_leads": [1, 1]})
    rules = policy(capacity=[COUNT], unassigned="forbidden")
    found = diagnose(snapshot, rules, limits=LIMITS, watcher=Notebook())
    assert (found.status, found.minimal, len(found.causes)) == ("infeasible", True, 5)

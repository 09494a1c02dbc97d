"""What more of a limit is worth: never less than what solving again gains, up to the gap."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from planner.explain.hire import hires
from planner.explain.tight import hour_prices, worths
from planner.planned import Planned
from planner.solve import make_plan
from tests.brute_force import best_assignment
from tests.companies import hand_made
from tests.planner.explain.cases import cases, run_here
from tests.policies import policy
from tests.watchers import EXACTLY

CENT = 0.011


def test_no_more_is_gained_by_one_more_than_it_is_said_to_be_worth() -> None:
    seen = 0
    for planned in cases(40):
        problem, compiled = planned.compiled.problem, planned.compiled
        open_gap = planned.plan.record.price_bound - planned.objective
        for worth in worths(planned):
            names = [resource.name for resource in problem.resources]
            if worth.limit not in names or worth.group == "all":
                continue
            number = names.index(worth.limit)
            group = compiled.labels[number].index(worth.group)
            upper = np.array(problem.resources[number].upper)
            upper[group] += 1.0
            resources = list(problem.resources)
            resources[number] = replace(resources[number], upper=upper)
            _, value = best_assignment(replace(problem, resources=tuple(resources)))
            seen += 1
            assert value - planned.objective <= worth.price + open_gap + CENT
    assert seen > 20


SNAPSHOT = hand_made(
    {
        "amount": [100, 80, 60, 40, 300],
        "region": ["US/West", "US/West", "US/East", "US/East", "US/East/NY"],
        "needs": ["", "", "", "", "audit"],
    },
    {
        "regions": ["US/West", "US/East"],
        "skills": ["", "cloud"],
        "max_leads": [1, 1],
        "team": ["west", "east"],
    },
)
RULES = policy(
    must=[{"region": {}}, {"skills": {}}],
    capacity=[{"measure": "count", "at_most": "max_leads"}],
)


@pytest.fixture(scope="module")
def planned() -> Planned:
    return Planned(SNAPSHOT, RULES, make_plan(SNAPSHOT, RULES, limits=EXACTLY))


def test_tight_limits_come_with_the_dearest_first(planned: Planned) -> None:
    told = [(worth.group, worth.what) for worth in worths(planned)]
    assert told == [("R1", "one more lead"), ("R2", "one more lead")]
    prices = [worth.price for worth in worths(planned)]
    assert prices == sorted(prices, reverse=True)


def test_places_are_told_by_region_and_skill(planned: Planned) -> None:
    places = hour_prices(planned)
    assert list(places.columns) == ["region", "skill", "reps", "leads", "price"]
    first = places.iloc[0]
    assert (first["region"], first["skill"], first["reps"]) == ("US/West", "any", 1)
    # Nobody in the east has the skill that a lead there needs.
    assert set(places["skill"]) == {"any"}


def test_the_best_hire_works_the_lead_that_nobody_may(
    planned: Planned, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("planner.explain.hire.run", run_here)
    found = hires(planned, count=9, solve=True)
    assert [(hire.region, hire.skill) for hire in found[:1]] == [("US/East", "audit")]
    assert [hire.predicted for hire in found] == sorted(
        (hire.predicted for hire in found), reverse=True
    )
    for hire in found:
        assert hire.gained is not None
        assert hire.at_least - CENT <= hire.gained <= hire.at_most + CENT
        assert hire.predicted == pytest.approx(hire.gained, rel=0.1)
    assert "US/East with skill audit would bring" in found[0].text


def test_a_company_without_limits_needs_nobody() -> None:
    rules = policy()
    snapshot = hand_made({"amount": [10, 20], "region": ["US", "US"]})
    planned = Planned(snapshot, rules, make_plan(snapshot, rules, limits=EXACTLY))
    assert worths(planned) == ()
    assert hires(planned) == ()
    assert not hour_prices(planned)["price"].any()

"""Why a lead has another rep than before: inputs are compared first."""

from __future__ import annotations

from typing import Any

import pytest

from models.explanation import ChangeCode
from planner.explain.changed import changes
from planner.planned import Planned
from planner.solve import make_plan
from tests.companies import hand_made
from tests.planner.explain.cases import cases
from tests.policies import policy
from tests.watchers import EXACTLY

RULES: dict[str, Any] = {
    "must": [{"match": {"lead": "industry", "rep": "industries"}}],
    "capacity": [{"measure": "count", "at_most": "max_leads"}],
}
LEADS: dict[str, list[Any]] = {
    "amount": [100, 80, 60],
    "industry": ["tech", "tech", "bank"],
    "owner": ["R1", "R2", "R2"],
}
REPS: dict[str, list[Any]] = {
    "industries": ["tech", "tech;bank", "*"],
    "max_leads": [1, 2, 3],
    "team": ["a", "b", "b"],
}
STAYS = {"continuity": {"switching_cost": {"share": "20%"}}}


def planned_of(
    leads: dict[str, list[Any]] = {},  # noqa: B006 (it is only read)
    reps: dict[str, list[Any]] = {},  # noqa: B006
    rules: dict[str, Any] = {},  # noqa: B006
    **tables: dict[str, list[Any]],
) -> Planned:
    snapshot = hand_made({**LEADS, **leads}, {**REPS, **reps}, **tables)
    made = policy(**{**RULES, **STAYS, **rules})
    return Planned(snapshot, made, make_plan(snapshot, made, limits=EXACTLY))


def told(now: Planned, before: Planned | None = None) -> list[tuple[str, ChangeCode]]:
    found = changes(now, None if before is None else before.plan)
    return [(change.lead_id, change.code) for change in found]


@pytest.fixture(scope="module")
def before() -> Planned:
    return planned_of()


def test_nothing_changes_where_owners_are_best(before: Planned) -> None:
    assert told(before) == []
    assert told(before, before) == []


def test_who_left(before: Planned) -> None:
    now = planned_of(reps={"active": [1, 0, 1]})
    assert told(now, before) == [("L2", ChangeCode.REP_LEFT), ("L3", ChangeCode.REP_LEFT)]
    assert told(now) == told(now, before)


def test_a_pin(before: Planned) -> None:
    now = planned_of(pins={"lead_id": ["L1"], "rep_id": ["R3"], "kind": ["fixed"]})
    assert told(now, before) == [("L1", ChangeCode.PINNED)]


def test_a_record_that_no_longer_fits(before: Planned) -> None:
    now = planned_of(leads={"industry": ["bank", "tech", "bank"]})
    (change,) = changes(now, before.plan)
    assert change.code is ChangeCode.RULE_FORBIDS
    assert change.rules == ("match",)
    assert "match now forbids R1" in change.text


def test_a_policy_that_no_longer_allows_it(before: Planned) -> None:
    rules = {"must": [*RULES["must"], {"only": {"reps": {"team": "b"}}}]}
    (change,) = changes(planned_of(rules=rules), before.plan)
    assert (change.lead_id, change.code) == ("L1", ChangeCode.POLICY_CHANGED)
    assert change.rules == ("only",)


def test_less_room(before: Planned) -> None:
    now = planned_of(reps={"max_leads": [1, 1, 3]})
    assert told(now, before) == [("L3", ChangeCode.LESS_ROOM)]


def test_a_new_lead(before: Planned) -> None:
    leads: dict[str, list[Any]] = {name: [*cells, cells[0]] for name, cells in LEADS.items()}
    now = planned_of(
        leads={**leads, "amount": [100, 80, 60, 900], "owner": [*LEADS["owner"], None]}
    )
    assert told(now, before)[-1] == ("L4", ChangeCode.NEW_LEAD)


def test_better_fit() -> None:
    rules = {"prefer": [{"steer": {"reps": {"rep_id": "R3"}, "bonus": "50%"}}]}
    (first, *_) = changes(planned_of(rules=rules))
    assert first.code is ChangeCode.BETTER_FIT
    assert first.gain is not None
    assert first.gain < 0


def test_every_change_is_told_with_a_reason_that_holds() -> None:
    seen = 0
    for planned in cases(40):
        owners = planned.compiled.snapshot.leads["owner"].astype(object)
        now = planned.plan.assignments["rep_id"].astype(object)
        found = {change.lead_id: change for change in changes(planned)}
        moved = planned.plan.assignments["lead_id"][
            (owners.fillna("") != now.fillna("")).to_numpy()
        ]
        assert set(found) == set(moved)
        for change in found.values():
            seen += 1
            # The plans are the best ones, so nothing is left unexplained.
            assert change.code is not ChangeCode.GAP
    assert seen > 50

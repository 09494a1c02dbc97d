"""`match`: a value of the lead is among the rep's; as a must, or as a preference with a bonus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.companies import hand_made, snapshots
from tests.planner.rules.readings import (
    allowed,
    assert_must_agrees,
    assert_prefer_agrees,
    broken,
    factors,
)
from tests.policies import BASE, faults_of, policy, wheres

if TYPE_CHECKING:
    from models.snapshot import Snapshot

COLUMNS = {"lead": "industry", "rep": "industries"}
SNAPSHOT = hand_made(
    {"industry": ["tech", "Tech", "*", None]}, {"industries": ["bank; tech", "*", None]}
)
PAIRS = st.sampled_from([("industry", "industries"), ("tier", "tiers"), ("region", "regions")])


def test_sentences() -> None:
    rules = policy(must=[{"match": COLUMNS}], prefer=[{"match": {**COLUMNS, "bonus": "10%"}}])
    assert rules.must[0].sentence() == (
        "A rep works only leads whose industry is among the rep's industries."
    )
    assert rules.prefer[0].sentence() == (
        "A pair counts 10 % more where the lead's industry is among the rep's industries."
    )


def test_as_a_must_an_empty_cell_passes() -> None:
    assert allowed(SNAPSHOT, must=[{"match": COLUMNS}]) == {
        "L1": "R1 R2 nobody",
        "L2": "R2 nobody",
        "L3": "R2 nobody",
        "L4": "R1 R2 R3 nobody",
    }


def test_as_a_preference_an_empty_cell_matches_nothing() -> None:
    assert factors(SNAPSHOT, prefer=[{"match": {**COLUMNS, "bonus": "10%"}}]) == [
        [1.1, 1.1, 1.0],
        [1.0, 1.1, 1.0],
        [1.0, 1.1, 1.0],
        [1.0, 1.0, 1.0],
    ]


def test_a_violation_tells_both_values() -> None:
    assert broken(SNAPSHOT, {"L2": "R1", "L1": "R3"}, must=[{"match": COLUMNS}]) == [
        "match: L2 R1: industry 'Tech' is not among industries 'bank; tech'",
        "match: L1 R3: industry 'tech' is not among industries '(empty)'",
    ]


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        (
            "{lead: industri, rep: industries}",
            "table leads has no column 'industri'; the nearest is 'industry'",
        ),
        ("{lead: amount, rep: industries}", "column 'amount' of leads does not hold text"),
        ("{lead: industry, rep: level}", "column 'level' of reps does not hold text"),
    ],
)
def test_columns_that_do_not_fit_are_refused(rule: str, fault: str) -> None:
    snapshot = hand_made({"industry": ["tech"]}, {"industries": ["*"], "level": [1]})
    assert faults_of(f"{BASE}must:\n  - match: {rule}\n", snapshot) == [f"line 8: match: {fault}"]


def test_a_preference_needs_a_bonus_with_its_sign() -> None:
    text = BASE + "  prefer:\n    - match: {lead: industry, rep: industries, bonus: 0.1}\n"
    assert faults_of(text) == [
        "line 8: value.prefer.match.bonus: got 0.1; "
        "a share is written with a percent sign, such as 15%"
    ]
    text = BASE + "  prefer:\n    - match: {lead: industry, rep: industries}\n"
    assert faults_of(text) == ["line 8: value.prefer.match: the key 'bonus' is missing"]


@given(snapshots(), PAIRS, wheres())
def test_both_readings_of_the_must_agree(
    snapshot: Snapshot, columns: tuple[str, str], where: dict[str, Any] | None
) -> None:
    rule = dict(zip(("lead", "rep"), columns, strict=True))
    rules = policy(must=[{"match": rule | ({"where": where} if where else {})}])
    assert_must_agrees(rules, rules.must[0], snapshot)


@given(snapshots(), PAIRS)
def test_both_readings_of_the_preference_agree(
    snapshot: Snapshot, columns: tuple[str, str]
) -> None:
    lead, rep = columns
    rules = policy(prefer=[{"match": {"lead": lead, "rep": rep, "bonus": "12.5%"}}])
    assert_prefer_agrees(rules, snapshot)

"""`steer`: some leads count more with some reps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from tests.companies import hand_made, seeds, snapshots
from tests.planner.rules.readings import assert_prefer_agrees, factors
from tests.policies import BASE, faults_of, made_by, policy

if TYPE_CHECKING:
    from models.snapshot import Snapshot

PRACTICE = {
    "steer": {
        "where": {"amount": {"at_most": 100}},
        "hired_within": "90 days",
        "bonus": "50%",
    }
}
KEY_ACCOUNTS = {
    "steer": {"where": {"grade": "A"}, "reps": {"skills": "talks"}, "bonus": "20%"},
}
SNAPSHOT = hand_made(
    {"amount": [100, 101], "grade": ["B", "A"]},
    {"hired": ["2026-10-01", "2020-01-01", None], "skills": [None, "talks", "talks"]},
)


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (
            PRACTICE,
            "A lead where amount is at most 100 counts 50 % more with a rep hired less than "
            "90 days before the period.",
        ),
        (
            KEY_ACCOUNTS,
            "A lead where grade is A counts 20 % more with a rep whose skills is talks.",
        ),
        (
            {"steer": {"reps": {"level": 1}, "hired_within": "1 day", "bonus": "5%"}},
            "A lead counts 5 % more with a rep whose level is 1 and hired less than "
            "1 day before the period.",
        ),
    ],
)
def test_sentence(rule: dict[str, object], sentence: str) -> None:
    assert policy(prefer=[rule]).prefer[0].sentence() == sentence


def test_small_leads_are_practice_for_new_reps() -> None:
    assert factors(SNAPSHOT, prefer=[PRACTICE]) == [[1.5, 1, 1], [1, 1, 1]]


def test_key_accounts_count_more_with_those_who_talk_well() -> None:
    assert factors(SNAPSHOT, prefer=[KEY_ACCOUNTS]) == [[1, 1, 1], [1, 1.2, 1.2]]


def test_faults() -> None:
    text = BASE + "  prefer:\n    - steer: {bonus: 20%}\n"
    assert faults_of(text) == [
        "line 8: value.prefer.steer: got {'bonus': '20%'}; needs `reps`, `hired_within`, or both"
    ]
    text = BASE + "  prefer:\n    - steer:\n        reps: {hired: soon}\n        bonus: 20%\n"
    assert faults_of(text, SNAPSHOT) == [
        "line 9: steer: reps hired: 'soon' is not a date, such as 2026-11-21"
    ]
    text = BASE + "  prefer:\n    - steer:\n        hired_within: 90 days\n        bonus: 20%\n"
    assert faults_of(text, hand_made({"amount": [1]}, {"level": [1]})) == [
        "line 9: steer: table reps has no column 'hired'; add it, or leave the rule out"
    ]


@given(snapshots(), seeds())
def test_both_readings_agree(snapshot: Snapshot, seed: int) -> None:
    assert_prefer_agrees(policy(prefer=[{"steer": made_by(seed).steer()}]), snapshot)

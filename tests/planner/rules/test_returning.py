"""`returning`: who comes back from an absence is neither flooded with leads nor left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from models.errors import NoPlanError
from planner.compile import compile_problem
from planner.solve import make_plan
from tests.companies import hand_made, seeds, snapshots
from tests.planner.rules.readings import assert_limits_agree, broken
from tests.policies import BASE, faults_of, policy

if TYPE_CHECKING:
    from models.snapshot import Snapshot

# The period starts on Monday, 23 November 2026, 00:00 in New York.
BACK = {"rep_id": ["R1"], "starts": ["2026-11-02"], "ends": ["2026-11-20"], "kind": ["vacation"]}


def company(absences: dict[str, list[Any]] | None = None, owned: int = 2) -> Snapshot:
    """Return ten leads, of which R2 owns some, and three reps; R1 is worth most."""
    owners = ["R2"] * owned + [None] * (10 - owned)
    leads: dict[str, list[Any]] = {"owner": owners, "industry": ["tech"] * 10}
    reps: dict[str, list[Any]] = {"industries": ["tech", "bank", "bank"]}
    return hand_made(leads, reps, absences=absences or BACK)


PREFER = [{"match": {"lead": "industry", "rep": "industries", "bonus": "50%"}}]


def test_sentence() -> None:
    rule = policy(returning={"away_for": "21 days", "back_for": "7 days"}).returning
    assert rule is not None
    assert rule.sentence() == (
        "A rep who was away for 21 days or more and came back less than 7 days before the period "
        "gains at most an equal part of the open leads."
    )


@pytest.mark.parametrize(
    ("catch_up", "most"), [("0%", 3), ("12%", 3), ("13%", 4), ("50%", 4), ("100%", 6)]
)
def test_no_flood_but_a_catch_up_share_where_it_is_wanted(catch_up: str, most: int) -> None:
    # Eight open leads and three reps: 2.67 each, and a started lead is whole.
    plan = make_plan(company(), policy(prefer=PREFER, returning={"catch_up": catch_up}))
    assert plan.record.feasible
    assert plan.assignments["rep_id"].tolist().count("R1") == most


def test_nobody_is_left_out() -> None:
    without = make_plan(company(), policy(prefer=PREFER))
    assert without.assignments["rep_id"].tolist().count("R1") == 10
    plan = make_plan(company(), policy(prefer=PREFER, returning={}))
    assert plan.assignments["rep_id"].tolist().count("R1") == 3


@pytest.mark.parametrize(
    ("starts", "ends", "is_back"),
    [
        (["2026-11-02"], ["2026-11-20"], True),
        (["2026-11-08"], ["2026-11-20"], False),  # too short
        (["2026-10-02"], ["2026-11-01"], False),  # too long ago
        (["2026-11-02"], ["2026-11-25"], False),  # not back yet
        (["2026-11-02", "2026-11-10"], ["2026-11-10", "2026-11-20"], True),  # touch each other
        (["2026-11-02", "2026-11-12"], ["2026-11-10", "2026-11-20"], False),
    ],
)
def test_who_is_back(starts: list[str], ends: list[str], is_back: bool) -> None:
    away = {"rep_id": ["R1"] * len(starts), "starts": starts, "ends": ends}
    compiled = compile_problem(company(away), policy(returning={}))
    assert compiled.labels == ((("R1",),) if is_back else ())
    everything = {f"L{at}": "R1" for at in range(1, 5)}
    told = ["returning: R1: the rep is back and gains 4 leads; 3 at most"]
    assert broken(company(away), everything, returning={}) == (told if is_back else [])


def test_faults() -> None:
    assert faults_of(BASE + "returning: {catch_up: 0.5}\n") == [
        "line 7: returning.catch_up: got 0.5; a share is written with a percent sign, such as 15%"
    ]
    snapshot = hand_made({"amount": [1]})
    assert faults_of(BASE + "returning: {}\n", snapshot) == [
        "line 7: returning: there is no table absences, which the rule reads"
    ]


@settings(max_examples=50)
@given(snapshots(), st.sampled_from(["0%", "50%"]), st.sampled_from(["1 day", "9 days"]), seeds())
def test_both_readings_agree(snapshot: Snapshot, catch_up: str, away_for: str, seed: int) -> None:
    rules = policy(
        returning={"catch_up": catch_up, "away_for": away_for, "back_for": "9 days"},
        families={"by": "company"},
    )
    assert rules.returning is not None
    try:
        assert_limits_agree(rules, rules.returning, snapshot, seed)
    except NoPlanError:
        assume(False)  # a pin against a rule: no assignment to count

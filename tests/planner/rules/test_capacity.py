"""`capacity`: no rep's load of a measure exceeds a limit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from models.errors import NoPlanError
from models.validation.validate import snapshot_from_frames
from planner.case import Case
from planner.compile import compile_problem
from tests.companies import hand_made, header, seeds, snapshots
from tests.planner.rules.readings import broken
from tests.policies import BASE, faults_of, policy, wheres

if TYPE_CHECKING:
    from models.snapshot import Snapshot

# R2 is away for two of five days and has base work; R3 has left.
REPS: dict[str, list[Any]] = {
    "capacity_hours": [10, 20, None],
    "max_leads": [4, 2, None],
    "base_hours": [None, 5, 1],
    "base_leads": [1, None, 0],
    "active": [1, 1, 0],
}
ABSENCES: dict[str, list[Any]] = {
    "rep_id": ["R2"],
    "starts": ["2026-11-26"],
    "ends": ["2026-12-31"],
}
LEADS: dict[str, list[Any]] = {
    "effort_hours": [6, None, 0.5, 8],
    "grade": ["A", "A", "B", None],
    "owner": [None, None, None, None],
}


def company(**leads: list[Any]) -> Snapshot:
    """Return three reps with limits and four leads, whose columns may be others."""
    return hand_made({**LEADS, **leads}, REPS, absences=ABSENCES)


def limits(snapshot: Snapshot, **limit: Any) -> list[float]:
    """Return the limits in force."""
    compiled = compile_problem(snapshot, policy(capacity=[limit]))
    found: list[float] = compiled.problem.resources[0].upper.tolist()
    return found


@pytest.mark.parametrize(
    ("limit", "sentence"),
    [
        (
            {"measure": "count", "at_most": 12, "where": {"grade": "A"}},
            "A rep never gets more than 12 leads where grade is A.",
        ),
        (
            {"measure": "count", "at_most": "max_leads", "reserve": "15%"},
            "A rep never gets more leads than the rep's max_leads, work outside the plan included; "
            "15 % of that is kept for arrivals.",
        ),
        (
            {"measure": "effort_hours", "at_most": 37.5},
            "A rep never gets more than 37.5 hours a week, work outside the plan included.",
        ),
        (
            {"measure": "effort_hours", "at_most": "most", "where": {"grade": {"not": "A"}}},
            "A rep never gets more hours a week of leads where grade is not A than the rep's most.",
        ),
        (
            {"measure": "amount", "at_most": 1e6, "where": {"region": {"under": "US"}}},
            "A rep never gets more than 1,000,000 in amount of leads where region lies under US.",
        ),
        (
            {"measure": "expected_value", "at_most": "quota"},
            "A rep never gets more expected value than the rep's quota.",
        ),
    ],
)
def test_sentence(limit: dict[str, Any], sentence: str) -> None:
    assert policy(capacity=[limit]).capacity[0].sentence() == sentence


def test_hours_shrink_with_absence_and_never_below_the_base() -> None:
    assert limits(company(), measure="effort_hours", at_most="capacity_hours") == [10, 12, 1]
    assert limits(company(), measure="effort_hours", at_most=7) == [7, 5, 7]


def test_hours_scale_with_the_period_and_counts_do_not() -> None:
    hours = {"measure": "effort_hours", "at_most": "capacity_hours"}
    count = {"measure": "count", "at_most": "max_leads"}
    rules = policy(capacity=[hours, count], period={"starts": "2026-10-26", "length": "2 weeks"})
    problem = compile_problem(company(), rules).problem
    # The clocks change within these two weeks, which therefore are not 336 hours.
    assert problem.resources[0].upper.tolist() == [20, 40, 2]
    assert problem.resources[0].base.tolist() == [0, 10, 2]
    assert problem.resources[0].layers[0].amount.tolist() == [12, 2, 1, 16]
    assert problem.resources[1].upper.tolist() == [4, 2, 0]
    assert problem.resources[1].base.tolist() == [1, 0, 0]
    assert problem.resources[1].layers[0].amount.tolist() == [1, 1, 1, 1]


def test_a_reserve_keeps_room_but_takes_none_from_the_present_book() -> None:
    count = {"measure": "count", "at_most": "max_leads", "reserve": "50%"}
    assert limits(company(), **count) == [2, 1, 0]
    # R1 holds 2 and 1 outside the plan; R2 holds 3, above what is allowed at all.
    assert limits(company(owner=["R1", "R1", None, None]), **count) == [3, 1, 0]
    assert limits(company(owner=["R2", "R2", "R2", None]), **count) == [2, 2, 0]


def test_absence_takes_no_room_from_the_present_book() -> None:
    hours = {"measure": "effort_hours", "at_most": "capacity_hours"}
    # R2: 5 of other work, 8 and 1 of leads.
    assert limits(company(owner=[None, "R2", None, "R2"]), **hours) == [10, 14, 1]


def test_a_filtered_limit_counts_only_its_leads_and_no_other_work() -> None:
    count = {"measure": "count", "at_most": 1, "where": {"grade": "A"}}
    problem = compile_problem(company(), policy(capacity=[count])).problem
    assert problem.resources[0].layers[0].amount.tolist() == [1, 1, 0, 0]
    assert problem.resources[0].base.tolist() == [0, 0, 0]
    assert problem.resources[0].name == "count where grade is A"


TEAMS = {**REPS, "team": ["west", "west", None]}


def test_a_team_has_a_limit_of_its_own() -> None:
    snapshot = hand_made({**LEADS, "owner": [None] * 4}, TEAMS, absences=ABSENCES)
    count = {"measure": "count", "at_most": 3, "per": "team"}
    compiled = compile_problem(snapshot, policy(capacity=[count]))
    (team,) = compiled.problem.resources
    assert team.name == "count per team"
    assert compiled.labels == (("west",),)
    assert (team.upper.tolist(), team.base.tolist()) == ([3], [1])
    # Pairs: R1, R2 of the team, and nobody, four times; who has left has no pair.
    assert compiled.problem.pair_group(team.layers[0]).tolist() == [0, 0, -1] * 4
    assert policy(capacity=[count]).capacity[0].sentence() == (
        "A team never gets more than 3 leads, work outside the plan included."
    )
    everything = {"L1": "R1", "L2": "R1", "L3": "R2"}
    assert broken(snapshot, everything, capacity=[count]) == [
        "capacity:: team west: the load, 4 of count per team, is above the limit of 3"
    ]


def test_a_column_of_a_team_is_that_of_its_reps_at_work() -> None:
    snapshot = hand_made({**LEADS, "owner": [None] * 4}, TEAMS, absences=ABSENCES)
    hours = {"measure": "effort_hours", "at_most": "50% of capacity_hours", "per": "team"}
    # R1 10 hours, R2 three of five days of 20.
    assert limits(snapshot, **hours) == [11]
    assert policy(capacity=[hours]).capacity[0].sentence() == (
        "A team never gets more hours a week than 50 % of its reps' capacity_hours, "
        "work outside the plan included."
    )


def test_existing_customers_keep_a_share_of_every_rep() -> None:
    new = {"measure": "count", "at_most": "50% of max_leads", "where": {"owner": {"missing": True}}}
    assert limits(company(owner=["R1", None, None, None]), **new) == [2, 1, 0]
    assert policy(capacity=[new]).capacity[0].sentence() == (
        "A rep never gets more leads where owner is empty than 50 % of the rep's max_leads."
    )


def test_a_team_needs_the_column_of_teams() -> None:
    text = f"{BASE}capacity:\n  - {{measure: count, at_most: 5, per: team}}\n"
    assert faults_of(text, hand_made(LEADS, REPS)) == [
        "line 8: capacity: table reps has no column 'team'; add it, or leave the rule out"
    ]


PEAK = {"starts": "2026-11-20", "ends": "2026-11-30"}


@pytest.mark.parametrize(
    ("starts", "limit"),
    [("2026-11-19", 3), ("2026-11-20", 9), ("2026-11-30", 9), ("2026-12-01", 3)],
)
def test_a_season_raises_a_limit_and_ends_by_itself(starts: str, limit: int) -> None:
    rules = [
        {"measure": "count", "at_most": 3},
        {"measure": "count", "at_most": 9, "during": PEAK},
    ]
    snapshot = hand_made({"amount": [1] * 4})
    season = policy(capacity=rules, period={"starts": starts})
    (resource,) = compile_problem(snapshot, season).problem.resources
    assert resource.upper.tolist() == [limit, limit]
    all_to_one = dict.fromkeys(("L1", "L2", "L3", "L4"), "R1")
    told = broken(snapshot, all_to_one, capacity=rules, period={"starts": starts})
    assert bool(told) == (limit == 3)
    assert season.describe()[-2] == (
        "For periods that start from 2026-11-20 to 2026-11-30: A rep never gets more than 9 leads, "
        "work outside the plan included."
    )


def test_seasons_of_one_limit_do_not_overlap() -> None:
    text = f"{BASE}capacity:\n" + "".join(
        f"  - {{measure: count, at_most: 5, during: {{starts: {starts}, ends: {ends}}}}}\n"
        for starts, ends in [("2026-01-01", "2026-06-30"), ("2026-06-30", "2026-07-01")]
    )
    assert faults_of(text) == ["line 9: capacity: count is limited twice; keep one"]
    text = (
        f"{BASE}capacity:\n  - {{measure: count, at_most: 5, during: {{starts: May, ends: 5}}}}\n"
    )
    assert faults_of(text) == [
        "line 8: capacity.during.starts: got 'May'; must be a date, such as 2026-11-21",
        "line 8: capacity.during.ends: got 5; must be a date, such as 2026-11-21",
    ]
    text = (
        f"{BASE}capacity:\n  - measure: count\n    at_most: 5\n"
        "    during: {starts: 2026-06-30, ends: 2026-06-29}\n"
    )
    assert faults_of(text) == [
        "line 10: capacity.during: got {'starts': '2026-06-30', 'ends': '2026-06-29'}; "
        "`ends` must not lie before `starts`"
    ]


def test_violations_tell_load_and_limit() -> None:
    everything = {"L1": "R1", "L2": "R1", "L3": "R2", "L4": "R1"}
    assert broken(company(), everything, capacity=[{"measure": "count", "at_most": 3}]) == [
        "capacity: R1: the load, 4 of count, is above the limit of 3"
    ]
    hours = {"measure": "effort_hours", "at_most": "capacity_hours"}
    assert broken(company(), everything, capacity=[hours]) == [
        "capacity: R1: the load, 15 of effort_hours, is above the limit of 10"
    ]
    value = {"measure": "expected_value", "at_most": 99.5}
    assert broken(company(), everything, capacity=[value]) == [
        "capacity: R1: the load, 150 of expected_value, is above the limit of 99.5"
    ]
    amount = {"measure": "amount", "at_most": 99, "where": {"grade": "B"}}
    assert broken(company(), everything, capacity=[amount]) == [
        "capacity: R2: the load, 100 of amount where grade is B, is above the limit of 99"
    ]


@pytest.mark.parametrize(
    ("limit", "fault"),
    [
        (
            "{measure: hours, at_most: 5}",
            "capacity.measure: got 'hours'; "
            "must be 'count', 'effort_hours', 'amount' or 'expected_value'",
        ),
        ("{at_most: 5}", "capacity: the key 'measure' is missing"),
        ("{measure: count, at_most: -5}", "capacity.at_most: got -5; must be at least 0"),
        (
            "{measure: count, at_most: [5]}",
            "capacity.at_most: got [5]; must be a number or the name of a column of reps",
        ),
        (
            "{measure: count, at_most: max_lead}",
            "capacity: table reps has no column 'max_lead'; the nearest is 'max_leads'",
        ),
        (
            "{measure: count, at_most: quota}",
            "capacity: quota is empty for 1 of 3 reps (R1); write 0 for a rep who takes nothing",
        ),
        (
            "{measure: count, at_most: team}",
            "capacity: column 'team' of reps holds 'west', which is not a number",
        ),
        (
            "{measure: count, at_most: 5, reserve: 0.15}",
            "capacity.reserve: got 0.15; a share is written with a percent sign, such as 15%",
        ),
        (
            "{measure: count, at_most: 5, where: {grade: {atleast: A}}}",
            "capacity.where.grade: unknown key 'atleast'; the nearest is 'at_least'; "
            "known are any_of, not, at_least, at_most, under, missing",
        ),
        (
            "{measure: count, at_most: 5, where: {grad: A}}",
            "capacity: table leads has no column 'grad'; the nearest is 'grade'",
        ),
        (
            "{measure: count, at_most: 5, where: {grade: {at_least: B}}}",
            "capacity: where grade: at_least and at_most need a column of numbers or dates; "
            "this one is text",
        ),
    ],
)
def test_faults(limit: str, fault: str) -> None:
    reps = {**REPS, "quota": [None, 5, None], "team": ["west", None, None]}
    snapshot = hand_made(LEADS, reps)
    assert faults_of(f"{BASE}capacity:\n  - {limit}\n", snapshot) == [f"line 8: {fault}"]


def test_a_limit_is_given_once() -> None:
    text = f"{BASE}capacity:\n" + "  - {measure: count, at_most: 5, where: {grade: A}}\n" * 2
    assert faults_of(text) == [
        "line 9: capacity: count where grade is A is limited twice; keep one"
    ]


def test_a_limit_below_zero_in_a_kept_column_is_refused() -> None:
    reps = pd.DataFrame({"rep_id": ["R1", "R2"], "regions": "*", "most": ["-1", "5"]})
    leads = pd.DataFrame({"lead_id": ["L1"], "amount": [1], "win_probability": [0.5]})
    snapshot = snapshot_from_frames(
        {"leads": leads, "reps": reps}, header(), keep={"reps": ["most"]}
    )
    text = f"{BASE}capacity:\n  - {{measure: count, at_most: most}}\n"
    assert faults_of(text, snapshot) == [
        "line 8: capacity: most is below 0 for 1 of 2 reps (R1); a limit must be at least 0"
    ]


MEASURES = st.sampled_from(
    [
        ("count", "max_leads"),
        ("count", "50% of max_leads"),
        ("count", 2),
        ("effort_hours", "capacity_hours"),
        ("effort_hours", 8.5),
        ("amount", "most_value"),
        ("expected_value", 20_000),
    ]
)

PERS = st.sampled_from(["rep", "team"])


@settings(max_examples=50)
@given(snapshots(), MEASURES, st.sampled_from(["0%", "15%", "100%"]), wheres(), PERS, seeds())
def test_both_readings_agree(
    snapshot: Snapshot, measure: tuple[str, Any], reserve: str, where: Any, per: str, seed: int
) -> None:
    limit = {"measure": measure[0], "at_most": measure[1], "reserve": reserve, "per": per}
    rules = policy(
        capacity=[limit | ({"where": where} if where else {})],
        period={"starts": "as_of", "length": "10 days"},
        win_probability={"history": {"by": "product"}},
    )
    try:
        compiled = compile_problem(snapshot, rules)
    except NoPlanError:
        assume(False)  # a pin against a rule: no assignment to count
    problem = compiled.problem
    chosen = np.random.default_rng(seed).integers(problem.indptr[:-1], problem.indptr[1:])
    rep_of_lead = compiled.rep_of_leads(chosen)
    ids = snapshot.reps["rep_id"].tolist()
    rep_ids = [ids[rep] if rep >= 0 else None for rep in rep_of_lead]
    frame = pd.DataFrame({"lead_id": snapshot.leads["lead_id"], "rep_id": rep_ids})
    told = rules.capacity[0].violations(Case(rules, snapshot, frame))
    names = compiled.labels[0]
    over = {names[group]: load - most for _, group, load, most in problem.breaches(chosen)}
    by_name = {found.rep_id or found.text.split(":")[0][5:]: found.amount for found in told}
    assert by_name == pytest.approx(over)

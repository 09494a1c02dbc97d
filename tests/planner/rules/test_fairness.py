"""`fairness`: every book lies within a band around its fair share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given

from models.errors import NoPlanError
from models.resource import soft_cost
from models.settled import Settled
from planner.case import Case
from planner.check import check, soft_excesses
from planner.compile import compile_problem
from tests.brute_force import best_assignment
from tests.companies import hand_made, seeds, snapshots
from tests.planner.rules.readings import facts_of
from tests.policies import BASE, PolicyMaker, faults_of, policy

if TYPE_CHECKING:
    from models.snapshot import Snapshot
    from planner.policy import Policy

LEADS = {"amount": [20, 40, 60, 80, 100, 120]}
"""The leads bring 10, 20, ... 60: 210 in all."""
SNAPSHOT = hand_made(
    LEADS, {"quota": [1, 1, 2, None], "hired": ["2020-01-01", "2026-11-01", None, "2026-09-01"],
            "team": ["field", "field", "field", "trainee"]},
)  # fmt: skip
EXEMPT = {"exempt": {"team": "trainee"}}


def fair(**parts: Any) -> Policy:
    """Return a policy with one rule of fairness on expected value."""
    rule = {"measure": "expected_value", "within": "10%", "mode": "hard", **EXEMPT, **parts}
    return policy(fairness=[rule])


def shares(rules: Policy, total: float = 210) -> list[float | None]:
    """Return the fair shares of a total, None for the exempt."""
    (rule,) = rules.fairness
    rules.check(SNAPSHOT)
    found = rule.shares(facts_of(rules, SNAPSHOT), total)
    return [None if np.isnan(share) else round(float(share), 6) for share in found]


def test_sentence() -> None:
    steps = [{"under": "180 days", "share": "75%"}, {"under": "90 days", "share": "50%"}]
    parts = {"share_by": "quota", "mode": "soft", "cost": 0.5, "ramp": steps}
    assert (
        "A rep's expected value lies within 10 % of the fair share, which is by quota, 50 % of "
        "that for reps hired less than 90 days ago, 75 % of that for reps hired less than 180 days "
        "ago; reps where team is trainee are exempt; each unit outside costs 0.5."
    ) in fair(**parts).describe()
    rule = {"measure": "count", "where": {"grade": "A"}, "within": "20%", "mode": "hard"}
    assert (
        "The number of a rep's leads where grade is A lies within 20 % of the fair share, "
        "which is equal for all."
    ) in policy(fairness=[rule]).describe()


def test_shares_are_by_head_by_column_and_by_ramp() -> None:
    assert shares(fair()) == [70, 70, 70, None]
    assert shares(fair(share_by="quota")) == [52.5, 52.5, 105, None]
    # The period starts on 23 November: R2 has been there for 22 days, R4 for 83.
    steps = [{"under": "60 days", "share": "50%"}, {"under": "90 days", "share": "75%"}]
    assert shares(fair(ramp=steps)) == [84, 42, 84, None]
    assert shares(fair(ramp=steps, exempt={"team": "field"})) == [None, None, None, 210]
    left = hand_made({"amount": [1]}, {"active": [1, 0]})
    (rule,) = policy(fairness=[{"measure": "count", "within": "0%", "mode": "hard"}]).fairness
    np.testing.assert_array_equal(rule.shares(facts_of(policy(), left), 4), [4, np.nan])


def test_shares_stay_within_bounds_of_an_equal_one() -> None:
    between = {"share_between": {"at_least": "80%", "at_most": "125%"}}
    # Weights 1, 1 and 2 are 75, 75 and 150 % of equal shares.
    assert shares(fair(share_by="quota", **between)) == [61.25, 61.25, 87.5, None]
    wide = {"share_between": {"at_least": "10%", "at_most": "300%"}}
    assert shares(fair(share_by="quota", **wide)) == [52.5, 52.5, 105, None]
    assert fair(share_by="quota", **between).fairness[0].sentence() == (
        "A rep's expected value lies within 10 % of the fair share, which is by quota, but 80 % to "
        "125 % of an equal one; reps where team is trainee are exempt."
    )


def test_recent_wins_raise_a_share_within_bounds() -> None:
    history: dict[str, list[Any]] = {
        "lead_id": ["H1", "H2", "H3", "H4", "H5"],
        "rep_id": ["R1", "R1", "R2", "R2", "R3"],
        "closed_on": ["2026-11-01", "2026-10-01", "2026-11-01", "2020-01-01", "2026-11-01"],
        "won": [1, 1, 1, 1, 0],
        "amount": [100, None, 300, 999, 500],
    }
    snapshot = hand_made({"amount": [1]}, {"level": [1, 1, 1]}, history=history)

    def found(won: str, **between: str) -> list[float]:
        by = {"won": won, "within": "90 days"}
        rules = policy(
            fairness=[
                {
                    "measure": "count",
                    "share_by": by,
                    "share_between": between,
                    "at_least": "50%",
                    "mode": "hard",
                }
            ]
        )
        rules.check(snapshot)
        share = rules.fairness[0].shares(facts_of(rules, snapshot), 300)
        return [round(float(part), 6) for part in share]

    # R1 won twice, R2 once within 90 days, R3 never.
    assert found("count", at_least="50%", at_most="200%") == [166.666667, 83.333333, 50]
    assert found("amount", at_least="20%", at_most="200%") == [80, 200, 20]
    assert found("amount", at_least="90%", at_most="100%") == [100, 100, 100]
    rule = "{measure: count, share_by: {won: count, within: 9 days}, within: 10%, mode: hard}"
    (fault,) = faults_of(f"{BASE}fairness:\n  - {rule}\n")
    assert fault.endswith(
        "needs `share_between` with an `at_least` above 0%: a rep may have won nothing"
    )


def test_a_minimum_share_is_a_band_with_one_end() -> None:
    rules = fair(within=None, at_least="50%")
    (rule,) = rules.fairness
    assert rule.sentence() == (
        "A rep's expected value is at least 50 % of the fair share, which is equal for all; reps "
        "where team is trainee are exempt."
    )
    settled = Settled(fair_totals={"fair expected_value": 210})
    (band,) = compile_problem(SNAPSHOT, rules, settled=settled).problem.resources
    np.testing.assert_allclose(band.lower, [35, 35, 35, -np.inf])
    assert np.isinf(band.upper).all()
    frame = SNAPSHOT.leads[["lead_id"]].assign(rep_id=["R1", "R1", "R1", "R2", "R1", "R1"])
    told = [f"{f.rep_id}: {f.text}" for f in check(rules, SNAPSHOT, frame, settled)]
    assert told == ["R3: the load, 0 of expected_value, is below 35"]
    both = fair(within=None, at_least="50%", at_most="150%", mode="soft", cost=1)
    assert "is at least 50 % and at most 150 % of the fair share" in both.fairness[0].sentence()


def test_absence_lowers_a_share_and_takes_no_lead_away() -> None:
    away = {"rep_id": ["R1", "R2"], "starts": ["2026-11-26"] * 2, "ends": ["2026-12-31"] * 2}
    leads: dict[str, list[Any]] = {"amount": [2] * 10, "owner": ["R1"] * 4 + [None] * 6}
    snapshot = hand_made(leads, {"level": [1, 1, 1]}, absences=away)
    rules = policy(fairness=[{"measure": "count", "within": "10%", "mode": "hard"}])
    settled = Settled(fair_totals={"fair count": 11})
    (rule,) = rules.fairness
    # R1 and R2 miss two of five days: 3, 3 and 5 parts of 11.
    np.testing.assert_allclose(rule.shares(facts_of(rules, snapshot), 11), [3, 3, 5])
    (band,) = compile_problem(snapshot, rules, settled=settled).problem.resources
    np.testing.assert_allclose(band.lower, [2.7, 2.7, 4.5])
    np.testing.assert_allclose(band.upper, [4, 3.3, 5.5])
    gone = hand_made(leads, {"level": [1, 1]}, absences={**away, "starts": ["2026-11-20"] * 2})
    assert np.isnan(rule.shares(facts_of(rules, gone), 11)).all()


def test_a_hard_band_holds() -> None:
    rules = fair()
    settled = Settled(fair_totals={"fair expected_value": 210})
    problem = compile_problem(SNAPSHOT, rules, settled=settled).problem
    (band,) = problem.resources
    np.testing.assert_allclose(band.lower, [63, 63, 63, -np.inf])
    np.testing.assert_allclose(band.upper, [77, 77, 77, np.inf])
    chosen, value = best_assignment(problem)
    assert chosen is not None
    assert value == pytest.approx(210)
    np.testing.assert_allclose(problem.loads(chosen)[0], [70, 70, 70, 0])


def test_a_soft_band_costs_what_is_outside() -> None:
    rules = fair(mode="soft", cost=2)
    settled = Settled(fair_totals={"fair expected_value": 210})
    problem = compile_problem(SNAPSHOT, rules, settled=settled).problem
    load = np.array([60.0, 80.0, 70.0, 999.0])
    np.testing.assert_allclose(soft_cost(problem.resources[0], load), [6, 6, 0, 0])
    frame = SNAPSHOT.leads[["lead_id"]].assign(rep_id=["R1"] * 5 + ["R2"])
    assert check(rules, SNAPSHOT, frame, settled) == []
    found = soft_excesses(rules, SNAPSHOT, frame, settled)
    outside = {each.rep_id: each.amount for each in found}
    assert outside == pytest.approx({"R1": 150 - 77, "R2": 63 - 60, "R3": 63})


def test_what_the_checker_says() -> None:
    frame = SNAPSHOT.leads[["lead_id"]].assign(rep_id=["R1", "R1", "R1", "R2", "R3", ""])
    frame = frame[frame["rep_id"] != ""]
    settled = Settled(fair_totals={"fair expected_value": 150})
    told = [f"{f.rep_id}: {f.text}" for f in check(fair(), SNAPSHOT, frame, settled)]
    assert told == [
        "R1: the load, 60 of expected_value, is outside 45 to 55",
        "R2: the load, 40 of expected_value, is outside 45 to 55",
    ]


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        (
            "{measure: count, within: 10%, mode: soft}",
            "fairness: got {'measure': 'count', 'within': '10%', 'mode': 'soft'}; "
            "needs a `cost` where the mode is soft, and only there",
        ),
        (
            "{measure: count, within: 0.1, mode: hard}",
            "fairness.within: got 0.1; a share is written with a percent sign, such as 15%",
        ),
        (
            "{measure: count, within: 10%, mode: firm}",
            "fairness.mode: got 'firm'; must be 'hard', 'soft' or 'max_min'",
        ),
        (
            "{measure: count, at_least: 60%, at_most: 50%, mode: hard}",
            "fairness: got {'measure': 'count', 'at_least': '60%', 'at_most': '50%', "
            "'mode': 'hard'}; `at_least` must not be above `at_most`",
        ),
        (
            "{measure: count, mode: max_min, ramp: [{under: 9 days, share: 0%}]}",
            "fairness.ramp: got {'under': '9 days', 'share': '0%'}; "
            "`share` must be above 0%; name who has none under `exempt`",
        ),
        (
            "{measure: count, share_between: {at_least: 50%, at_most: 90%}, mode: max_min}",
            "fairness.share_between: got {'at_least': '50%', 'at_most': '90%'}; "
            "`at_most` must be at least 100%: shares are equal on average",
        ),
    ],
)
def test_faults(rule: str, fault: str) -> None:
    assert faults_of(f"{BASE}fairness:\n  - {rule}\n") == [f"line 8: {fault}"]


def test_a_measure_has_one_band() -> None:
    rule = "  - {measure: count, within: 10%, mode: hard}\n"
    assert faults_of(f"{BASE}fairness:\n{rule}{rule}") == [
        "line 9: fairness: count is limited twice; keep one"
    ]


def test_weights_must_be_there() -> None:
    rule = "  - {measure: count, share_by: quota, within: 10%, mode: hard}\n"
    assert faults_of(f"{BASE}fairness:\n{rule}", SNAPSHOT) == [
        "line 8: fairness: quota is not above 0 for 1 of 4 reps (R4); "
        "fill it in, or name these reps under `exempt`"
    ]


@given(snapshots(), seeds())
def test_both_readings_agree(snapshot: Snapshot, seed: int) -> None:
    rng = np.random.default_rng(seed)
    maker = PolicyMaker(rng)
    rules = policy(fairness=[maker.fair_share() | maker.band() | {"mode": "hard"}])
    total = float(rng.choice([-5.0, 0.0, 3.0, 1000.0]))
    settled = Settled(fair_totals={rules.fairness[0].label: total})
    try:
        compiled = compile_problem(snapshot, rules, settled=settled)
    except NoPlanError:
        assume(False)
    problem = compiled.problem
    chosen = problem.indptr[:-1] + rng.integers(np.diff(problem.indptr))
    frame = snapshot.leads[["lead_id"]].copy()
    rep = compiled.rep_of_leads(chosen)
    frame["rep_id"] = snapshot.reps["rep_id"].array.take(rep, allow_fill=True)
    case = Case(rules, snapshot, pd.DataFrame(frame), settled)
    found = {each.rep_id: each.amount for each in rules.fairness[0].violations(case)}
    rep_ids = snapshot.reps["rep_id"]
    breaches = {
        rep_ids[group]: abs(load - limit) for _, group, load, limit in problem.breaches(chosen)
    }
    assert found == pytest.approx(breaches)

"""`fairness`: every book lies within a band around its fair share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given

from models.errors import NoPlanError
from models.problem import soft_cost
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
    rule = {
        "measure": maker.one_of("count", "effort_hours", "amount", "expected_value"),
        "within": maker.one_of("0%", "30%"),
        "mode": "hard",
    }
    rule |= maker.one_of({}, {"where": maker.where()})
    rule |= maker.one_of({}, {"exempt": {"level": {"missing": True}}})
    rules = policy(fairness=[rule])
    total = float(rng.choice([0.0, 3.0, 1000.0]))
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

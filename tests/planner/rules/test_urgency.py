"""`urgency`: urgent leads count more, whoever works them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models.snapshot import Snapshot, SnapshotHeader
from models.validation.validate import snapshot_from_frames
from planner.case import Case
from planner.compile import compile_problem
from planner.policy import PolicyError, policy_from_text

POLICY = """
version: 1
name: urgent first
currency: USD
value:
  amount: {column: amount}
  win_probability: {column: win_probability}
  prefer:
    - urgency: {at_least: 4, bonus: 20%}
"""
HEADER = SnapshotHeader(schema=1, as_of="2026-11-20T18:00:00Z", currency="USD")


def company(urgency: list[float | None]) -> Snapshot:
    count = len(urgency)
    leads = pd.DataFrame(
        {
            "lead_id": [f"L{at}" for at in range(count)],
            "amount": 100.0,
            "win_probability": 0.5,
            "urgency": urgency,
        }
    )
    reps = pd.DataFrame({"rep_id": ["R1", "R2"], "regions": ["*", "*"]})
    return snapshot_from_frames({"leads": leads, "reps": reps}, HEADER)


def test_sentence() -> None:
    told = policy_from_text(POLICY).describe()
    assert "A lead with urgency of at least 4 counts 20 % more." in told


def test_urgent_leads_count_more_and_expected_value_stays() -> None:
    compiled = compile_problem(company([5, 4, 3.5, None]), policy_from_text(POLICY))
    by_row = compiled.problem.score.reshape(4, 3)
    np.testing.assert_allclose(by_row[:, 0], [60, 60, 50, 50])
    np.testing.assert_allclose(by_row[:, 1], by_row[:, 0])
    lead, rep = np.arange(4), np.zeros(4, np.int64)
    np.testing.assert_allclose(compiled.valuation.expected_value(lead, rep), 50)


def test_compile_and_plain_reading_agree() -> None:
    policy = policy_from_text(POLICY)
    random = np.random.default_rng(5)
    urgency = [None if random.random() < 0.2 else float(random.integers(0, 8)) for _ in range(200)]
    snapshot = company(urgency)
    leads = snapshot.leads["lead_id"]
    case = Case(policy, snapshot, pd.DataFrame({"lead_id": leads, "rep_id": "R2"}))
    compiled = compile_problem(snapshot, policy)
    lead, rep = np.arange(200), np.ones(200, np.int64)
    np.testing.assert_allclose(case.scores, compiled.valuation.score(lead, rep))


def test_a_table_without_urgency_is_refused() -> None:
    leads = pd.DataFrame({"lead_id": ["L1"], "amount": [1.0], "win_probability": [0.5]})
    reps = pd.DataFrame({"rep_id": ["R1"], "regions": ["*"]})
    snapshot = snapshot_from_frames({"leads": leads, "reps": reps}, HEADER)
    with pytest.raises(PolicyError, match=r"line 9: urgency: table leads has no column 'urgency'"):
        compile_problem(snapshot, policy_from_text(POLICY))

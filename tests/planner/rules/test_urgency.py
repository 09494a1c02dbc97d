"""`urgency`: urgent leads count more, whoever works them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from planner.compile import compile_problem
from tests.companies import hand_made, snapshots
from tests.planner.rules.readings import assert_prefer_agrees, factors
from tests.policies import BASE, faults_of, policy

if TYPE_CHECKING:
    from models.snapshot import Snapshot

PREFER = [{"urgency": {"at_least": 4, "bonus": "20%"}}]
SNAPSHOT = hand_made({"urgency": [5, 4, 3.5, None]}, {"level": [1, 1]})


def test_sentence() -> None:
    told = policy(prefer=PREFER).describe()
    assert "A lead with urgency of at least 4 counts 20 % more." in told


def test_urgent_leads_count_more() -> None:
    assert factors(SNAPSHOT, prefer=PREFER) == [[1.2, 1.2], [1.2, 1.2], [1, 1], [1, 1]]


def test_scores_rise_and_expected_values_stay() -> None:
    compiled = compile_problem(SNAPSHOT, policy(prefer=PREFER))
    np.testing.assert_allclose(compiled.problem.score.reshape(4, 3)[:, 0], [60, 60, 50, 50])
    lead, rep = np.arange(4), np.zeros(4, np.int64)
    np.testing.assert_allclose(compiled.valuation.expected_value(lead, rep), 50)


def test_a_table_without_urgency_is_refused() -> None:
    text = BASE + "  prefer:\n    - urgency: {at_least: 4, bonus: 20%}\n"
    assert faults_of(text, hand_made({"amount": [1]})) == [
        "line 8: urgency: table leads has no column 'urgency'; add it, or leave the rule out"
    ]


@given(snapshots(), st.sampled_from([-1, 3.5, 4]))
def test_both_readings_agree(snapshot: Snapshot, at_least: float) -> None:
    rules = policy(prefer=[{"urgency": {"at_least": at_least, "bonus": "20%"}}])
    assert_prefer_agrees(rules, snapshot)

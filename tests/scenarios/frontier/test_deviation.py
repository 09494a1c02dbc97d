"""How far books lie from their fair shares, against a count rep by rep."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.settled import Settled
from planner.compile import compile_problem
from scenarios.frontier.deviation import widest_deviation
from tests.companies import hand_made
from tests.policies import policy

QUOTAS = [1, 2, 5]
AMOUNTS = [100, 200, 300, 400]
SNAPSHOT = hand_made({"amount": AMOUNTS}, {"quota": QUOTAS})
FREE = {"share_by": "quota", "at_least": "0%", "mode": "hard"}
POLICY = policy(fairness=[{**FREE, "measure": "count"}, {**FREE, "measure": "amount"}])
COUNT, AMOUNT = (rule.label for rule in POLICY.fairness)
COMPILED = compile_problem(
    SNAPSHOT, POLICY, settled=Settled(fair_totals={COUNT: 4.0, AMOUNT: 1000.0})
)


@given(st.lists(st.integers(-1, 2), min_size=4, max_size=4))
def test_the_widest_of_all_reps_and_rules(reps: list[int]) -> None:
    off: dict[str, float] = {COUNT: 0.0, AMOUNT: 0.0}
    for rep, quota in enumerate(QUOTAS):
        mine = [amount for amount, whose in zip(AMOUNTS, reps, strict=True) if whose == rep]
        for label, load, total in ((COUNT, len(mine), 4.0), (AMOUNT, sum(mine), 1000.0)):
            due = total * quota / sum(QUOTAS)
            off[label] = max(off[label], abs(load - due) / due)
    rep_of_lead = np.array(reps)
    for label in (COUNT, AMOUNT):
        assert widest_deviation(COMPILED, rep_of_lead, label) == pytest.approx(off[label])
    assert widest_deviation(COMPILED, rep_of_lead) == pytest.approx(max(off.values()))


def test_no_share_of_something_is_endlessly_far() -> None:
    nothing = compile_problem(SNAPSHOT, POLICY, settled=Settled(fair_totals={COUNT: 0.0}))
    nobody, somebody = np.full(4, -1), np.array([-1, 0, -1, -1])
    assert widest_deviation(nothing, nobody, COUNT) == 0
    assert widest_deviation(nothing, somebody, COUNT) == math.inf
    assert widest_deviation(nothing, somebody, AMOUNT) is None

"""Least busy evens out what reps hold (baselines P8)."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from planner.engines.baselines.least_busy import least_busy
from tests.intakes import SEEDS, open_to_all


@given(st.integers(1, 40), st.lists(st.integers(0, 9), min_size=1, max_size=6), SEEDS)
def test_books_are_levelled_from_below(num_leads: int, held: list[int], seed: int) -> None:
    batch = open_to_all(num_leads, len(held), base_leads=held)
    taken = np.bincount(batch.routed(least_busy, seed), minlength=len(held))
    after = taken + held
    # Nobody who got a lead holds over one more than anybody else.
    assert after[taken > 0].max() <= after.min() + 1


def test_ties_go_by_chance() -> None:
    firsts = {open_to_all(1, 4).routed(least_busy, seed)[0] for seed in range(50)}
    assert firsts == {0, 1, 2, 3}

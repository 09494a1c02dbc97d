"""The cumulative proportional split, worked out by hand (baselines P11)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.engines.baselines.proportional import proportional
from tests.intakes import SEEDS, Batch, open_to_all

BOTH = range(2)


@pytest.mark.parametrize("seed", range(5))
def test_totals_follow_weights(seed: int) -> None:
    taken = open_to_all(8, 2, weight=[1, 3]).routed(proportional, seed)
    # Owed 0.25 and 0.75: R1; 0.5 and 0.5: a tie; after four, 1 and 3.
    assert taken[0] == 1
    assert sorted(taken[:4]) == sorted(taken[4:]) == [0, 1, 1, 1]


@pytest.mark.parametrize("seed", range(5))
def test_who_joins_later_has_nothing_to_catch_up(seed: int) -> None:
    taken = Batch([[0]] * 4 + [BOTH] * 4, 2).routed(proportional, seed)
    assert taken[:4] == [0] * 4
    assert sorted(taken[4:]) == [0, 0, 1, 1]


@pytest.mark.parametrize("seed", range(5))
def test_who_is_full_owes_and_is_owed_nothing_more(seed: int) -> None:
    taken = open_to_all(7, 3, most=[1, 9, 9]).routed(proportional, seed)
    assert np.bincount(taken).tolist() == [1, 3, 3]


def test_without_any_weight_all_are_alike() -> None:
    taken = open_to_all(6, 3, weight=[0, 0, 0]).routed(proportional)
    assert np.bincount(taken).tolist() == [2, 2, 2]


@given(st.integers(1, 40), st.integers(1, 8), SEEDS)
def test_equal_weights_differ_by_one_at_most(num_leads: int, num_reps: int, seed: int) -> None:
    taken = open_to_all(num_leads, num_reps).routed(proportional, seed)
    count = np.bincount(taken, minlength=num_reps)
    assert count.max() - count.min() <= 1

"""cal.com's fair round robin, worked out by hand (baselines P7)."""

from __future__ import annotations

import numpy as np
import pytest

from planner.engines.baselines.cal_com import cal_fair, credits_of
from tests.intakes import Batch, open_to_all


def counts(batch: Batch, seed: int) -> list[int]:
    taken = batch.routed(cal_fair, seed)
    return [taken.count(rep) for rep in range(batch.num_reps)]


@pytest.mark.parametrize("seed", range(5))
def test_bookings_follow_weights(seed: int) -> None:
    assert counts(open_to_all(8, 2, weight=[1, 3]), seed) == [2, 6]
    assert counts(open_to_all(9, 3), seed) == [3, 3, 3]


@pytest.mark.parametrize("seed", range(5))
def test_who_is_behind_catches_up(seed: int) -> None:
    # 6 and 6 more leads: R1 comes from 0 to 6.
    assert counts(open_to_all(6, 2, base_leads=[6, 0]), seed) == [0, 6]


@pytest.mark.parametrize("seed", range(5))
def test_a_new_host_does_not_absorb_everything(seed: int) -> None:
    old = open_to_all(6, 3, base_leads=[10, 10, 0], hired=[900, 900, 900])
    assert counts(old, seed) == [0, 0, 6]
    new = open_to_all(6, 3, base_leads=[10, 10, 0], hired=[900, np.nan, 3])
    assert counts(new, seed) == [2, 2, 2]


def test_credits() -> None:
    batch = open_to_all(
        1, 4, base_leads=[10, 10, 0, 0], hired=[900, 900, 10, 3], weight=[1, 1, 1, 2]
    )
    # 20 / 2 x 1, then (20 + 10) / 3 x 2.
    assert credits_of(batch.intake(), np.array([10.0, 10, 0, 0])).tolist() == [0, 0, 10, 20]


def test_with_new_hosts_alone_nobody_has_a_credit() -> None:
    batch = open_to_all(1, 2, hired=[3, 3])
    assert credits_of(batch.intake(), np.zeros(2)).tolist() == [0, 0]


def test_the_share_is_of_all_hosts_the_choice_of_those_with_room() -> None:
    batch = open_to_all(6, 2, weight=[1, 9], most=[9, 2])
    assert counts(batch, 0) == [4, 2]

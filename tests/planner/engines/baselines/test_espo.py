"""EspoCRM's rules, worked out by hand (baselines P4)."""

from __future__ import annotations

from planner.engines.baselines.espo import espo_least_busy, espo_round_robin
from tests.intakes import Batch, open_to_all

ALL = range(3)


def test_without_any_lead_the_first_user_begins() -> None:
    for seed in range(3):
        assert open_to_all(5, 3).routed(espo_round_robin, seed) == [0, 1, 2, 0, 1]


def test_the_newest_lead_tells_whose_turn_it_is() -> None:
    # R2 has the only lead, so R0 follows. Had somebody handed it to R0, R1 would.
    assert Batch([[2], ALL, ALL], 3, stays=[0]).routed(espo_round_robin) == [2, 0, 1]
    assert Batch([[0], ALL, ALL], 3, stays=[0]).routed(espo_round_robin) == [0, 1, 2]


def test_a_newer_owned_lead_gives_one_user_the_whole_batch() -> None:
    batch = Batch([ALL, ALL, ALL, [0]], 3, stays=[3])
    assert batch.routed(espo_round_robin) == [1, 1, 1, 0]


def test_only_leads_of_the_pool_count() -> None:
    # R2's lead is the newest of all, but R2 is not in the pool of the others.
    batch = Batch([[1], [2], [0, 1], [0, 1]], 3, stays=[0, 1])
    assert batch.routed(espo_round_robin) == [1, 2, 0, 1]


def test_a_full_user_is_passed_over() -> None:
    assert open_to_all(5, 3, most=[9, 1, 9]).routed(espo_round_robin) == [0, 1, 2, 0, 2]
    assert open_to_all(3, 1, most=[1]).routed(espo_round_robin) == [0, -1, -1]


def test_least_busy_goes_by_the_smallest_id() -> None:
    batch = open_to_all(4, 3, base_leads=[1, 1, 0])
    for seed in range(3):
        assert batch.routed(espo_least_busy, seed) == [2, 0, 1, 2]

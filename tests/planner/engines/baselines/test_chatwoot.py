"""Chatwoot's assignment, worked out by hand (baselines P5)."""

from __future__ import annotations

from planner.engines.baselines.chatwoot import chatwoot_balanced, chatwoot_round_robin
from tests.intakes import Batch, open_to_all

ALL = range(2)


def test_every_inbox_has_a_queue_of_its_own() -> None:
    batch = open_to_all(5, 2, channel=[0, 1, 0, 1, 0])
    for seed in range(5):
        first, also_first, second, also_second, again = batch.routed(chatwoot_round_robin, seed)
        assert first == also_first == again
        assert second == also_second == 1 - first


def test_no_agent_is_always_first() -> None:
    firsts = {open_to_all(1, 3).routed(chatwoot_round_robin, seed)[0] for seed in range(50)}
    assert firsts == {0, 1, 2}


def test_who_was_not_eligible_is_next() -> None:
    # R1 may not have the first three, so the fourth is theirs whoever began.
    batch = Batch([[0], [0], [0], ALL], 2)
    for seed in range(5):
        assert batch.routed(chatwoot_round_robin, seed)[3] == 1


def test_when_all_are_full_a_lead_stays_unassigned() -> None:
    batch = open_to_all(4, 2, most=[1, 2])
    for rule in (chatwoot_round_robin, chatwoot_balanced):
        given = batch.routed(rule)
        assert (given.count(0), given.count(1), given.count(-1)) == (1, 2, 1)


def test_balanced_counts_per_inbox_and_goes_by_the_list() -> None:
    for seed in range(3):
        batch = open_to_all(4, 2, channel=[0, 1, 0, 1])
        assert batch.routed(chatwoot_balanced, seed) == [0, 0, 1, 1]
    assert Batch([[0], ALL], 2, stays=[0]).routed(chatwoot_balanced) == [0, 1]
    assert Batch([[0], ALL], 2, stays=[0], channel=[7, 8]).routed(chatwoot_balanced) == [0, 0]

"""Frappe's strategies, worked out by hand (baselines P3)."""

from __future__ import annotations

from planner.engines.baselines.frappe import (
    frappe_by_field,
    frappe_load_balancing,
    frappe_round_robin,
    frappe_weighted,
)
from tests.intakes import Batch, open_to_all

ALL = range(3)


def test_each_rule_has_a_pointer_of_its_own() -> None:
    # The third lead meets another condition, so it does not take R2's turn in the first rule.
    assert Batch([ALL, ALL, [0, 2], ALL], 3).routed(frappe_round_robin) == [0, 1, 0, 2]
    assert open_to_all(5, 3).routed(frappe_round_robin) == [0, 1, 2, 0, 1]


def test_nobody_is_asked_for_room_unless_there_are_limits() -> None:
    assert open_to_all(5, 3, most=[1, 5, 5]).routed(frappe_round_robin) == [0, 1, 2, 1, 2]
    assert open_to_all(3, 2, most=[1, 1]).routed(frappe_round_robin) == [0, 1, -1]


def test_load_balancing_counts_what_is_open_and_goes_by_the_list() -> None:
    batch = open_to_all(5, 3, base_leads=[2, 0, 0])
    for seed in range(3):
        assert batch.routed(frappe_load_balancing, seed) == [1, 2, 1, 2, 0]


def test_load_balancing_counts_leads_that_stay() -> None:
    batch = Batch([[0], [0], ALL, ALL], 3, stays=[0, 1])
    assert batch.routed(frappe_load_balancing) == [0, 0, 1, 2]


def test_by_field_looks_at_the_field_alone() -> None:
    eligible = [[0, 1], [0, 1], [1], [0, 1]]
    batch = Batch(eligible, 2, named=[1, -1, 0, 1])
    assert batch.routed(frappe_by_field) == [1, -1, -1, 1]
    capped = Batch(eligible, 2, named=[1, -1, 0, 1], most=[9, 1])
    assert capped.routed(frappe_by_field) == [1, -1, -1, -1]


def test_a_weight_of_k_takes_k_in_a_row() -> None:
    batch = open_to_all(8, 3, weight=[10, 20, 30])
    assert batch.routed(frappe_weighted) == [0, 1, 1, 2, 2, 2, 0, 1]
    assert open_to_all(3, 3, weight=[0, 1, 0]).routed(frappe_weighted) == [1, 1, 1]
    assert open_to_all(2, 2, weight=[0, 0]).routed(frappe_weighted) == [-1, -1]


def test_the_cycle_goes_on_after_a_full_user() -> None:
    batch = open_to_all(6, 3, weight=[1, 2, 1], most=[9, 1, 9])
    assert batch.routed(frappe_weighted) == [0, 1, 2, 0, 2, 0]

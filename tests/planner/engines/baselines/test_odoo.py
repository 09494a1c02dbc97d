"""Odoo's two stages, now and in older versions, worked out by hand (baselines P1 and P2)."""

from __future__ import annotations

import numpy as np
import pytest

from planner.engines.baselines.odoo import (
    catching_up,
    odoo_daily,
    odoo_rotation,
    odoo_weighted,
    round_half_up,
)
from tests.intakes import Batch, open_to_all


def test_members_take_turns_the_largest_quota_first() -> None:
    # Quotas 3, 1 and 2 a day. The lead with the best chance comes first: R0 takes it and goes to
    # the end, R2, then R1, who is full and leaves; then R0, R2, R0.
    batch = open_to_all(6, 3, capacity=[90, 30, 60], chance=[0.4, 0.5, 0.6, 0.7, 0.8, 0.9])
    for seed in range(5):
        assert batch.routed(odoo_rotation, seed) == [0, 2, 0, 1, 2, 0]


def test_leads_that_a_member_prefers_come_first() -> None:
    plain = open_to_all(3, 2, capacity=[60, 30], chance=[0.9, 0.1, 0.5])
    assert plain.routed(odoo_rotation) == [0, 0, 1]
    # R1 prefers the lead that would come last, and is full with it.
    wished = open_to_all(3, 2, capacity=[60, 30], chance=[0.9, 0.1, 0.5], liked=[[], [1], []])
    assert wished.routed(odoo_rotation) == [0, 1, 0]


def test_ties_of_quotas_go_by_chance() -> None:
    batch = open_to_all(1, 4, capacity=[30] * 4)
    assert {batch.routed(odoo_rotation, seed)[0] for seed in range(50)} == {0, 1, 2, 3}


def test_a_capacity_below_15_never_gets_a_lead() -> None:
    assert [round_half_up(capacity / 30) for capacity in (14.9, 15, 44, 45)] == [0, 1, 1, 2]
    assert open_to_all(10, 2, capacity=[14.9, 15]).routed(odoo_rotation) == [1] * 10
    assert open_to_all(10, 1, capacity=[14.9]).routed(odoo_rotation) == [-1] * 10


def test_an_automatic_run_leaves_leads_older_than_7_days() -> None:
    ages = [1, 7, 7.5, 400, np.nan]
    batch = open_to_all(5, 1, capacity=[300], days_old=ages)
    assert batch.routed(odoo_daily) == [0, 0, -1, -1, 0]
    assert batch.routed(odoo_rotation) == [0] * 5


def test_an_automatic_run_counts_what_came_today() -> None:
    # Two a day, less the one received: the lead with the best chance is all.
    batch = open_to_all(3, 1, capacity=[60], received=[1], chance=[0.1, 0.9, 0.5])
    assert batch.routed(odoo_daily) == [-1, 0, -1]
    assert batch.routed(odoo_rotation) == [0, 0, 0]


def test_a_team_without_capacity_is_skipped() -> None:
    batch = Batch([[0, 1]] * 20 + [[0]], 2, team=[0, 1], capacity=[0, 30])
    for rule in (odoo_rotation, odoo_weighted):
        assert batch.routed(rule) == [1] * 20 + [-1]


def test_teams_are_drawn_by_their_capacity() -> None:
    batch = open_to_all(400, 3, team=[0, 1, 1], capacity=[900, 150, 150])
    taken = np.bincount(batch.routed(odoo_rotation))
    # Three quarters of 400; four standard deviations of the draw are 35.
    assert taken[0] == pytest.approx(300, abs=35)
    assert taken.sum() == 400


def test_a_lead_waits_in_a_team_that_cannot_work_it_off() -> None:
    # The second team has a weight, but its only member a quota of 0.
    taken = open_to_all(40, 2, team=[0, 1], capacity=[15, 14]).routed(odoo_rotation)
    assert set(taken) == {0, -1}


def test_older_quotas_catch_up() -> None:
    # a = 10: 10 + 0.2 x (300 - 10) = 68; a = 3.33: 3.33 + 0.2 x 96.67 = 22.67.
    assert (catching_up(300, 0), catching_up(100, 0)) == (68, 23)
    # What was received is taken off the missing part only.
    assert catching_up(300, 290) == catching_up(300, 500) == 10
    counts = np.bincount(open_to_all(91, 2, capacity=[300, 100]).routed(odoo_weighted))
    assert counts.tolist() == [68, 23]


def test_older_quotas_of_small_capacities_end() -> None:
    # 0.1 + 0.2 x 2.9 = 0.68, after one lead 0.1 + 0.2 x 1.9 = 0.48.
    assert open_to_all(10, 1, capacity=[3]).routed(odoo_weighted).count(0) == 1
    # One in this month already.
    assert open_to_all(10, 1, capacity=[3], received=[1]).routed(odoo_weighted).count(0) == 0


def test_the_drawn_member_takes_the_best_chance() -> None:
    batch = open_to_all(3, 1, most=[2], chance=[0.1, 0.9, 0.5])
    assert batch.routed(odoo_weighted) == [-1, 0, 0]


def test_members_are_drawn_by_what_is_left_of_quotas() -> None:
    # 68 against 23 for a single lead.
    batch = open_to_all(1, 2, capacity=[300, 100])
    firsts = [batch.routed(odoo_weighted, seed)[0] for seed in range(400)]
    assert firsts.count(0) / 400 == pytest.approx(68 / 91, abs=0.09)

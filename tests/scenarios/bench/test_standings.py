"""Which bound stands, and what plans and bounds are worth beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scenarios.bench.methods import CP_SAT, GREEDY, HIGHS, OURS, SCIP
from scenarios.bench.standings import Duel, Standing, duel, mean_gap
from tests.scenarios.bench.fakes import BIG, CELLS, INSTANCES, plan

if TYPE_CHECKING:
    from scenarios.bench.cells import Cell

C20, C40, D20, COMPANY = (Standing.of(instance, CELLS) for instance in INSTANCES)


def standing(*cells: Cell) -> Standing:
    """Return the standing of the first instance with these cells."""
    return Standing.of(INSTANCES[0], cells)


def test_the_best_bound_is_the_best_that_no_plan_contradicts() -> None:
    assert C20.bound == -4_782
    assert C20.false_bounds == ("scip",)
    assert C40.bound == -4_241
    assert C40.false_bounds == ()
    assert C20.gap(OURS) == pytest.approx(1 / 4_782)
    assert C20.bound_gap(CP_SAT) == pytest.approx(1 / 4_782)


def test_a_bound_may_miss_a_plan_by_its_tolerance() -> None:
    near = standing(plan("C 20x400", "highs", 100, 100.005))
    assert (near.bound, near.false_bounds) == (-100, ())
    assert near.gap(HIGHS) == 0
    far = standing(plan("C 20x400", "highs", 100, 100.02))
    assert (far.bound, far.false_bounds) == (None, ("highs",))
    assert far.gap(HIGHS) is None


def test_the_plan_gap_is_that_of_plans() -> None:
    assert COMPANY.plan_gap(OURS) == pytest.approx((767_975_792 - 767_941_435) / 770e6)
    assert COMPANY.instance.name == BIG


def test_without_cells_nothing_is_said() -> None:
    nothing = standing()
    assert (nothing.objective, nothing.bound, nothing.methods) == (None, None, ())
    assert nothing.gap(OURS) is None
    assert nothing.plan_gap(OURS) is None
    assert nothing.bound_gap(OURS) is None
    assert not nothing.is_best(OURS)
    assert not nothing.has_no_plan(OURS)


def test_means_are_over_the_instances_with_a_plan() -> None:
    mean, count = mean_gap([C20, C40], SCIP)
    assert mean == pytest.approx(1 / 4_782)
    assert count == 1
    assert mean_gap([D20], GREEDY) == (None, 0)


def test_equal_plans_share_the_first_place() -> None:
    assert [C20.is_best(each) for each in (OURS, CP_SAT, HIGHS, SCIP)] == [True, False, True, True]


def test_a_duel_counts_a_plan_as_better_than_none() -> None:
    found = duel([C20, C40, D20], OURS, SCIP)
    assert found == Duel(pytest.approx((0 + 30 / 12_250) / 2), 2, 1, 0, 1)  # type: ignore[arg-type]
    back = duel([C20, C40, D20], SCIP, OURS)
    assert (back.won, back.drawn, back.lost, back.other_without) == (0, 1, 2, 0)
    nobody = duel([D20], GREEDY, GREEDY)
    assert nobody == Duel(None, 0, 1, 0, 1)

"""Which limits are tried."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from planner.measures import Measure
from scenarios.frontier.axis import Axis, spaced
from scenarios.frontier.fairness_axis import FairnessAxis
from scenarios.frontier.moves_axis import MovesAxis
from scenarios.frontier.spacing import narrower, steepest

MOVES = MovesAxis(has_section=False, has_rule=False, keys=frozenset())
BAND = FairnessAxis(0, "fair count", "count", Measure.COUNT, {})
AXES = st.sampled_from([MOVES, BAND])


@given(AXES, st.floats(0, 500), st.integers(1, 20))
def test_limits_are_denser_where_they_are_narrow(axis: Axis, most: float, count: int) -> None:
    most = axis.rounded_up(most)
    found = spaced(axis, most, count)
    assert len(found) <= count
    assert found == sorted(set(found))
    assert all(0 <= each < most and each == axis.rounded(each) for each in found)
    steps = [high - low for low, high in pairwise(found)]
    assert all(low <= high + 2 * axis.step for low, high in pairwise(steps))
    assert (0.0 in found) is (most > 0)


@given(AXES, st.floats(0, 500))
def test_rounding_up_holds_as_much(axis: Axis, epsilon: float) -> None:
    up = axis.rounded_up(epsilon)
    assert epsilon - 1e-8 * axis.step <= up < epsilon + axis.step * (1 + 1e-6)
    assert axis.rounded_up(up) == up


def test_the_narrow_end_is_looked_for_by_halving() -> None:
    assert narrower(MOVES, [40, 8], [2]) == 5
    assert narrower(MOVES, [40, 8], [7]) is None
    assert narrower(MOVES, [40, 8], []) is None
    # One above that had too little time is no narrow end.
    assert narrower(MOVES, [40, 8], [20]) is None


def test_more_limits_come_where_the_value_changes_most() -> None:
    values = {0.0: 0.0, 10.0: 100.0, 20.0: 130.0, 21.0: 500.0, 40.0: 500.0}
    assert steepest(MOVES, values, [], 1) == [5]
    assert steepest(MOVES, values, [], 5) == [5, 15]
    assert steepest(MOVES, values, [5], 5) == [15]

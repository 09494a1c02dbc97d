"""The efficient points and the knee, against brute force on random points."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.frontier.points import Point, efficient, knee

CENT = 0.01
COSTS = st.integers(0, 12).map(float)
MONEY = st.integers(0, 30).map(float)
GAPS = st.sampled_from([0.0, 0.0, 1.0, 5.0])


@st.composite
def points(draw: st.DrawFn, axes: int = 1, *, proved: bool = False) -> list[Point]:
    """Draw plans; proved ones have no gap."""
    drawn = draw(st.lists(st.tuples(*[COSTS] * axes, MONEY, GAPS), min_size=1, max_size=12))
    return [
        Point(tuple(costs), value, value + (0.0 if proved else gap)) for *costs, value, gap in drawn
    ]


@given(points(axes=2))
def test_a_point_is_kept_unless_another_leaves_no_doubt(found: list[Point]) -> None:
    for point, is_kept in zip(found, efficient(found), strict=True):
        beaten = False
        for other in found:
            dearer = other.costs[0] > point.costs[0] or other.costs[1] > point.costs[1]
            same = other.costs == point.costs and other.value == point.value
            if not dearer and not same and other.value >= point.bound:
                beaten = True
        assert is_kept is not beaten


@given(points())
def test_a_best_point_of_least_cost_is_always_kept(found: list[Point]) -> None:
    kept = [point for point, is_kept in zip(found, efficient(found), strict=True) if is_kept]
    least = min(point.costs[0] for point in found)
    best = max(point.value for point in found if point.costs[0] == least)
    assert any(point.costs[0] == least and point.value == best for point in kept)


@given(points(proved=True))
def test_efficient_points_without_gaps_rise(found: list[Point]) -> None:
    kept = {point for point, is_kept in zip(found, efficient(found), strict=True) if is_kept}
    order = sorted(kept, key=lambda point: point.costs)
    for low, high in pairwise(order):
        assert low.costs < high.costs
        assert low.value < high.value


def farthest(found: list[Point]) -> float | None:
    """Return the greatest distance above the chord of the normalized frontier, point by point."""
    kept = [point for point, is_kept in zip(found, efficient(found), strict=True) if is_kept]
    kept.sort(key=lambda point: (point.costs, point.value))
    (low,), (high,) = kept[0].costs, kept[-1].costs
    values = [point.value for point in kept]
    if high == low or max(values) == min(values):
        return None
    corners = [
        ((point.costs[0] - low) / (high - low), point.value / (max(values) - min(values)))
        for point in kept
    ]
    (x0, y0), (x1, y1) = corners[0], corners[-1]
    length = math.hypot(x1 - x0, y1 - y0)
    return max(((x1 - x0) * (y - y0) - (y1 - y0) * (x - x0)) / length for x, y in corners)


def distance(found: list[Point], number: int) -> float:
    """Return how far one point lies above that chord."""
    ends = [point for point, is_kept in zip(found, efficient(found), strict=True) if is_kept]
    ends.sort(key=lambda point: (point.costs, point.value))
    without = [ends[0], found[number], ends[-1]]
    values = [point.value for point in ends]
    wide, tall = ends[-1].costs[0] - ends[0].costs[0], max(values) - min(values)
    x0, x, x1 = (point.costs[0] / wide for point in without)
    y0, y, y1 = (point.value / tall for point in without)
    return ((x1 - x0) * (y - y0) - (y1 - y0) * (x - x0)) / math.hypot(x1 - x0, y1 - y0)


@given(points())
def test_the_knee_is_farthest_from_the_chord(found: list[Point]) -> None:
    bend, most = knee(found), farthest(found)
    if bend is None:
        assert most is None or most <= 1e-3
        return
    assert most is not None
    assert efficient(found)[bend.number]
    assert distance(found, bend.number) == pytest.approx(most)
    assert bend.before > bend.beyond


@given(points())
def test_a_proved_knee_bends_whatever_the_gaps_hide(found: list[Point]) -> None:
    bend = knee(found)
    if bend is None:
        return
    at, first, last = found[bend.number], found[bend.first], found[bend.last]
    worst_before = (at.value - first.bound) / (at.costs[0] - first.costs[0])
    worst_beyond = (last.bound - at.value) / (last.costs[0] - at.costs[0])
    assert bend.is_proved is (worst_before > worst_beyond)


def test_a_knee_told_by_hand() -> None:
    found = [Point((cost,), value, value) for cost, value in ((0.0, 0.0), (10.0, 90.0))]
    assert knee(found) is None
    bend = knee([*found, Point((2.0,), 80.0, 80.0), Point((6.0,), 54.0, 54.0)])
    assert bend is not None
    assert (bend.number, bend.first, bend.last) == (2, 0, 1)
    assert (bend.before, bend.beyond) == (40.0, 1.25)
    line = [Point((float(cost),), 9.0 * cost, 9.0 * cost) for cost in range(4)]
    assert knee(line) is None


def test_a_cent_is_no_difference() -> None:
    cheap, dear = Point((1.0,), 100.0, 100.0), Point((2.0,), 100.0 + CENT / 2, 100.0 + CENT / 2)
    assert efficient([cheap, dear]) == [True, False]
    assert efficient([cheap, Point((2.0,), 100.0, 101.0)]) == [True, True]

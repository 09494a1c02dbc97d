"""Points of a frontier: which are efficient, and where the knee is.

Values are of plans with gaps: the best plan under the same limits lies between a point's value and
its bound. A point is dominated only where that leaves no doubt.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from models.outcome import OPTIMAL_MONEY

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Point:
    """A plan on a frontier.

    Attributes
    ----------
    costs : the limits that it keeps, one per axis
    value : money, the plan's objective
    bound : money, what no plan under the same limits can exceed
    """

    costs: tuple[float, ...]
    value: float
    bound: float


@dataclass(frozen=True)
class Knee:
    """Where a frontier bends most: what it brings to go up to there, and beyond.

    Attributes
    ----------
    number : of the point
    before, beyond : money per unit of cost, from the cheapest efficient point to the knee, and
        from there to the dearest
    first, last : numbers of these points
    is_proved : whether the best plans bend there, too, whatever the gaps hide
    """

    number: int
    before: float
    beyond: float
    first: int
    last: int
    is_proved: bool

    def renumbered(self, numbers: Sequence[int]) -> Knee:
        """Return the knee by other numbers of the points."""
        return replace(
            self,
            number=numbers[self.number],
            first=numbers[self.first],
            last=numbers[self.last],
        )


def is_dominated(point: Point, other: Point) -> bool:
    """Return whether another point costs no more, and brings all that this one could.

    A cent more or less is no difference.
    """
    no_dearer = all(mine >= theirs for mine, theirs in zip(point.costs, other.costs, strict=True))
    as_good = other.value >= max(point.bound, point.value) - OPTIMAL_MONEY
    is_better = point.costs != other.costs or other.value > point.value + OPTIMAL_MONEY
    return no_dearer and as_good and is_better


def efficient(points: Sequence[Point]) -> list[bool]:
    """Return for each point whether no other dominates it."""
    return [not any(is_dominated(point, other) for other in points) for point in points]


def knee(points: Sequence[Point]) -> Knee | None:
    """Return the knee of a frontier with one axis; None where it does not bend upwards.

    It is the efficient point that lies highest above the chord from the cheapest to the dearest
    one: the greatest distance in the normalized frontier.

    References
    ----------
    V. Satopaa, J. Albrecht, D. Irwin, B. Raghavan (2011): Finding a "Kneedle" in a Haystack:
    Detecting Knee Points in System Behavior. DOI 10.1109/ICDCSW.2011.20
    """
    kept = [number for number, is_kept in enumerate(efficient(points)) if is_kept]
    order = sorted(kept, key=lambda number: (points[number].costs, points[number].value))
    if len(order) < 3:
        return None
    first, last = points[order[0]], points[order[-1]]
    (least,), (most,) = first.costs, last.costs
    if most <= least:
        return None

    def height(number: int) -> float:
        """Return how far a point lies above the chord; scaling both axes changes no order."""
        point = points[number]
        along = (point.costs[0] - least) / (most - least)
        return point.value - (first.value + along * (last.value - first.value))

    inner = [number for number in order if least < points[number].costs[0] < most]
    best = max(inner, key=height, default=order[0])
    if height(best) <= OPTIMAL_MONEY:
        return None
    at = points[best]
    before, beyond = at.costs[0] - least, most - at.costs[0]
    surely_before = (at.value - first.bound) / before
    at_most_beyond = (max(last.bound, last.value) - at.value) / beyond
    return Knee(
        number=best,
        before=(at.value - first.value) / before,
        beyond=(last.value - at.value) / beyond,
        first=order[0],
        last=order[-1],
        is_proved=surely_before > at_most_beyond,
    )

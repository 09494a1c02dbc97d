"""Where to look next on a frontier: for its narrow end, and where the value changes most."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from models.outcome import OPTIMAL_MONEY

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from scenarios.frontier.axis import Axis


def narrower(axis: Axis, solved: Collection[float], unsolved: Collection[float]) -> float | None:
    """Return the limit between the narrowest that holds and the widest below it that does not.

    None where every limit below holds, or none that can be told lies between.
    """
    least = min(solved)
    below = [epsilon for epsilon in unsolved if epsilon < least]
    return _between(axis, max(below), least) if below else None


def steepest(
    axis: Axis, values: Mapping[float, float], unsolved: Collection[float], count: int
) -> list[float]:
    """Return up to so many limits, each in the middle of two neighbours whose values differ most.

    Parameters
    ----------
    values : money, by limit
    unsolved : limits that hold no plan
    """
    order = sorted(values)
    changes = []
    for low, high in pairwise(order):
        middle = _between(axis, low, high)
        if middle is None or middle in unsolved or values[high] - values[low] <= OPTIMAL_MONEY:
            continue
        changes.append((values[low] - values[high], middle))
    return [middle for _, middle in sorted(changes)[:count]]


def _between(axis: Axis, low: float, high: float) -> float | None:
    """Return a limit in the middle; None where there is none that can be told."""
    middle = axis.rounded((low + high) / 2)
    return middle if low < middle < high else None

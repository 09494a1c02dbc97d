"""The frontier as one tidy table: which plans are efficient, and where it bends."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from models.plan import OVERLOAD
from planner.overload import FULL_LIMIT
from scenarios.frontier.points import Point, efficient, knee
from scenarios.what_if.run_many import SOLVED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.plan import PlanRecord
    from scenarios.frontier.axis import Axis
    from scenarios.frontier.points import Knee

EPSILON = "epsilon"
ALIKE = 1e-6
"""Overloads that differ by less are the same."""


@dataclass(frozen=True, eq=False)
class Frontier:
    """Plans along one axis, or on a grid of two.

    Attributes
    ----------
    axes : what value is traded against
    currency : of all money
    frame : one row per plan that was tried, by its limits: scenario; epsilon (in the axis's unit;
        with two axes `epsilon_AXIS` each), the widest limit being what the plan without one takes;
        expected_value, objective, bound, gap_money, gap, moves, gini, widest_deviation (from a fair
        share, as a share of it; null without one), overload (see there); status, detail, plan (its
        directory below `out`), is_efficient, is_knee
    knee : where the frontier bends most, by row of the frame; None with two axes, or without a bend
    """

    axes: tuple[Axis, ...]
    currency: str
    frame: pd.DataFrame
    knee: Knee | None

    @property
    def epsilons(self) -> list[str]:
        """The columns of the limits, one per axis."""
        return _columns(self.axes)

    @property
    def solved(self) -> pd.DataFrame:
        """The rows that have a plan."""
        return self.frame[self.frame["status"] == SOLVED]


def overload(record: PlanRecord) -> float:
    """Return what stays above limits that books exceed today, each in parts of its limit.

    Where few leads may move, books come down before there is a plan (design: Today's overload). Two
    plans that leave them differently are of different problems, so their values say nothing about
    each other.
    """
    excess = (-stage.objective / FULL_LIMIT for stage in record.stages if stage.name == OVERLOAD)
    return max(0.0, next(excess, 0.0))


def assembled(
    axes: tuple[Axis, ...], currency: str, rows: Mapping[tuple[float, ...], dict[str, Any]]
) -> Frontier:
    """Return the frontier that rows make.

    Parameters
    ----------
    rows : what the frame tells of each plan, by its limits
    """
    order = sorted(rows)
    if len(axes) == 1:
        rows = _nested(order, rows)
    solved = [number for number, costs in enumerate(order) if rows[costs]["status"] == SOLVED]
    points = [_point(order[number], rows[order[number]]) for number in solved]
    frame = pd.DataFrame([rows[costs] for costs in order])
    for at, name in enumerate(_columns(axes)):
        frame.insert(1 + at, name, [costs[at] for costs in order])
    kept = {number for number, is_kept in zip(solved, efficient(points), strict=True) if is_kept}
    bend = None
    if len(axes) == 1:
        least = min(point.costs[-1] for point in points)
        alike = [at for at, point in enumerate(points) if point.costs[-1] <= least + ALIKE]
        bend = knee([replace(points[at], costs=points[at].costs[:1]) for at in alike])
        bend = bend and bend.renumbered([solved[at] for at in alike])
    frame["is_efficient"] = [number in kept for number in range(len(order))]
    frame["is_knee"] = [bend is not None and number == bend.number for number in range(len(order))]
    return Frontier(axes, currency, frame, bend)


def _point(costs: tuple[float, ...], row: Mapping[str, Any]) -> Point:
    """Return a plan as a point; what it leaves above limits is one more cost."""
    return Point((*costs, round(row["overload"] / ALIKE) * ALIKE), row["objective"], row["bound"])


def _nested(
    order: list[tuple[float, ...]], rows: Mapping[tuple[float, ...], dict[str, Any]]
) -> dict[tuple[float, ...], dict[str, Any]]:
    """Return rows in which no limit has a higher bound than a wider one, which allows all it does.

    Only where books that exceed a limit today are brought down alike are they of one problem.
    """
    lowest: dict[float, float] = {}
    found = dict(rows)
    for costs in reversed(order):
        row = rows[costs]
        if row["status"] != SOLVED:
            continue
        alike = [excess for excess in lowest if abs(excess - row["overload"]) <= ALIKE]
        known = [lowest[excess] for excess in alike]
        bound = max(min([row["bound"], *known]), row["objective"])
        lowest[row["overload"]] = bound
        gap_money = bound - row["objective"]
        share = gap_money / row["gap_money"] if row["gap_money"] > 0 else 1.0
        gap = row.get("gap")
        told = {"bound": bound, "gap_money": gap_money, "gap": gap and share * gap}
        found[costs] = {**row, **told}
    return found


def _columns(axes: tuple[Axis, ...]) -> list[str]:
    return [EPSILON] if len(axes) == 1 else [f"{EPSILON}_{axis.name}" for axis in axes]

"""The bound that row multipliers prove: one resource's limits hold exactly, as knapsacks.

Prices relax every limit. Here the limits of one resource stay, and a row may take none of its pairs
or several, at the price of its multiplier (Fisher, Jaikumar, Van Wassenhove 1986, "A multiplier
adjustment method for the generalized assignment problem", doi:10.1287/mnsc.32.9.1095). Each group
then fills its room on its own. With the best multipliers the bound is at most that of the best
prices (Geoffrion 1974, doi:10.1007/BFb0120690). This is the plain oracle of everything faster.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models.errors import ProblemError
from models.outcome import Multipliers
from models.resource import NOT_COUNTED, slack
from planner.bound import check_prices, conjugate, reduced_scores

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from models.arrays import Floats, Ints
    from models.outcome import Prices
    from models.problem import Problem
    from models.resource import Resource

MOST_CELLS = 200_000_000
"""Items times room, over all groups: what one evaluation may have to fill, in some 0.3 s."""
FINEST = 1e-6
"""Amounts that are no whole multiples of so much, or of ten times as much ..., are rounded down."""
WHOLE = 1e-9
HAIR = 1e-6
"""Rounding down, a unit may lack this share of itself, and the room grows by what is lacking."""
FINENESS, LEAST_FINENESS = 1000, 50
"""Where amounts are rounded down, the average one holds so many units."""


@dataclass(frozen=True, eq=False)
class Knapsacks:
    """One resource's hard upper limits in whole units.

    No assignment that keeps the limits, up to their tolerance, has more units than there is room.

    Attributes
    ----------
    resource : its place among the problem's resources
    group : (n_pairs,) int32, the limited group that a pair counts in; -1 for none
    units : (n_pairs,) int64, what a pair takes of its group's room; 0 for none
    room : (n_groups,) int64, at least 0; 0 where there is no hard limit
    """

    resource: int
    group: NDArray[np.int32]
    units: Ints
    room: Ints


def knapsack_bound(
    problem: Problem, by_resource: Sequence[Floats], by_row: Floats, resource: int
) -> float:
    """Return an upper bound in money on the objective of every assignment.

    bound(u) = sum_i u_i + sum_g max { sum_{p in g} (s_p - u_row(p)) x_p : units within room_g }
               + sum_{p in no limited group} max(0, s_p - u_row(p)) + conjugates of the prices,

    where s_p is the score less what the pair pays for the other resources. Every multiplier is
    valid; lower limits of the resource are held by their prices.

    Parameters
    ----------
    by_resource : per resource (n_groups,) prices, money per unit
    by_row : (n_rows,) multipliers, money
    resource : the place of the resource whose upper limits hold exactly

    Raises
    ------
    ProblemError : the resource has no such bound, or numbers are missing or not finite
    """
    check_multipliers(problem, by_row)
    sacks = knapsacks(problem, resource)
    worth, constant = relaxed_scores(problem, by_resource, sacks)
    profit = worth - np.repeat(by_row, np.diff(problem.indptr))
    free = sacks.group == NOT_COUNTED
    total = constant + float(by_row.sum()) + float(np.maximum(profit[free], 0.0).sum())
    wanted = np.flatnonzero(~free & (profit > 0))
    wanted = wanted[np.argsort(sacks.group[wanted], kind="stable")]
    groups, begins = np.unique(sacks.group[wanted], return_index=True)
    ends = np.append(begins[1:], len(wanted))[: len(groups)]
    for group, first, last in zip(groups, begins, ends, strict=True):
        items = wanted[first:last]
        total += _fill(profit[items], sacks.units[items], int(sacks.room[group]))
    # Absurd multipliers overflow to inf - inf, which proves nothing.
    return np.inf if np.isnan(total) else total


def prove_multipliers(
    problem: Problem, prices: Prices, by_row: Floats, resource: int
) -> Multipliers:
    """Return multipliers with the bound that they prove beside prices."""
    proved = knapsack_bound(problem, prices.by_resource, by_row, resource)
    return Multipliers(resource, by_row, prices, proved)


def knapsack_resource(problem: Problem, by_resource: Sequence[Floats]) -> int | None:
    """Return the resource whose limits are worth most under prices, of those with such a bound.

    None if there is none. Where all amounts are the same, knapsacks prove no more than prices do.
    """
    worth = [
        _room_worth(resource, price)
        for resource, price in zip(problem.resources, by_resource, strict=True)
    ]
    for index in sorted(range(len(worth)), key=lambda index: -worth[index]):
        is_of_use = worth[index] > 0 and _is_uneven(problem, index)
        if is_of_use and reason_against(problem, index) is None:
            return index
    return None


def reason_against(problem: Problem, resource: int) -> str | None:
    """Return why a resource has no knapsack bound; None if it has one."""
    try:
        knapsacks(problem, resource)
    except ProblemError as error:
        return str(error)
    return None


def knapsacks(problem: Problem, resource: int) -> Knapsacks:
    """Return a resource's limits as knapsacks.

    Raises
    ------
    ProblemError : the resource has several layers, no hard upper limit, amounts below 0, or too
        much room to fill
    """
    kept = problem.resources[resource]
    if len(kept.layers) != 1:
        raise ProblemError(f"a knapsack bound takes one layer; {kept.name} has {len(kept.layers)}")
    limited = is_limited(kept)
    if not limited.any():
        raise ProblemError(f"a knapsack bound takes hard upper limits; {kept.name} has none")
    (layer,) = kept.layers
    group = problem.pair_group(layer)
    group = np.where((group >= 0) & limited[group], group, NOT_COUNTED).astype(np.int32)
    amount = np.where(group == NOT_COUNTED, 0.0, problem.pair_amount(layer))
    if (amount < 0).any():
        raise ProblemError(f"a knapsack bound takes no amounts below 0, as {kept.name} has")
    # A plan may use the limit's tolerance.
    room = np.where(limited, kept.upper + slack(kept.upper) - kept.base, 0.0)
    for unit in _measures(group, amount, room):
        # Amounts beyond all measure overflow, and so do the cells.
        with np.errstate(over="ignore", invalid="ignore"):
            units, whole_room, num_cells = _in_units(group, amount, room, unit)
        if num_cells <= MOST_CELLS:
            return Knapsacks(resource, group, units.astype(np.int64), whole_room.astype(np.int64))
    raise ProblemError(f"{kept.name} has too much room for a knapsack bound")


def is_limited(resource: Resource) -> NDArray[np.bool_]:
    """Return (n_groups,) whether a group has a hard upper limit."""
    return np.isinf(resource.over_cost)


def relaxed_scores(
    problem: Problem, by_resource: Sequence[Floats], sacks: Knapsacks
) -> tuple[Floats, float]:
    """Return (n_pairs,) scores less what pairs pay for limits that prices hold, and a constant.

    The constant is the money of the conjugates of those limits.
    """
    check_prices(problem, by_resource)
    paid = other_prices(problem, by_resource, sacks.resource)
    constant = sum(
        float(conjugate(resource, price).sum())
        for resource, price in zip(problem.resources, paid, strict=True)
    )
    return reduced_scores(problem, paid), constant


def other_prices(
    problem: Problem, by_resource: Sequence[Floats], resource: int
) -> tuple[Floats, ...]:
    """Return prices without those of a resource's hard upper limits, which hold exactly."""
    price = by_resource[resource]
    limited = is_limited(problem.resources[resource])
    # A lower limit, which has prices below 0, keeps its own.
    lower = np.where(limited, np.minimum(price, 0.0), price)
    return (*by_resource[:resource], lower, *by_resource[resource + 1 :])


def check_multipliers(problem: Problem, by_row: Floats) -> None:
    """Raise ProblemError unless there is one finite multiplier per row."""
    if by_row.shape != (problem.num_rows,) or not np.isfinite(by_row).all():
        raise ProblemError(
            f"a knapsack bound takes {problem.num_rows} finite multipliers, got {by_row.shape}"
        )


def _measures(group: NDArray[np.int32], amount: Floats, room: Floats) -> Iterator[float]:
    """Yield units in which amounts may be measured: whole ones first, then one that rounds."""
    used = amount[amount > 0]
    if len(used) == 0:
        yield 1.0
        return
    whole = _whole_unit(used)
    if whole is not None:
        yield whole
    num_items = np.bincount(group[group >= 0], minlength=len(room))
    least = float(num_items @ np.maximum(room, 0.0)) / (MOST_CELLS / 2)
    mean = float(used.mean())
    if least <= mean / LEAST_FINENESS:
        yield max(least, mean / FINENESS)


def _whole_unit(amount: Floats) -> float | None:
    """Return the largest unit of which all amounts are whole multiples; None if it is too fine."""
    scale = 1.0
    while scale * FINEST <= 1.0:
        scaled = amount * scale
        whole = np.rint(scaled)
        if float(scaled.max()) >= 2.0**53:
            return None
        if (np.abs(scaled - whole) <= WHOLE * np.maximum(1.0, scaled)).all():
            return int(np.gcd.reduce(whole.astype(np.int64))) / scale
        scale *= 10.0
    return None


def _in_units(
    group: NDArray[np.int32], amount: Floats, room: Floats, unit: float
) -> tuple[Floats, Floats, float]:
    """Return units of pairs and of rooms, and how many cells knapsacks of them have."""

    def of_groups(values: Floats) -> Floats:
        sums = np.bincount(group[counted], values[counted], minlength=len(room))
        return sums.astype(np.float64)

    counted = group != NOT_COUNTED
    units = np.floor(amount / unit + HAIR)
    raised = np.maximum(units * unit - amount, 0.0)
    whole_room = np.floor((room + of_groups(raised)) / unit + HAIR)
    whole_room = np.clip(whole_room, 0.0, of_groups(units))
    num_cells = float(of_groups(np.ones(len(units))) @ (whole_room + 1.0))
    # What does not fit need not be told apart.
    return np.minimum(units, np.append(whole_room, 0.0)[group] + 1.0), whole_room, num_cells


def _room_worth(resource: Resource, price: Floats) -> float:
    """Return the money that the room of a resource's hard upper limits is worth under prices."""
    limited = is_limited(resource)
    room = (resource.upper - resource.base)[limited]
    return float((np.maximum(price[limited], 0.0) * room).sum())


def _is_uneven(problem: Problem, resource: int) -> bool:
    """Return whether a resource's amounts differ from each other."""
    for layer in problem.resources[resource].layers:
        amount = problem.pair_amount(layer)
        used = amount[amount != 0]
        if len(used) and used.min() < used.max():
            return True
    return False


def _fill(profit: Floats, units: Ints, room: int) -> float:
    """Return the most profit of items within the room (Bellman 1957, "Dynamic Programming")."""
    if units.sum() <= room:
        return float(profit.sum())
    best = np.zeros(room + 1)
    for gain, size in zip(profit.tolist(), units.tolist(), strict=True):
        if size <= room:
            best[size:] = np.maximum(best[size:], best[: room + 1 - size] + gain)
    return float(best[room])

"""The knapsack bound by compiled passes: which pairs would fill each group's room best."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit, prange

from models.resource import NOT_COUNTED
from planner.knapsack_bound import relaxed_scores

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from models.arrays import Floats, Ints
    from models.problem import Problem
    from planner.knapsack_bound import Knapsacks


class Items(NamedTuple):
    """The pairs of limited groups, one group after the other.

    Attributes
    ----------
    first : (n_groups + 1,) int64, where each group's items begin
    room : (n_groups,) int64, in units, at least 0
    row : (n_items,) int32
    units : (n_items,) int64, at least 0; what an item takes of the room
    worth : (n_items,) float64, money, before the row's multiplier
    """

    first: Ints
    room: Ints
    row: NDArray[np.int32]
    units: Ints
    worth: Floats


class KnapsackPass:
    """Evaluates the knapsack bound of one problem under given prices.

    Parameters
    ----------
    sacks : the limits that hold exactly
    by_resource : per resource (n_groups,) prices, which hold all others
    """

    def __init__(self, problem: Problem, by_resource: Sequence[Floats], sacks: Knapsacks) -> None:
        worth, self._constant = relaxed_scores(problem, by_resource, sacks)
        row = problem.pair_rows().astype(np.int32)
        order = np.argsort(sacks.group, kind="stable")
        num_free = int(np.count_nonzero(sacks.group == NOT_COUNTED))
        free, limited = order[:num_free], order[num_free:]
        num_groups = len(sacks.room)
        self._num_rows = problem.num_rows
        self._free_row, self._free_worth = row[free], worth[free]
        self._items = Items(
            first=np.searchsorted(sacks.group[limited], np.arange(num_groups + 1)).astype(np.int64),
            room=sacks.room,
            row=row[limited],
            units=sacks.units[limited],
            worth=worth[limited],
        )
        self._taken = np.zeros(len(limited), np.bool_)

    def evaluate(self, by_row: Floats) -> tuple[float, Ints]:
        """Return the bound in money, and (n_rows,) int64 how many pairs of each row are taken.

        Parameters
        ----------
        by_row : (n_rows,) float64 multipliers, money
        """
        # Sums are numpy's: numba's would depend on the number of threads.
        filled = fill_knapsacks(self._items, by_row, self._taken)
        profit = self._free_worth - by_row[self._free_row]
        is_wanted = profit > 0
        total = self._constant + by_row.sum() + filled.sum() + profit[is_wanted].sum()
        rows = np.concatenate([self._items.row[self._taken], self._free_row[is_wanted]])
        return float(total), np.bincount(rows, minlength=self._num_rows)


@njit(parallel=True, cache=True)
def fill_knapsacks(items: Items, by_row: Floats, taken: NDArray[np.bool_]) -> Floats:
    """Return (n_groups,) money: the most that items within each room bring.

    Parameters
    ----------
    by_row : (n_rows,) money that an item of the row costs
    taken : (n_items,) bool, written: which items such a choice takes
    """
    value = np.zeros(len(items.room))
    for group in prange(len(items.room)):
        first, last = items.first[group], items.first[group + 1]
        profit = np.empty(last - first)
        for k in range(first, last):
            profit[k - first] = items.worth[k] - by_row[items.row[k]]
        mine = taken[first:last]
        _fill(profit, items.units[first:last], items.room[group], mine)
        for k in range(len(mine)):
            if mine[k]:
                value[group] += profit[k]
    return value


@njit(cache=True)
def _fill(profit: Floats, units: Ints, room: int, taken: NDArray[np.bool_]) -> None:
    """Write which items bring the most profit within the room."""
    open_items = np.empty(len(profit), np.int64)
    count, needed = 0, 0
    for k in range(len(profit)):
        taken[k] = profit[k] > 0.0 and units[k] <= room
        if taken[k] and units[k] > 0:
            open_items[count] = k
            count += 1
            needed += units[k]
    if needed > room:
        taken[open_items[:count]] = False
        rate = profit[open_items[:count]] / units[open_items[:count]]
        _choose(profit, units, room, open_items[np.argsort(-rate)], taken)


@njit(cache=True)
def _choose(profit: Floats, units: Ints, room: int, order: Ints, taken: NDArray[np.bool_]) -> None:
    """Take the best of items that do not all fit, given by falling rates of profit per unit.

    An item whose other place loses more against the bound than the greedy choice does is settled
    (Dembo, Hammer 1980, "A reduction algorithm for knapsack problems"); for the others the room
    is filled unit by unit.
    """
    num_first, found, most = _choose_greedily(profit, units, room, order, taken)
    rate = profit[order[num_first]] / units[order[num_first]]
    core = np.empty(len(order), np.int64)
    count, core_room, settled = 0, room, 0.0
    for place in range(len(order)):
        k = order[place]
        if abs(profit[k] - units[k] * rate) < most - found:
            core[count] = k
            count += 1
        elif place < num_first:
            core_room -= units[k]
            settled += profit[k]
    core = core[:count]
    best, take = _fill_exactly(profit[core], units[core], core_room)
    if settled + best > found:
        taken[order[:num_first]] = True
        taken[order[num_first:]] = False
        for item in range(count - 1, -1, -1):
            is_taken = take[item, core_room]
            taken[core[item]] = is_taken
            if is_taken:
                core_room -= units[core[item]]


@njit(cache=True)
def _choose_greedily(
    profit: Floats, units: Ints, room: int, order: Ints, taken: NDArray[np.bool_]
) -> tuple[int, float, float]:
    """Take what fits, in order; return how many do before the first that does not, and money.

    The money is the choice's profit, and the bound on any choice's that the rate of that first item
    proves (Dantzig 1957, doi:10.1287/opre.5.2.266).
    """
    left, found, num_first = room, 0.0, 0
    while units[order[num_first]] <= left:
        taken[order[num_first]] = True
        left -= units[order[num_first]]
        found += profit[order[num_first]]
        num_first += 1
    most = found + left * profit[order[num_first]] / units[order[num_first]]
    for k in order[num_first:]:
        if units[k] <= left:
            taken[k] = True
            left -= units[k]
            found += profit[k]
    return num_first, found, most


@njit(cache=True)
def _fill_exactly(profit: Floats, units: Ints, room: int) -> tuple[float, NDArray[np.bool_]]:
    """Return the most profit within the room, and where each item is in, (n_items, room + 1)."""
    take = np.zeros((len(profit), room + 1), np.bool_)
    best, after = np.zeros(room + 1), np.zeros(room + 1)
    for item in range(len(profit)):
        gain, size, mine = profit[item], min(units[item], room + 1), take[item]
        after[:size] = best[:size]
        for left in range(room + 1 - size):
            with_it = best[left] + gain
            without = best[left + size]
            mine[left + size] = with_it > without
            after[left + size] = max(with_it, without)
        best, after = after, best
    return best[room], take

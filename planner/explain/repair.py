"""A feasible plan with one pair forced, made from a plan by a chain of moves.

What the pair breaks is mended one limit at a time by the cheapest move of another row, which may
break a limit elsewhere, until all hold: an ejection chain (Glover 1996,
doi:10.1016/0166-218X(94)00037-E). Then rows move where they gain and room was left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.resource import NOT_COUNTED, slack

if TYPE_CHECKING:
    from models.arrays import Floats, Ints
    from models.problem import Problem

MOVES_AT_MOST = 60
"""Moves that mend, and then as many that gain."""
DEARER = 3.0
"""A limit broken elsewhere costs so many times what an average pair earns with its room."""


def repaired(problem: Problem, chosen: Ints, row: int, pair: int) -> Ints | None:
    """Return a feasible assignment that has a pair; None if the chain of moves ends without one.

    Parameters
    ----------
    chosen : (n_rows,) a feasible assignment
    row, pair : what is forced, a pair of that row
    """
    search = _Search(problem, chosen)
    search.move(row, pair)
    for _ in range(MOVES_AT_MOST):
        if not search.mend():
            break
    if not problem.is_feasible(search.chosen):
        return None
    for _ in range(MOVES_AT_MOST):
        if not search.gain():
            break
    return search.chosen if problem.is_feasible(search.chosen) else None


def filled(problem: Problem, chosen: Ints, rep: int) -> Ints:
    """Return a feasible assignment in which rows move to a rep, and to who has room then.

    Parameters
    ----------
    chosen : (n_rows,) a feasible assignment
    rep : by position
    """
    search = _Search(problem, chosen)
    search.open_to(rep)
    while search.gain():
        pass
    return search.chosen if problem.is_feasible(search.chosen) else np.array(chosen)


class _Search:
    """An assignment, its loads, and which rows may still move."""

    def __init__(self, problem: Problem, chosen: Ints) -> None:
        self._problem = problem
        self.chosen = np.array(chosen)
        self._loads = [np.array(load) for load in problem.loads(chosen)]
        self._is_free = np.ones(problem.num_rows, bool)
        self._touched: list[set[int]] = [set() for _ in problem.resources]
        self._row = problem.pair_rows()
        self._amounts = [[problem.pair_amount(y) for y in r.layers] for r in problem.resources]
        earned = np.abs(problem.score[chosen]).mean() if len(chosen) else 1.0
        self._penalty = [DEARER * earned / _scale(amounts) for amounts in self._amounts]

    def move(self, row: int, pair: int) -> None:
        """Give a row another pair, which it then keeps."""
        for number, resource in enumerate(self._problem.resources):
            for layer, amount in zip(resource.layers, self._amounts[number], strict=True):
                group = self._problem.pair_group(layer)
                for one, sign in ((self.chosen[row], -1.0), (pair, 1.0)):
                    if group[one] != NOT_COUNTED:
                        self._loads[number][group[one]] += sign * amount[one]
                        self._touched[number].add(int(group[one]))
        self.chosen[row] = pair
        self._is_free[row] = False

    def open_to(self, rep: int) -> None:
        """Let rows move to a rep."""
        is_reps = self._problem.rep == rep
        for touched, resource in zip(self._touched, self._problem.resources, strict=True):
            for layer in resource.layers:
                touched |= set(np.unique(self._problem.pair_group(layer)[is_reps]).tolist())

    def mend(self) -> bool:
        """Make the move that mends the most broken limit best; return whether there was one."""
        broken = self._most_broken()
        if broken is None:
            return False
        number, group, is_over = broken
        resource = self._problem.resources[number]
        helps = np.zeros(self._problem.num_pairs)
        own = np.zeros(self._problem.num_rows)
        for layer, amount in zip(resource.layers, self._amounts[number], strict=True):
            counted = np.where(self._problem.pair_group(layer) == group, amount, 0.0)
            helps += counted
            own += counted[self.chosen]
        change = helps - own[self._row]
        pairs = np.flatnonzero((change < 0 if is_over else change > 0) & self._is_free[self._row])
        if not len(pairs):
            return False
        value = self._values(pairs)
        best = int(pairs[np.argmax(value)])
        self.move(int(self._row[best]), best)
        return True

    def gain(self) -> bool:
        """Make the move that gains most where loads have changed; return whether there was one."""
        touched = np.zeros(self._problem.num_pairs, bool)
        for resource, groups in zip(self._problem.resources, self._touched, strict=True):
            if counted := groups - {NOT_COUNTED}:
                for layer in resource.layers:
                    touched |= np.isin(self._problem.pair_group(layer), list(counted))
        pairs = np.flatnonzero(touched & self._is_free[self._row])
        pairs = pairs[self.chosen[self._row[pairs]] != pairs]
        if not len(pairs):
            return False
        value = self._values(pairs)
        at = int(np.argmax(value))
        if value[at] <= 0:
            return False
        row, pair = int(self._row[pairs[at]]), int(pairs[at])
        before = int(self.chosen[row])
        self.move(row, pair)
        if self._most_broken() is None:
            return True
        # Paid for by more than the penalty of what it breaks, which must not be broken at all.
        self.move(row, before)
        return False

    def _most_broken(self) -> tuple[int, int, bool] | None:
        """Return the hard limit that is broken most, as resource, group, and whether from above."""
        worst, found = 0.0, None
        for number, (resource, load) in enumerate(
            zip(self._problem.resources, self._loads, strict=True)
        ):
            over = np.where(np.isinf(resource.over_cost), load - resource.upper, -np.inf)
            under = np.where(np.isinf(resource.under_cost), resource.lower - load, -np.inf)
            for excess, limit, is_over in (
                (over - slack(resource.upper), resource.upper, True),
                (under - slack(resource.lower), resource.lower, False),
            ):
                if not len(excess):
                    continue
                group = int(np.argmax(excess))
                share = excess[group] * self._penalty[number]
                if np.isfinite(limit[group]) and share > worst:
                    worst, found = share, (number, group, is_over)
        return found

    def _values(self, pairs: Ints) -> Floats:
        """Return (n,) money: what rows gain by other pairs, less the penalty of what they break."""
        old = self.chosen[self._row[pairs]]
        value = self._problem.score[pairs] - self._problem.score[old]
        for number, resource in enumerate(self._problem.resources):
            for layer, amount in zip(resource.layers, self._amounts[number], strict=True):
                group = self._problem.pair_group(layer)
                new_group, old_group = (group[one].astype(np.int64) for one in (pairs, old))
                same = new_group == old_group
                change = np.where(same, amount[pairs] - amount[old], amount[pairs])
                value -= self._cost(number, new_group, change)
                value -= self._cost(number, old_group, np.where(same, 0.0, -amount[old]))
        return value

    def _cost(self, number: int, group: Ints, change: Floats) -> Floats:
        """Return (n,) by how much changes of loads raise soft costs and penalties, money."""
        resource, penalty = self._problem.resources[number], self._penalty[number]
        counted = (group != NOT_COUNTED) & (change != 0)
        at = np.where(counted, group, 0)
        before = self._loads[number][at]
        cost = np.zeros(len(group))
        for limit, price, sign in (
            (resource.upper, resource.over_cost, 1.0),
            (resource.lower, resource.under_cost, -1.0),
        ):
            rate = np.where(np.isinf(price), penalty, price)[at]
            margin = np.where(np.isinf(price), slack(limit), 0.0)[at]
            end = np.where(rate > 0, limit[at], 0.0)
            after = np.maximum(sign * (before + change - end) - margin, 0.0)
            cost += rate * (after - np.maximum(sign * (before - end) - margin, 0.0))
        return np.where(counted, cost, 0.0)


def _scale(amounts: list[Floats]) -> float:
    """Return the mean amount of the pairs that count in a resource."""
    counted = [np.abs(amount[amount != 0]) for amount in amounts]
    together = np.concatenate(counted) if counted else np.zeros(0)
    return float(together.mean()) if len(together) else 1.0

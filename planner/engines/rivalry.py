"""Which reps to free together: those where the gap is lost, and who competes with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.problem import NOBODY
from planner.bound import best_pairs, unused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from models.arrays import Floats, Ints
    from models.outcome import Prices
    from models.problem import Problem
    from models.resource import Resource

EVERYBODY = 0.1
"""A rep's least weight, as a share of the mean weight: nobody is left out for ever."""
REPS_AT_ONCE = 8
"""So many reps are drawn before their pairs are counted."""


class Rivalry:
    """Draws competing reps.

    Parameters
    ----------
    problem : the problem whose reps are drawn
    loss : (n_pairs,) money, see `planner.bound.losses`
    """

    def __init__(self, problem: Problem, loss: Floats) -> None:
        self._problem = problem
        self._loss = loss
        self._row = problem.pair_rows()
        self._favourite = problem.rep[best_pairs(problem, -loss)]
        self._users = [_users(problem, resource) for resource in problem.resources]

    def weights(self, prices: Prices, chosen: Ints) -> Floats:
        """Return (n_reps,) money, above 0: how much of the gap arises where each rep is involved.

        A row's loss counts for the rep who has it and for the one who should; the price of unused
        room counts for the reps of the group, in equal parts.
        """
        size, lost = self._problem.num_reps, self._loss[chosen]
        weight = np.bincount(self._problem.rep[chosen] + 1, lost, minlength=size + 1)[1:]
        weight += np.bincount(self._favourite + 1, lost, minlength=size + 1)[1:]
        room = unused(self._problem, prices.by_resource, chosen)
        for money, (group, rep) in zip(room, self._users, strict=True):
            sharing = np.bincount(group, minlength=len(money))
            weight += np.bincount(rep, (money / np.maximum(sharing, 1))[group], minlength=size)
        least = EVERYBODY * float(np.maximum(weight, 0.0).mean()) if size else 0.0
        return np.add(np.maximum(weight, 0.0), least or 1.0)

    def draw(
        self,
        rng: np.random.Generator,
        near: NDArray[np.bool_],
        chosen: Ints,
        weight: Floats,
        most: int,
    ) -> tuple[Ints, Ints]:
        """Return pairs to free together, and the reps who may hold them.

        Reps join until `most` near pairs besides the chosen ones lie among them and nobody.

        Parameters
        ----------
        near : (n_pairs,) whether a pair is worth freeing
        weight : (n_reps,) see `weights`; who has 0 is not drawn
        """
        problem, size = self._problem, self._problem.num_reps
        is_free = near.copy()
        is_free[chosen] = True
        pair = np.flatnonzero(is_free)
        rep, row = problem.rep[pair], self._row[pair]
        holder = problem.rep[chosen][row]
        extra = pair != chosen[row]
        place = np.full(size + 1, size + 1)
        place[NOBODY] = 0
        reps: list[int] = []
        for drawn in _rivals(rng, rep, row, weight):
            reps.append(drawn)
            place[drawn] = count = len(reps)
            if count % REPS_AT_ONCE == 0 and _freed(place, holder, rep, extra, count)[-1] >= most:
                break
        freed = _freed(place, holder, rep, extra, len(reps))
        last = min(int(np.searchsorted(freed, most)), len(reps))
        joins = np.maximum(place[holder], place[rep])
        return pair[joins <= last], np.array(reps[:last], np.int64)

    def without_rows_of(self, pairs: Ints, near: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return (n_pairs,) `near` without any pair of the rows that some pairs belong to."""
        is_taken = np.zeros(self._problem.num_rows, np.bool_)
        is_taken[self._row[pairs]] = True
        left: NDArray[np.bool_] = near & ~is_taken[self._row]
        return left


def _freed(
    place: Ints,
    holder: NDArray[np.int32],
    rep: NDArray[np.int32],
    extra: NDArray[np.bool_],
    count: int,
) -> Ints:
    """Return (count + 1,) how many extra pairs lie among nobody and the first reps drawn."""
    joins = np.maximum(place[holder], place[rep])
    freed: Ints = np.cumsum(np.bincount(joins[extra], minlength=count + 1)[: count + 1])
    return freed


def _rivals(
    rng: np.random.Generator, rep: NDArray[np.int32], row: Ints, weight: Floats
) -> Iterator[int]:
    """Yield reps: the first by weight, the next by weight x rows shared with the earlier ones.

    Parameters
    ----------
    rep, row : (k,) of the pairs that count, sorted by row
    """
    by_rep = np.argsort(rep, kind="stable")
    of_rep = np.searchsorted(rep[by_rep], np.arange(len(weight) + 1))
    first = np.searchsorted(row, row, side="left")
    length = np.searchsorted(row, row, side="right") - first
    weight, shared = weight.copy(), np.zeros(len(weight))
    while weight.any():
        chance = weight * shared if (weight * shared).any() else weight
        drawn = int(rng.choice(len(weight), p=chance / chance.sum()))
        yield drawn
        weight[drawn] = 0.0
        held = by_rep[of_rep[drawn] : of_rep[drawn + 1]]
        inside = rep[_ranges(first[held], length[held])]
        shared += np.bincount(inside[inside != NOBODY], minlength=len(weight))


def _ranges(first: Ints, length: Ints) -> Ints:
    """Return the numbers first .. first + length - 1 of each range, one after the other."""
    before = np.cumsum(length) - length
    return np.repeat(first - before, length) + np.arange(length.sum())


def _users(problem: Problem, resource: Resource) -> tuple[Ints, Ints]:
    """Return (group, rep) of everyone who may add to a group, each once."""
    keys = [
        group[used].astype(np.int64) * problem.num_reps + problem.rep[used]
        for group in map(problem.pair_group, resource.layers)
        for used in [(group >= 0) & (problem.rep != NOBODY)]
    ]
    key = np.unique(np.concatenate([np.zeros(0, np.int64), *keys]))
    return key // max(problem.num_reps, 1), key % max(problem.num_reps, 1)

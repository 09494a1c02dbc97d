"""A problem with its rows and reps in a random order that the seed decides.

Solvers break ties by the order of what they are given. In a random order equal reps have equal
chances, and so have equal leads, whatever the solver: neither ids nor the order of tables favour
anybody (requirement R39).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from models.outcome import Multipliers, Outcome, Prices
from planner.engines.engine import Progress, Start
from planner.engines.ties import rep_ties, row_ties

if TYPE_CHECKING:
    from models.arrays import Floats, Ints
    from models.problem import Problem
    from models.resource import Layer, Resource
    from planner.engines.engine import Watcher

Known = TypeVar("Known", Outcome, Progress)


@dataclass(frozen=True, eq=False)
class Shuffled:
    """A problem in another order, and the way back.

    Attributes
    ----------
    problem : the rows, their pairs and the reps in the new order; nobody stays last in a row
    rows, pairs, reps : (n_rows,), (n_pairs,), (n_reps,) int64, where each was before
    by_rep : per resource, whether its groups are the reps
    """

    problem: Problem
    rows: Ints
    pairs: Ints
    reps: Ints
    by_rep: tuple[bool, ...]

    @classmethod
    def of(cls, problem: Problem, seed: int) -> Shuffled:
        """Return a problem in the order of a seed."""
        rows = np.argsort(row_ties(problem, seed), kind="stable")
        reps = np.argsort(rep_ties(problem, seed), kind="stable")
        rep = np.append(_places(reps), problem.num_reps)[problem.rep]
        row = _places(rows)[problem.pair_rows()]
        pairs = np.argsort(row * (problem.num_reps + 1) + rep, kind="stable")
        by_rep = tuple(_is_by_rep(resource) for resource in problem.resources)
        resources = [
            _reordered(problem, resource, rows, pairs, reps if is_by_rep else None)
            for resource, is_by_rep in zip(problem.resources, by_rep, strict=True)
        ]
        rep = np.append(_places(reps), -1)[problem.rep]
        new = replace(
            problem,
            indptr=np.append(0, np.cumsum(np.diff(problem.indptr)[rows])),
            rep=rep[pairs],
            score=problem.score[pairs],
            resources=tuple(resources),
            row_key=problem.row_key[rows],
            rep_key=problem.rep_key[reps],
            arrival=problem.arrival[rows],
        )
        return cls(new, rows, pairs, reps, by_rep)

    def start(self, start: Start | None) -> Start | None:
        """Return a start in the new order."""
        if start is None:
            return None
        prices = start.prices
        if prices is not None:
            known = zip(prices, self.by_rep, strict=True)
            prices = tuple(price[self.reps] if is_by_rep else price for price, is_by_rep in known)
        return Start(_places(self.pairs)[start.chosen[self.rows]], prices)

    def back(self, known: Known) -> Known:
        """Return what is known of the shuffled problem in the order that was."""
        return replace(
            known,
            chosen=None if known.chosen is None else self._chosen(known.chosen),
            prices=None if known.prices is None else self._prices(known.prices),
            multipliers=self._multipliers(known.multipliers),
        )

    def _chosen(self, chosen: Ints) -> Ints:
        before = np.empty(len(self.rows), np.int64)
        before[self.rows] = self.pairs[chosen]
        return before

    def _prices(self, prices: Prices) -> Prices:
        known = zip(prices.by_resource, self.by_rep, strict=True)
        places = _places(self.reps)
        by_resource = tuple(price[places] if is_by_rep else price for price, is_by_rep in known)
        return Prices(by_resource, prices.bound)

    def _multipliers(self, multipliers: Multipliers | None) -> Multipliers | None:
        if multipliers is None:
            return None
        by_row = multipliers.by_row[_places(self.rows)]
        return replace(multipliers, by_row=by_row, prices=self._prices(multipliers.prices))


class ShuffledWatcher:
    """Passes on what is heard of a shuffled problem, in the order that was."""

    def __init__(self, shuffled: Shuffled, watcher: Watcher) -> None:
        self._shuffled, self._watcher = shuffled, watcher

    def report(self, progress: Progress) -> None:
        """Take note of an improvement."""
        self._watcher.report(self._shuffled.back(progress))

    def should_stop(self) -> bool:
        """Whether the run was cancelled or its time is over."""
        return self._watcher.should_stop()


def _places(order: Ints) -> Ints:
    """Return where each thing is now, given which is where."""
    places = np.empty(len(order), np.int64)
    places[order] = np.arange(len(order))
    return places


def _is_by_rep(resource: Resource) -> bool:
    return any(layer.group is None for layer in resource.layers)


def _reordered(
    problem: Problem, resource: Resource, rows: Ints, pairs: Ints, reps: Ints | None
) -> Resource:
    """Return a resource for the new order; `reps` are its groups where they are given."""
    layers = tuple(_layer(problem, layer, rows, pairs, reps) for layer in resource.layers)
    if reps is None:
        return replace(resource, layers=layers)
    limits = ("base", "lower", "upper", "under_cost", "over_cost")
    moved = {name: getattr(resource, name)[reps] for name in limits}
    if resource.relief is not None:
        moved["relief"] = replace(resource.relief, step=resource.relief.step[reps])
    return replace(resource, layers=layers, **moved)


def _layer(problem: Problem, layer: Layer, rows: Ints, pairs: Ints, reps: Ints | None) -> Layer:
    # Where there are as many pairs as rows, both orders are the same.
    is_by_pair = len(layer.amount) == problem.num_pairs
    group = layer.group
    if group is not None:
        places: Floats | Ints = np.arange(int(group.max(initial=-1)) + 1)
        if reps is not None:
            places = _places(reps)
        group = np.append(places, -1)[group][pairs].astype(np.int32)
    return replace(layer, amount=layer.amount[pairs if is_by_pair else rows], group=group)

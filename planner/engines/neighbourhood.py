"""A part of a problem: some rows freed, everything else as an assignment has it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from models.problem import Layer, Problem

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.problem import Floats, Ints, Resource


def restrict(
    problem: Problem, rows: Ints, pairs: Ints, chosen: Ints, loads: tuple[Floats, ...]
) -> Problem:
    """Return the problem of placing `rows` anew among `pairs`, all other rows as chosen.

    Parameters
    ----------
    rows : (k,) sorted rows to free
    pairs : sorted pairs to choose from, at least one per row
    chosen : (n_rows,) the present assignment
    loads : per resource (n_groups,) its loads
    """
    row_of_pair = np.searchsorted(problem.indptr, pairs, side="right") - 1
    counts = np.bincount(np.searchsorted(rows, row_of_pair), minlength=len(rows))
    freed = chosen[rows]
    resources = []
    for resource, load in zip(problem.resources, loads, strict=True):
        base = np.array(load)
        layers = []
        for layer in resource.layers:
            group = problem.rep if layer.group is None else layer.group
            per_pair = len(layer.amount) == problem.num_pairs
            amount = layer.amount[pairs] if per_pair else layer.amount[row_of_pair]
            held = layer.amount[freed] if per_pair else layer.amount[rows]
            counted = group[freed] >= 0
            np.subtract.at(base, group[freed][counted], held[counted])
            layers.append(Layer(amount, group[pairs]))
        resources.append(_near(replace(resource, layers=tuple(layers), base=base)))
    return Problem(
        indptr=np.r_[0, np.cumsum(counts)],
        rep=problem.rep[pairs],
        score=problem.score[pairs],
        num_reps=problem.num_reps,
        resources=tuple(resources),
        row_key=problem.row_key[rows],
        rep_key=problem.rep_key,
    )


def _near(resource: Resource) -> Resource:
    """Return the resource with only the groups that its pairs touch: the others cannot change."""
    groups = np.unique(np.concatenate([layer.group for layer in resource.layers]))
    groups = groups[groups >= 0]
    new = np.full(resource.num_groups + 1, -1, np.int32)
    new[groups] = np.arange(len(groups))
    return replace(
        resource,
        layers=tuple(Layer(layer.amount, new[layer.group]) for layer in resource.layers),
        base=resource.base[groups],
        lower=resource.lower[groups],
        upper=resource.upper[groups],
        under_cost=resource.under_cost[groups],
        over_cost=resource.over_cost[groups],
    )


def pairs_of_rows(problem: Problem, rows: Ints) -> NDArray[np.int64]:
    """Return the pairs of some rows, row after row."""
    length = problem.indptr[rows + 1] - problem.indptr[rows]
    before = np.cumsum(length) - length
    return np.repeat(problem.indptr[rows] - before, length) + np.arange(length.sum())

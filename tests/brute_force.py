"""The best assignment by trying all of them: the oracle of small problems."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.problem import NOBODY
from models.resource import NOT_COUNTED, slack

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.arrays import Floats, Ints
    from models.problem import Problem
    from models.resource import Resource

MOST_PLANS = 2_000_000


def best_assignment(
    problem: Problem, allowed: NDArray[np.bool_] | None = None
) -> tuple[Ints | None, float]:
    """Return (n_rows,) the best feasible choice of pairs and its objective; (None, -inf) if none.

    Only allowed pairs, (n_pairs,), may be chosen; all if not given.

    Loads and costs are computed here anew, not by the methods of `Problem`; hard limits hold up
    to the same tolerance, 1e-6 x max(1, abs(limit)).
    """
    sizes = np.diff(problem.indptr)
    if sizes.prod(dtype=np.float64) > MOST_PLANS:
        raise ValueError(f"{sizes.prod(dtype=np.float64):g} plans are too many to try them all")
    score = problem.score if allowed is None else np.where(allowed, problem.score, -np.inf)
    value = _sums(problem, score[:, None])[:, 0]
    for resource in problem.resources:
        load = resource.base + _sums(problem, _use(problem, resource))
        value -= _cost(load - resource.upper, resource.over_cost, slack(resource.upper))
        value -= _cost(resource.lower - load, resource.under_cost, slack(resource.lower))
    best = int(np.argmax(value))
    if np.isneginf(value[best]):
        return None, -np.inf
    return problem.indptr[:-1] + np.array(np.unravel_index(best, sizes)), float(value[best])


def _sums(problem: Problem, values: Floats) -> Floats:
    """Return (n_plans, k): the sum of (n_pairs, k) values over the pairs of each plan.

    Plans are in the order of `numpy.unravel_index`: the last row's pair changes fastest.
    """
    sums = np.zeros((1, values.shape[1]))
    for first, last in zip(problem.indptr[:-1], problem.indptr[1:], strict=True):
        sums = (sums[:, None, :] + values[first:last]).reshape(-1, values.shape[1])
    return sums


def _use(problem: Problem, resource: Resource) -> Floats:
    """Return (n_pairs, n_groups): what each pair adds to each group."""
    use = np.zeros((problem.num_pairs, resource.num_groups))
    row = problem.pair_rows()
    for layer in resource.layers:
        group = problem.rep if layer.group is None else layer.group
        per_pair = len(layer.amount) == problem.num_pairs
        for pair in range(problem.num_pairs):
            if group[pair] not in (NOBODY, NOT_COUNTED):
                use[pair, group[pair]] += layer.amount[pair if per_pair else row[pair]]
    return use


def _cost(excess: Floats, cost: Floats, tolerance: Floats) -> Floats:
    """Return (n_plans,) money for (n_plans, n_groups) loads beyond a limit, inf if hard."""
    hard = np.isinf(cost)
    soft = np.where(hard, 0.0, cost)
    paid = (np.maximum(excess, 0.0) * soft).sum(axis=1)
    broken = (hard & (excess > tolerance)).any(axis=1)
    return np.where(broken, np.inf, paid)

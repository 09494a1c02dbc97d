"""The bound that any prices prove: the plain oracle of everything that is faster."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.errors import ProblemError
from models.outcome import Prices

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.problem import Floats, Problem, Resource


def reduced_scores(problem: Problem, by_resource: Sequence[Floats]) -> Floats:
    """Return (n_pairs,) money: score minus what the pair pays for the resources it uses."""
    reduced = problem.score.copy()
    for resource, price in zip(problem.resources, by_resource, strict=True):
        for layer in resource.layers:
            group = problem.pair_group(layer)
            reduced -= np.where(group >= 0, price[group], 0.0) * problem.pair_amount(layer)
    return reduced


def bound(problem: Problem, by_resource: Sequence[Floats]) -> float:
    """Return an upper bound in money on the objective of every assignment.

    bound(q) = sum_i max_{p of i} (score_p - sum_r q_{r,g} amount_rp) + sum_rg conj_rg(q_rg)

    Weak Lagrangian duality (Geoffrion 1974, "Lagrangean relaxation for integer programming",
    doi:10.1007/BFb0120690): every price vector is valid; +inf outside -under_cost .. over_cost.

    Parameters
    ----------
    by_resource : per resource (n_groups,) prices, money per unit
    """
    check_prices(problem, by_resource)
    best = np.maximum.reduceat(reduced_scores(problem, by_resource), problem.indptr[:-1])
    return float(best.sum() + sum(map(conjugate, problem.resources, by_resource)))


def conjugate(resource: Resource, price: Floats) -> float:
    """Return sum over groups of max over L of price (L - base) - cost(L), in money.

    The maximum lies at the upper limit for a positive price, at the lower for a negative one.
    """
    if ((price > resource.over_cost) | (price < -resource.under_cost)).any():
        return np.inf
    at_upper, at_lower = price > 0, price < 0
    total = price[at_upper] @ (resource.upper - resource.base)[at_upper]
    return float(total + price[at_lower] @ (resource.lower - resource.base)[at_lower])


def prove(problem: Problem, by_resource: Sequence[Floats]) -> Prices:
    """Return prices clipped into their valid range, with the bound that they prove."""
    clipped = tuple(
        np.clip(np.nan_to_num(price), -resource.under_cost, resource.over_cost)
        for resource, price in zip(problem.resources, by_resource, strict=True)
    )
    return Prices(clipped, bound(problem, clipped))


def zero_prices(problem: Problem) -> Prices:
    """Return prices of 0, which are always valid: every row takes its best pair."""
    return prove(problem, [np.zeros(resource.num_groups) for resource in problem.resources])


def check_prices(problem: Problem, by_resource: Sequence[Floats]) -> None:
    """Raise ProblemError unless there is one finite price per resource and group."""
    if len(by_resource) != len(problem.resources):
        raise ProblemError(
            f"{len(by_resource)} price vectors for {len(problem.resources)} resources"
        )
    for resource, price in zip(problem.resources, by_resource, strict=True):
        if len(price) != resource.num_groups or not np.isfinite(price).all():
            raise ProblemError(
                f"resource {resource.name!r}: needs {resource.num_groups} finite prices, "
                f"got {len(price)}"
            )

"""The bound that any prices prove: the plain oracle of everything that is faster."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.errors import ProblemError
from models.outcome import Prices
from models.resource import slack, soft_cost

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.arrays import Floats, Ints
    from models.problem import Problem
    from models.resource import Resource

WHOLE_SHARE = 1e-9
"""A bound may be so much below the true one, as a share of it, by rounding of its sums."""


def reduced_scores(problem: Problem, by_resource: Sequence[Floats]) -> Floats:
    """Return (n_pairs,) money: score minus what the pair pays for the resources it uses."""
    reduced = problem.score.copy()
    for resource, price in zip(problem.resources, by_resource, strict=True):
        for layer in resource.layers:
            # The last price, 0, is that of group -1.
            price_or_0 = np.append(price, 0.0)
            reduced -= price_or_0[problem.pair_group(layer)] * problem.pair_amount(layer)
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
    best = best_of_rows(problem, reduced_scores(problem, by_resource))
    conjugates = [
        conjugate(resource, price).sum()
        for resource, price in zip(problem.resources, by_resource, strict=True)
    ]
    total = float(best.sum() + sum(conjugates))
    # Absurd prices overflow to inf - inf, which proves nothing.
    return np.inf if np.isnan(total) else total


def conjugate(resource: Resource, price: Floats) -> Floats:
    """Return (n_groups,) money: max over L of price (L - base) - cost(L).

    The maximum lies at the upper limit for a positive price, at the lower for a negative one. The
    prices of lower limits that come down together may not exceed what that costs.
    """
    room = np.where(price > 0, resource.upper, resource.lower) - resource.base
    worth = np.multiply(price, room, where=price != 0, out=np.zeros(len(price)))
    outside = (price > resource.over_cost) | (price < -resource.under_cost)
    if resource.relief is not None:
        outside |= _saved(resource, price) > (1 + WHOLE_SHARE) * resource.relief.cost
    return np.where(outside, np.inf, worth)


def best_of_rows(problem: Problem, values: Floats) -> Floats:
    """Return (n_rows,) the largest of (n_pairs,) values in each row."""
    if problem.num_rows == 0:
        return np.zeros(0)
    return np.maximum.reduceat(values, problem.indptr[:-1])


def best_pairs(problem: Problem, values: Floats) -> Ints:
    """Return (n_rows,) int64: the pair with the largest value in each row, the first of equals."""
    best = np.repeat(best_of_rows(problem, values), np.diff(problem.indptr))
    pairs = np.flatnonzero(values == best)
    return pairs[np.searchsorted(pairs, problem.indptr[:-1])]


def losses(problem: Problem, by_resource: Sequence[Floats]) -> Floats:
    """Return (n_pairs,) money, at least 0: how far each pair is below the best pair of its row.

    An assignment that holds a pair loses at least so much against the bound of these prices.
    """
    reduced = reduced_scores(problem, by_resource)
    best = best_of_rows(problem, reduced)
    return np.repeat(best, np.diff(problem.indptr)) - reduced


def unused(problem: Problem, by_resource: Sequence[Floats], chosen: Ints) -> tuple[Floats, ...]:
    """Return per resource (n_groups,) money: the price of the room that an assignment leaves.

    The losses of the chosen pairs and these sums together are bound - objective.
    """
    return tuple(
        conjugate(resource, price) - price * (load - resource.base) + soft_cost(resource, load)
        for resource, price, load in zip(
            problem.resources, by_resource, problem.loads(chosen), strict=True
        )
    )


def prove(problem: Problem, by_resource: Sequence[Floats]) -> Prices:
    """Return prices clipped into their valid range, with the bound that they prove."""
    clipped = clip_prices(problem, by_resource)
    return Prices(clipped, bound(problem, clipped))


def clip_prices(problem: Problem, by_resource: Sequence[Floats]) -> tuple[Floats, ...]:
    """Return prices in their range -under_cost .. over_cost; 0 for those that are no number.

    Prices of lower limits that come down together are made smaller where they exceed its cost.
    """
    return tuple(map(_clipped, problem.resources, by_resource))


def _clipped(resource: Resource, price: Floats) -> Floats:
    inside = np.clip(
        np.where(np.isfinite(price), price, 0.0), -resource.under_cost, resource.over_cost
    )
    if resource.relief is None or (saved := _saved(resource, inside)) <= resource.relief.cost:
        return inside
    return np.where(inside < 0, inside * resource.relief.cost / saved, inside)


def _saved(resource: Resource, price: Floats) -> float:
    """Return the money that one step of a resource's relief saves at given prices."""
    return 0.0 if resource.relief is None else float(-np.minimum(price, 0) @ resource.relief.step)


def zero_prices(problem: Problem) -> Prices:
    """Return prices of 0, which are always valid: every row takes its best pair."""
    prices = tuple(np.zeros(resource.num_groups) for resource in problem.resources)
    return Prices(prices, float(best_of_rows(problem, problem.score).sum()))


def whole_bound(problem: Problem, bound: float, by_resource: Sequence[Floats]) -> float:
    """Return a bound on the objective, cut to a whole number where every objective is one.

    Parameters
    ----------
    by_resource : per resource (n_groups,) the prices with which it was proved
    """
    if not money_is_whole(problem):
        return bound
    tolerated = 0.0
    for resource, price in zip(problem.resources, by_resource, strict=True):
        limit = np.where(price > 0, resource.upper, resource.lower)
        tolerated += float((np.abs(price) * slack(limit)).sum())
    return whole_money(bound, tolerated)


def money_is_whole(problem: Problem) -> bool:
    """Return whether the objective of every assignment is a whole number.

    So it is where all scores are whole numbers and every limit is hard or costs nothing.
    """
    for resource in problem.resources:
        for cost in (resource.under_cost, resource.over_cost):
            if ((cost > 0) & np.isfinite(cost)).any():
                return False
    return bool((problem.score == np.rint(problem.score)).all())


def whole_money(bound: float, tolerated: float) -> float:
    """Return a bound on objectives in whole numbers, cut to a whole number.

    Parameters
    ----------
    tolerated : money by which plans that use the tolerance of limits may exceed the bound
    """
    if not np.isfinite(bound):
        return bound
    hair = WHOLE_SHARE * max(1.0, abs(bound))
    return min(bound, float(np.floor(bound + tolerated + hair)))


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
                f"got {len(price)}, {np.count_nonzero(~np.isfinite(price))} of them not finite"
            )

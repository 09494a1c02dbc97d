"""What other reps would have brought for a lead, and what held that back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.explanation import Alternative, Cause, Charge, Obstacle, SoftCost
from models.problem import NOBODY
from planner.explain.effects import effects, uses
from planner.rules.rule import Section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.arrays import Ints
    from planner.planned import Planned

CAUSES = {
    Section.CAPACITY: Cause.CAPACITY,
    Section.FAIRNESS: Cause.FAIRNESS,
    Section.CONCENTRATION: Cause.CONCENTRATION,
    Section.RETURNING: Cause.RETURNING,
    Section.AT_MOST_MOVES: Cause.MOVES,
}
"""By the section of the policy that a resource comes from."""
SMALLEST_MONEY = 1e-9


def charges(planned: Planned, pair: int) -> tuple[Charge, ...]:
    """Return what a pair pays in prices, the dearest first."""
    found = []
    for (number, group), amount in uses(planned.compiled.problem, pair).items():
        price = float(planned.prices[number][group])
        if abs(price * amount) <= SMALLEST_MONEY:
            continue
        resource = planned.compiled.problem.resources[number]
        found.append(
            Charge(
                cause=_cause(planned, number),
                limit=resource.name,
                group=planned.compiled.labels[number][group],
                amount=amount,
                unit=resource.unit,
                price=price,
                money=price * amount,
            )
        )
    return tuple(sorted(found, key=lambda charge: -abs(charge.money)))


def alternative(planned: Planned, row: int, pair: int) -> Alternative:
    """Return what a pair of a row would bring in place of the plan's, and what stands against it.

    The gain, the costs and the obstacles are those of this one move; they are all that keeps it
    from being made. The charges and the loss tell what room for it is worth to other leads.
    """
    problem, compiled = planned.compiled.problem, planned.compiled
    own = int(planned.chosen[row])
    gain = float(problem.score[pair] - problem.score[own])
    costs, obstacles = [], []
    for effect in effects(problem, planned.loads, own, pair):
        resource, rule = problem.resources[effect.resource], compiled.rules[effect.resource]
        label = compiled.labels[effect.resource][effect.group]
        cause, sentence = _cause(planned, effect.resource), rule.told()
        gain -= effect.soft_cost
        if abs(effect.soft_cost) > SMALLEST_MONEY:
            costs.append(
                SoftCost(
                    cause=cause,
                    sentence=sentence,
                    limit=resource.name,
                    group=label,
                    money=effect.soft_cost,
                )
            )
        if effect.missing > 0:
            limit = resource.upper if effect.at_most else resource.lower
            obstacles.append(
                Obstacle(
                    cause=cause,
                    sentence=sentence,
                    limit=resource.name,
                    group=label,
                    unit=resource.unit,
                    at_most=effect.at_most,
                    bound=float(limit[effect.group]),
                    load=effect.load,
                    missing=effect.missing,
                    price=abs(float(planned.prices[effect.resource][effect.group])),
                )
            )
    rep = int(problem.rep[pair])
    return Alternative(
        rep_id=planned.rep_id(rep),
        expected_value=family_value(planned, row, rep),
        score=float(problem.score[pair]),
        gain=gain,
        soft_costs=tuple(sorted(costs, key=lambda cost: -cost.money)),
        obstacles=tuple(sorted(obstacles, key=lambda each: -each.price * each.missing)),
        charges=charges(planned, pair),
        loss=float(planned.reduced[own] - planned.reduced[pair]),
    )


def best_others(planned: Planned, row: int, count: int, among: Ints | None = None) -> Iterator[int]:
    """Yield pairs of other reps, by what the plan would lose; the highest score is among them.

    Parameters
    ----------
    among : of these reps only
    """
    problem = planned.compiled.problem
    pairs = planned.pairs_of(row)
    others = pairs[(problem.rep[pairs] != NOBODY) & (pairs != planned.chosen[row])]
    if among is not None:
        others = others[np.isin(problem.rep[others], among)]
    if not len(others) or count < 1:
        return
    order = others[np.lexsort((-problem.score[others], -planned.reduced[others]))]
    favourite = int(others[np.argmax(problem.score[others])])
    shown: Ints = order[:count]
    if favourite not in shown:
        shown = np.append(shown[: count - 1], favourite)
    yield from map(int, shown)


def family_value(planned: Planned, row: int, rep: int) -> float:
    """Return the expected value in money of a row's leads with a rep; 0 for nobody."""
    if rep == NOBODY:
        return 0.0
    leads = planned.leads_of(row)
    return float(planned.compiled.valuation.expected_value(leads, np.full(len(leads), rep)).sum())


def _cause(planned: Planned, number: int) -> Cause:
    return CAUSES[planned.compiled.rules[number].section]

"""Reps and teams over a limit today: how far a plan that may move few leads brings them down.

A first stage that comes before the plan itself. Its answer becomes the effective limit of these
reps, who gain nothing that counts in it (design: Today's overload).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from models.resource import slack
from models.settled import Settled
from planner.compile import compile_problem
from planner.holders import Per

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.problem import Problem
    from models.resource import Resource
    from planner.compile import Compiled

FULL_LIMIT = 100.0
"""What an excess as large as the whole limit costs in the stage: a hundredth is one point."""


def overfull(compiled: Compiled) -> dict[int, NDArray[np.bool_]]:
    """Return per number of a limit (n_holders,) which present books exceed it, if any do."""
    found = {}
    for number, rule, resource in compiled.capacity():
        load = rule.present_load(compiled.facts, compiled.valuation)
        over = load > resource.upper + slack(resource.upper)
        if rule.per is Per.REP:
            over &= ~compiled.facts.has_left
        if over.any():
            found[number] = over
    return found


def may_stay_overfull(compiled: Compiled) -> bool:
    """Return whether rules on moves may keep a rep over a limit."""
    policy = compiled.policy
    return bool(policy.at_most_moves or policy.protect) and bool(overfull(compiled))


def as_they_are(compiled: Compiled) -> Settled:
    """Return the present loads of overfull books as their limits."""
    limits = {}
    for number, over in overfull(compiled).items():
        rule = compiled.policy.capacity[number]
        load = rule.present_load(compiled.facts, compiled.valuation)
        limits[rule.label] = _by_name(compiled, number, load, over)
    return Settled(effective_limits=limits)


def compiled_as_they_are(compiled: Compiled, threads: int = 2) -> Compiled:
    """Return the problem in which overfull books may keep their present loads."""
    today = as_they_are(compiled).effective_limits
    settled = compiled.settled.model_copy(update={"effective_limits": today})
    return compile_problem(compiled.snapshot, compiled.policy, settled=settled, threads=threads)


def stage_problem(compiled: Compiled, stayed: Compiled) -> Problem:
    """Return the problem whose best plan exceeds limits least: the sum of excess / limit.

    Parameters
    ----------
    compiled : under the limits as they are written
    stayed : the same under the limits that `as_they_are` gives
    """
    resources = list(stayed.problem.resources)
    for number, over in overfull(compiled).items():
        written = compiled.problem.resources[number]
        resources[number] = _softened(resources[number], written.upper, over)
    score = np.zeros(stayed.problem.num_pairs)
    return replace(stayed.problem, score=score, resources=tuple(resources))


def _softened(resource: Resource, upper: NDArray[np.float64], over: NDArray[np.bool_]) -> Resource:
    cost = FULL_LIMIT / np.where(upper > 0, upper, 1.0)
    return replace(resource, upper=upper, over_cost=np.where(over, cost, resource.over_cost))


def settle(compiled: Compiled, stage: Problem, chosen: NDArray[np.int64]) -> Settled:
    """Return the limits that a plan of the stage leaves exceeded, with its loads."""
    loads, limits = stage.loads(chosen), {}
    for number, over in overfull(compiled).items():
        load, upper = loads[number], compiled.problem.resources[number].upper
        left = over & (load > upper + slack(upper))
        if left.any():
            label = compiled.policy.capacity[number].label
            limits[label] = _by_name(compiled, number, load, left)
    return Settled(effective_limits=limits)


def _by_name(
    compiled: Compiled, number: int, load: NDArray[np.float64], which: NDArray[np.bool_]
) -> dict[str, float]:
    """Return the loads of some holders of a limit, by name."""
    names = compiled.labels[number]
    return {names[at]: float(load[at]) for at in np.flatnonzero(which)}

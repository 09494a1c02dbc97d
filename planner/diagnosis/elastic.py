"""A problem without a plan as one in which everything that may give way does, at a cost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from planner.diagnosis.bound_leads import Bindings, bindings
from planner.diagnosis.kinds import BY_RULE, COST, Kind

if TYPE_CHECKING:
    from models.problem import Problem
    from models.resource import Resource
    from planner.compile import Compiled
    from planner.rules.rule import Rule


@dataclass(frozen=True, eq=False)
class Elastic:
    """The problem, and what each of its resources stands for.

    Attributes
    ----------
    compiled : the loosened problem that it was made from
    problem : scores of 0; hard limits are soft, and soft ones are no more; then what binds leads
    kinds, rules : of each resource
    bound : what the resources after those of `compiled` say of leads
    """

    compiled: Compiled
    problem: Problem
    kinds: tuple[Kind, ...]
    rules: tuple[Rule, ...]
    bound: tuple[Bindings, ...]

    def bound_at(self, place: int) -> Bindings | None:
        """Return what the resource at a place says of leads; None where it is a limit on loads."""
        at = place - len(self.compiled.rules)
        return self.bound[at] if at >= 0 else None


def elastic(compiled: Compiled, hard: Problem | None = None) -> Elastic:
    """Return the elastic form of a loosened problem.

    Parameters
    ----------
    hard : the same problem with other limits, if those are in force
    """
    hard = compiled.problem if hard is None else hard
    bound = tuple(bindings(compiled))
    kinds = [BY_RULE[rule.name] for rule in compiled.rules]
    limits = [
        _softened(hard, resource, kind)
        for resource, kind in zip(hard.resources, kinds, strict=True)
    ]
    problem = replace(
        hard,
        score=np.zeros(hard.num_pairs),
        resources=(*limits, *(each.resource for each in bound)),
    )
    return Elastic(
        compiled=compiled,
        problem=problem,
        kinds=(*kinds, *(each.kind for each in bound)),
        rules=(*compiled.rules, *(each.rule for each in bound)),
        bound=bound,
    )


def _softened(problem: Problem, resource: Resource, kind: Kind) -> Resource:
    """Return a resource whose hard limits give way; soft ones cost nothing."""
    amounts = [np.abs(problem.pair_amount(layer)) for layer in resource.layers]
    positive = np.concatenate([np.zeros(0), *amounts])
    positive = positive[positive > 0]
    cost = COST[kind] / float(np.median(positive)) if len(positive) else COST[kind]
    return replace(
        resource,
        under_cost=np.where(np.isinf(resource.under_cost), cost, 0.0),
        over_cost=np.where(np.isinf(resource.over_cost), cost, 0.0),
        relief=None,
    )

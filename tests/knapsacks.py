"""Problems that have a knapsack bound, and a plan that is proved by one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from models.outcome import BoundSource, Limits, Outcome, StopReason
from models.resource import Layer
from planner.assemble import assemble, judge
from planner.bound import prove
from planner.compile import compile_problem
from planner.engines.baselines.greedy import greedy
from planner.engines.prices.best_prices import best_prices
from planner.engines.prices.multipliers import best_multipliers
from planner.kernels.packed import pack
from planner.knapsack_bound import knapsack_resource, reason_against
from tests.problems import random_problem

if TYPE_CHECKING:
    from models.arrays import Floats
    from models.outcome import Prices
    from models.plan import Plan
    from models.problem import Problem
    from models.resource import Resource
    from models.snapshot import Snapshot
    from planner.policy import Policy


@st.composite
def knapsack_problems(draw: st.DrawFn) -> tuple[Problem, int]:
    """Draw a small problem and a resource of it that has a knapsack bound.

    Some amounts are 0, and some groups have more to carry than their limit before any row comes.
    """
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    plain = random_problem(
        rng,
        draw(st.integers(1, 7)),
        draw(st.integers(1, 4)),
        num_resources=draw(st.integers(1, 3)),
        density=draw(st.sampled_from([0.7, 1.0])),
        hard=draw(st.sampled_from([0.5, 1.0])),
        negative=0.0,
        integral=draw(st.booleans()),
        feasible=draw(st.booleans()),
    )
    overloaded = draw(st.booleans())
    resources = tuple(_varied(rng, item, overloaded=overloaded) for item in plain.resources)
    problem = replace(plain, resources=resources)
    places = [k for k in range(len(resources)) if reason_against(problem, k) is None]
    assume(places)
    return problem, draw(st.sampled_from(places))


def _varied(rng: np.random.Generator, resource: Resource, *, overloaded: bool) -> Resource:
    layers = tuple(
        Layer(layer.amount * (rng.random(len(layer.amount)) < 0.8), layer.group)
        for layer in resource.layers
    )
    burden = np.where(overloaded & (rng.random(resource.num_groups) < 0.2), 100.0, 0.0)
    return replace(resource, layers=layers, base=resource.base + burden)


def prices_in_range(rng: np.random.Generator, problem: Problem) -> list[Floats]:
    """Return prices inside -under_cost .. over_cost, at most some 20."""
    return [
        np.clip(rng.normal(0.0, 8.0, item.num_groups), -item.under_cost, item.over_cost)
        for item in problem.resources
    ]


def newton_prices(problem: Problem, end: float = 1e-7) -> Prices:
    """Return prices close to the best ones."""
    packed = pack(problem)
    search = best_prices(packed, problem.num_reps, end, lambda: False)
    return prove(problem, packed.split(search.best))


def knapsack_plan(snapshot: Snapshot, policy: Policy) -> Plan:
    """Return the greedy plan of a company with the bound that multipliers prove."""
    compiled = compile_problem(snapshot, policy)
    problem = compiled.problem
    prices = newton_prices(problem)
    resource = knapsack_resource(problem, prices.by_resource)
    assert resource is not None
    multipliers = best_multipliers(problem, prices, resource, lambda: False)
    assert multipliers.bound < prices.bound
    chosen = greedy(problem, 0)
    outcome = Outcome(
        engine="prices",
        reason=StopReason.ITERATION_LIMIT,
        chosen=chosen,
        objective=problem.objective(chosen),
        prices=prices,
        bound=multipliers.bound,
        bound_source=BoundSource.KNAPSACK,
        multipliers=multipliers,
    )
    verdict = judge(compiled, compiled.rep_of_leads(chosen), prices)
    return assemble(compiled, outcome, verdict, Limits(), {})

"""`flow`: min-cost flow, exact where every lead counts one against a limit per rep."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from models.outcome import Outcome, StopReason, is_optimal
from models.problem import NOBODY, slack, soft_cost
from planner.bound import prove
from planner.engines.engine import Progress
from planner.engines.infeasible import infeasible_outcome

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.outcome import Limits, Prices
    from models.problem import Floats, Ints, Problem, Resource
    from planner.engines.engine import Watcher

LARGEST_SUM = 2.0**50
MOST_REPS = 8_000
"""Prices come from a table of reps x reps."""


class Flow:
    """OR-Tools' min-cost flow; prices from the shortest paths of the residual graph."""

    name: ClassVar[str] = "flow"
    isolated: ClassVar[bool] = True

    def unsupported(self, problem: Problem) -> str | None:
        """Return why flow cannot take the problem: it needs unit amounts per rep."""
        if len(problem.resources) > 1:
            return f"flow takes one limit per rep; the problem has {len(problem.resources)}"
        if problem.num_reps > MOST_REPS:
            return f"flow takes at most {MOST_REPS:,} reps; the problem has {problem.num_reps:,}"
        for resource in problem.resources:
            if (np.isinf(resource.under_cost) & np.isfinite(resource.lower)).any():
                return f"flow takes no hard lower limit, as {resource.name} has"
            if len(resource.layers) != 1:
                return f"flow takes no resource of several layers, as {resource.name} is"
            group = problem.pair_group(resource.layers[0])
            if resource.num_groups != problem.num_reps or (group != problem.rep).any():
                return f"flow takes limits per rep only; {resource.name} is grouped otherwise"
            if (problem.pair_amount(resource.layers[0])[problem.rep >= 0] != 1).any():
                return f"flow takes amounts of 1 only; {resource.name} has others"
        return None

    def solve(
        self, problem: Problem, limits: Limits, start: Ints | None, watcher: Watcher
    ) -> Outcome:
        """Return the optimal assignment; the solver has no stop of its own, its process is ended."""
        del limits, start
        began = time.monotonic()
        watcher.report(Progress(message="solving the min-cost flow"))
        chosen = _min_cost_flow(problem)
        if chosen is None:
            return infeasible_outcome(self.name, problem, began)
        objective = problem.objective(chosen)
        watcher.report(Progress(chosen=chosen, message="computing prices"))
        prices = residual_prices(problem, chosen)
        optimal = is_optimal(prices.bound, objective)
        return Outcome(
            engine=self.name,
            reason=StopReason.OPTIMAL if optimal else StopReason.GAP_REACHED,
            detail="min-cost flow is exact" if optimal else "exact but for the rounding of costs",
            chosen=chosen,
            objective=objective,
            prices=prices,
            bound=prices.bound,
            seconds=time.monotonic() - began,
            iterations=1,
        )


def _min_cost_flow(problem: Problem) -> Ints | None:
    """Return (n_rows,) the cheapest assignment, None where there is none.

    Scores are scaled to integers by the finest power of ten whose sums stay below 2^50, because
    the solver cuts fractions off without a word.
    """
    from ortools.graph.python import min_cost_flow

    num_rows, sink = problem.num_rows, problem.num_rows + problem.num_reps
    largest = np.maximum.reduceat(np.abs(problem.score), problem.indptr[:-1]).sum()
    steps = [_steps(problem, resource) for resource in problem.resources]
    steepest = max((np.abs(cost).max(initial=0.0) for _, _, cost in steps), default=0.0)
    largest = max(largest + steepest * num_rows, 1e-9)
    scale = 10.0 ** np.floor(np.log10(LARGEST_SUM / largest))
    node = np.where(problem.rep == NOBODY, sink, num_rows + problem.rep.astype(np.int64))
    solver = min_cost_flow.SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(
        problem.pair_rows().astype(np.int32),
        node.astype(np.int32),
        np.ones(problem.num_pairs, np.int64),
        np.rint(-problem.score * scale).astype(np.int64),
    )
    if not steps:
        reps = np.arange(problem.num_reps)
        steps = [(reps, np.full(problem.num_reps, num_rows), np.zeros(problem.num_reps))]
    for rep, room, cost in steps:
        solver.add_arcs_with_capacity_and_unit_cost(
            (num_rows + rep).astype(np.int32),
            np.full(len(rep), sink, np.int32),
            room.astype(np.int64),
            np.rint(cost * scale).astype(np.int64),
        )
    supplies = np.r_[np.ones(num_rows, np.int64), np.zeros(problem.num_reps, np.int64), -num_rows]
    solver.set_nodes_supplies(np.arange(sink + 1, dtype=np.int32), supplies)
    if solver.solve() != solver.OPTIMAL:
        return None
    return np.flatnonzero(np.asarray(solver.flows(arcs)) > 0)


def _steps(problem: Problem, resource: Resource) -> tuple[Ints, Ints, Floats]:
    """Return (rep, room, cost) arcs: the convex cost of a rep's first, second ... lead, in steps."""
    degree = np.bincount(problem.rep[problem.rep >= 0], minlength=problem.num_reps)
    hard = np.isinf(resource.over_cost)
    room = np.floor(
        resource.upper - resource.base + slack(resource.upper),
        where=hard,
        out=degree.astype(np.float64),
    )
    most = np.clip(np.minimum(room, degree), 0, None).astype(np.int64)
    rep = np.repeat(np.arange(problem.num_reps), most)
    place = np.arange(len(rep)) - np.repeat(np.cumsum(most) - most, most)
    cost = marginal_cost(resource, rep, place)
    is_new = np.r_[True, (np.diff(rep) != 0) | (np.diff(cost) != 0)][: len(rep)]
    begins = np.flatnonzero(is_new)
    return rep[begins], np.diff(np.r_[begins, len(rep)]), cost[begins]


def marginal_cost(resource: Resource, rep: Ints, count: Ints) -> Floats:
    """Return money that one more lead costs reps who have `count`; inf beyond a hard limit."""
    load = resource.base[rep] + count
    of_rep = type(resource)(
        resource.name,
        (),
        resource.base[rep],
        resource.lower[rep],
        resource.upper[rep],
        resource.under_cost[rep],
        resource.over_cost[rep],
    )
    cost = soft_cost(of_rep, load + 1) - soft_cost(of_rep, load)
    full = np.isinf(of_rep.over_cost) & (load + 1 > of_rep.upper + slack(of_rep.upper))
    return np.where(full, np.inf, cost)


def residual_prices(problem: Problem, chosen: Ints) -> Prices:
    """Return optimal prices of an optimal unit assignment.

    q_s - q_r >= max over the leads of r of (score with s - score with r), q_r between the costs of
    the rep's last lead and of the next: the least such prices are longest paths from the market
    (Ahuja, Magnanti, Orlin 1993, "Network Flows", section 9.2).
    """
    if not problem.resources:
        return prove(problem, ())
    (resource,) = problem.resources
    market = problem.num_reps
    gain = np.full((market + 1, market + 1), -np.inf)
    holder = np.where(problem.rep[chosen] == NOBODY, market, problem.rep[chosen])
    row = problem.pair_rows()
    other = np.where(problem.rep == NOBODY, market, problem.rep)
    np.maximum.at(gain, (holder[row], other), problem.score - problem.score[chosen][row])
    load = np.bincount(holder, minlength=market + 1)[:market]
    reps = np.arange(market)
    price: NDArray[np.float64] = np.zeros(market + 1)
    last = marginal_cost(resource, reps, np.maximum(load - 1, 0))
    price[:market] = np.where(load > 0, last, -resource.under_cost)
    price[:market] = np.where(np.isfinite(price[:market]), price[:market], 0.0)
    for _ in range(market + 1):
        better = np.maximum(price, (price[:, None] + gain).max(axis=0))
        better[market] = 0.0
        if (better <= price + 1e-12 * np.abs(price)).all():
            break
        price = better
    return prove(problem, (price[:market],))

"""`flow`: min-cost flow, exact where every lead counts one against a limit per rep."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from models.outcome import BoundSource, Outcome, StopReason, is_optimal, relative_gap
from models.problem import NOBODY
from planner.engines.answer import Answer
from planner.engines.baselines.greedy import greedy
from planner.engines.engine import Progress
from planner.engines.infeasible import infeasible_outcome
from planner.engines.relief import without_relief
from planner.engines.residual_prices import residual_prices
from planner.engines.unit_costs import UnitCosts

if TYPE_CHECKING:
    from models.arrays import Ints
    from models.outcome import Limits
    from models.problem import Problem
    from models.resource import Resource
    from planner.engines.engine import Start, Watcher

LARGEST_SUM = 2.0**50
LARGEST_COST = 2.0**61
"""The solver multiplies costs by the number of nodes, in int64."""
GREEDY_PAIRS = 1_000_000
"""Up to so many pairs the greedy plan is at hand before a time limit can end the process."""


class Flow:
    """OR-Tools' min-cost flow; prices from the longest paths of the residual graph."""

    name: ClassVar[str] = "flow"
    isolated: ClassVar[bool] = True

    def unsupported(self, problem: Problem) -> str | None:
        """Return why flow cannot take the problem: it needs unit amounts per rep."""
        if reason := without_relief(self.name, problem):
            return reason
        if len(problem.resources) > 1:
            return f"flow takes one limit per rep; the problem has {len(problem.resources)}"
        return next(filter(None, (_unsupported(problem, r) for r in problem.resources)), None)

    def solve(
        self, problem: Problem, limits: Limits, start: Start | None, watcher: Watcher
    ) -> Outcome:
        """Return the optimal assignment.

        The solver has no stop of its own: its process is ended, and the plan to keep is then the
        better of the start and the greedy plan.
        """
        began = time.monotonic()
        watcher.report(Progress(message="solving the min-cost flow"))
        quick = greedy(problem, limits.seed) if problem.num_pairs <= GREEDY_PAIRS else None
        for plan in (None if start is None else start.chosen, quick):
            if plan is not None and problem.is_feasible(plan):
                watcher.report(Progress(chosen=plan))
        costs = UnitCosts.of(problem)
        scale = _scale(problem, costs)
        answer, chosen = _min_cost_flow(problem, costs, scale)
        # The base loads alone may break a limit, which the flow does not see.
        if answer is Answer.INFEASIBLE or not (chosen is None or problem.is_feasible(chosen)):
            from planner.engines.second_opinion import second_opinion

            passed = time.monotonic() - began
            left = None if limits.seconds is None else max(0.0, limits.seconds - passed)
            return infeasible_outcome(self.name, second_opinion(problem, left), began)
        if chosen is None:
            return Outcome(
                engine=self.name,
                reason=StopReason.FAILED,
                detail="the min-cost flow solver gave no answer",
                seconds=time.monotonic() - began,
            )
        watcher.report(Progress(chosen=chosen, message="computing prices"))
        return _outcome(problem, costs, chosen, limits.gap, 1.0 / scale, began)


def _unsupported(problem: Problem, resource: Resource) -> str | None:
    if (np.isinf(resource.under_cost) & np.isfinite(resource.lower)).any():
        return f"flow takes no hard lower limit, as {resource.name} has"
    if len(resource.layers) != 1:
        return f"flow takes no resource of several layers, as {resource.name} is"
    (layer,) = resource.layers
    if resource.num_groups != problem.num_reps or (problem.pair_group(layer) != problem.rep).any():
        return f"flow takes limits per rep only; {resource.name} is grouped otherwise"
    if (problem.pair_amount(layer)[problem.rep != NOBODY] != 1).any():
        return f"flow takes amounts of 1 only; {resource.name} has others"
    return None


def _scale(problem: Problem, costs: UnitCosts) -> float:
    """Return the power of ten by which scores become whole costs.

    The finest one whose sums stay below 2^50, and that the solver can multiply by its nodes.
    """
    score = np.abs(problem.score)
    steepest = float(np.maximum(costs.under_cost, costs.over_cost).max(initial=0.0))
    sums = np.maximum.reduceat(score, problem.indptr[:-1]).sum() + steepest * problem.num_rows
    largest = max(float(score.max(initial=0.0)), steepest)
    num_nodes = problem.num_rows + problem.num_reps + 2
    most = min(LARGEST_SUM / max(sums, 1e-9), LARGEST_COST / num_nodes / max(largest, 1e-9))
    return float(10.0 ** np.floor(np.log10(most)))


def _min_cost_flow(problem: Problem, costs: UnitCosts, scale: float) -> tuple[Answer, Ints | None]:
    """Return what the solver says and (n_rows,) the cheapest assignment, None where it has none."""
    from ortools.graph.python import min_cost_flow

    num_rows, sink = problem.num_rows, problem.num_rows + problem.num_reps
    node = np.where(problem.rep == NOBODY, sink, num_rows + problem.rep.astype(np.int64))
    solver = min_cost_flow.SimpleMinCostFlow()
    # The solver cuts fractions off without a word: costs are whole before it sees them.
    arcs = solver.add_arcs_with_capacity_and_unit_cost(
        problem.pair_rows().astype(np.int32),
        node.astype(np.int32),
        np.ones(problem.num_pairs, np.int64),
        np.rint(-problem.score * scale).astype(np.int64),
    )
    rep, room, cost = costs.steps()
    solver.add_arcs_with_capacity_and_unit_cost(
        (num_rows + rep).astype(np.int32),
        np.full(len(rep), sink, np.int32),
        room.astype(np.int64),
        np.rint(cost * scale).astype(np.int64),
    )
    supplies = np.r_[np.ones(num_rows, np.int64), np.zeros(problem.num_reps, np.int64), -num_rows]
    solver.set_nodes_supplies(np.arange(sink + 1, dtype=np.int32), supplies)
    answer = answers()[solver.solve()]
    if answer is not Answer.OPTIMAL:
        # Asking for flows now would kill the interpreter.
        return answer, None
    return answer, np.flatnonzero(np.asarray(solver.flows(arcs)) > 0)


def answers() -> dict[object, Answer]:
    """Return what each status of the solver means."""
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

    status = SimpleMinCostFlow.Status
    return {
        status.OPTIMAL: Answer.OPTIMAL,
        status.FEASIBLE: Answer.FEASIBLE,
        status.INFEASIBLE: Answer.INFEASIBLE,
        status.NOT_SOLVED: Answer.NOTHING,
        status.UNBALANCED: Answer.FAILED,
        status.BAD_RESULT: Answer.FAILED,
        status.BAD_COST_RANGE: Answer.FAILED,
        status.BAD_CAPACITY_RANGE: Answer.FAILED,
    }


def _outcome(
    problem: Problem, costs: UnitCosts, chosen: Ints, gap: float, rounding: float, began: float
) -> Outcome:
    objective = problem.objective(chosen)
    prices = residual_prices(problem, costs, chosen, rounding)
    # Each row's costs, its pair's and its step's, are off by at most half a unit of rounding each,
    # in this plan and in a better one. Prices prove less where a limit is no whole number: they
    # would fill the fraction.
    bound = min(prices.bound, objective + 2 * rounding * problem.num_rows)
    with_rep = chosen[problem.rep[chosen] != NOBODY]
    relative = relative_gap(bound, objective, float(np.abs(problem.score[with_rep]).sum()))
    reason, detail = StopReason.ITERATION_LIMIT, "exact but for the rounding of costs"
    if is_optimal(bound, objective):
        reason, detail = StopReason.OPTIMAL, "min-cost flow is exact"
    elif relative is not None and relative <= gap:
        reason = StopReason.GAP_REACHED
    return Outcome(
        engine=Flow.name,
        reason=reason,
        detail=detail,
        chosen=chosen,
        objective=objective,
        prices=prices,
        bound=bound,
        bound_source=BoundSource.PRICES if bound == prices.bound else BoundSource.SOLVER,
        seconds=time.monotonic() - began,
        iterations=1,
    )

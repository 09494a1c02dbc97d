"""Builds a problem as a linear or integer model for OR-Tools MathOpt, from arrays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
from ortools.math_opt import model_pb2
from ortools.math_opt.python import mathopt

from models.outcome import BoundSource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.problem import Floats, Ints, Problem

SMALLEST_LIMIT = 0.01
"""Seconds; a solver asked for less may not even report that it did nothing."""


@dataclass(frozen=True, eq=False)
class MipModel:
    """A MathOpt model of a problem.

    Attributes
    ----------
    model : maximizes score minus soft costs; the first num_pairs variables are the pairs
    limit_of : per resource (n_groups,) index of the group's constraint; -1 where it has none
    """

    problem: Problem
    model: mathopt.Model
    limit_of: tuple[Ints, ...]


@dataclass(frozen=True, eq=False)
class MipResult:
    """What a solver said.

    Attributes
    ----------
    chosen : (n_rows,) its best assignment; None if it found none
    bound : money, its bound on the objective; +inf if it proved none
    infeasible : whether it says that there is no feasible assignment
    """

    chosen: Ints | None
    bound: float
    infeasible: bool

    source = BoundSource.SOLVER


def build(problem: Problem, *, integer: bool) -> MipModel:
    """Return the model of a problem; hard limits are constraints, soft ones have paid slacks."""
    columns = _Columns(problem.num_pairs)
    rows = _Rows()
    rows.add_equal_to_one(problem)
    limit_of = tuple(rows.add_limits(problem, at, columns) for at in range(len(problem.resources)))
    proto = model_pb2.ModelProto()
    count = columns.count
    proto.variables.ids.extend(range(count))
    proto.variables.lower_bounds.extend([0.0] * count)
    proto.variables.upper_bounds.extend(
        [1.0] * problem.num_pairs + [np.inf] * (count - problem.num_pairs)
    )
    proto.variables.integers.extend(
        [integer] * problem.num_pairs + [False] * (count - problem.num_pairs)
    )
    proto.objective.maximize = True
    cost = np.r_[problem.score, np.concatenate(columns.cost)]
    paid = np.flatnonzero(cost)
    proto.objective.linear_coefficients.ids.extend(paid)
    proto.objective.linear_coefficients.values.extend(cost[paid])
    rows.write(proto)
    return MipModel(problem, mathopt.Model.from_model_proto(proto), limit_of)


class _Columns:
    """Variables: the pairs, then slacks that cost money."""

    def __init__(self, num_pairs: int) -> None:
        self.count = num_pairs
        self.cost: list[Floats] = [np.zeros(0)]

    def add_slacks(self, price: Floats) -> Ints:
        first = self.count
        self.count += len(price)
        self.cost.append(-price)
        return np.arange(first, self.count)


class _Rows:
    """Constraints as triplets."""

    def __init__(self) -> None:
        self.lower: list[Floats] = []
        self.upper: list[Floats] = []
        self.entries: list[tuple[Ints, Ints, Floats]] = []
        self.count = 0

    def add_equal_to_one(self, problem: Problem) -> None:
        one = np.ones(problem.num_rows)
        self._append(one, one)
        pairs = np.arange(problem.num_pairs)
        self.entries.append((problem.pair_rows(), pairs, np.ones(problem.num_pairs)))

    def add_limits(self, problem: Problem, at: int, columns: _Columns) -> Ints:
        resource = problem.resources[at]
        has_lower = np.isfinite(resource.lower) & (resource.under_cost > 0)
        has_upper = np.isfinite(resource.upper) & (resource.over_cost > 0)
        groups = np.flatnonzero(has_lower | has_upper)
        limit_of = np.full(resource.num_groups, -1, np.int64)
        limit_of[groups] = self.count + np.arange(len(groups))
        base = resource.base[groups]
        self._append(
            np.where(has_lower, resource.lower, -np.inf)[groups] - base,
            np.where(has_upper, resource.upper, np.inf)[groups] - base,
        )
        for layer in resource.layers:
            group = problem.pair_group(layer)
            used = np.flatnonzero((group >= 0) & (limit_of[group] >= 0))
            amount = problem.pair_amount(layer)[used]
            self.entries.append((limit_of[group[used]], used, amount))
        for has, price, sign in (
            (has_lower, resource.under_cost, 1.0),
            (has_upper, resource.over_cost, -1.0),
        ):
            soft = np.flatnonzero(has & np.isfinite(price))
            slacks = columns.add_slacks(price[soft])
            self.entries.append((limit_of[soft], slacks, np.full(len(soft), sign)))
        return limit_of

    def _append(self, lower: Floats, upper: Floats) -> None:
        self.lower.append(lower)
        self.upper.append(upper)
        self.count += len(lower)

    def write(self, proto: model_pb2.ModelProto) -> None:
        proto.linear_constraints.ids.extend(range(self.count))
        proto.linear_constraints.lower_bounds.extend(np.concatenate(self.lower))
        proto.linear_constraints.upper_bounds.extend(np.concatenate(self.upper))
        row, column, value = (np.concatenate(part) for part in zip(*self.entries, strict=True))
        width = int(column.max(initial=0)) + 1
        cell, where = np.unique(row * width + column, return_inverse=True)
        # Layers of one resource may meet in one cell; the model takes each cell once.
        total = np.bincount(where, value, minlength=len(cell))
        cell, total = cell[total != 0], total[total != 0]
        proto.linear_constraint_matrix.row_ids.extend(cell // width)
        proto.linear_constraint_matrix.column_ids.extend(cell % width)
        proto.linear_constraint_matrix.coefficients.extend(total)


def solve_lp(mip: MipModel, seconds: float | None) -> tuple[Floats, tuple[Floats, ...]] | None:
    """Return (n_pairs,) the relaxation's solution and per resource (n_groups,) duals.

    None if GLOP proves that there is no solution, or has none in time (then see `lp_status`).
    """
    result = mathopt.solve(mip.model, mathopt.SolverType.GLOP, params=_parameters(seconds))
    if not result.has_primal_feasible_solution() or not result.has_dual_feasible_solution():
        return None
    x = _values(result.variable_values(), mip.problem.num_pairs)
    dual = np.zeros(mip.model.get_num_linear_constraints())
    for constraint, value in result.dual_values().items():
        dual[constraint.id] = value
    prices = tuple(np.where(of >= 0, dual[of], 0.0) for of in mip.limit_of)
    return x, prices


def solve_mip(mip: MipModel, seconds: float | None, gap: float, start: Ints | None) -> MipResult:
    """Return what HiGHS finds and proves within the time, to a relative gap."""
    parameters = _parameters(seconds)
    parameters.relative_gap_tolerance = gap
    hint = mathopt.ModelSolveParameters()
    if start is not None:
        taken = {mip.model.get_variable(int(pair)): 1.0 for pair in start}
        hint.solution_hints.append(mathopt.SolutionHint(variable_values=taken))
    result = mathopt.solve(
        mip.model, mathopt.SolverType.HIGHS, params=parameters, model_params=hint
    )
    reason = result.termination.reason
    chosen = None
    if result.has_primal_feasible_solution():
        x = _values(result.variable_values(), mip.problem.num_pairs)
        chosen = best_of_rows(mip.problem, x)
    infeasible = reason is mathopt.TerminationReason.INFEASIBLE
    return MipResult(chosen, float(result.termination.objective_bounds.dual_bound), infeasible)


def best_of_rows(problem: Problem, value: Floats) -> Ints:
    """Return (n_rows,) the pair of each row with the largest value, the first of equals."""
    order = np.lexsort((np.arange(problem.num_pairs), -value, problem.pair_rows()))
    return order[problem.indptr[:-1]]


def _parameters(seconds: float | None) -> mathopt.SolveParameters:
    limit = None if seconds is None else timedelta(seconds=max(seconds, SMALLEST_LIMIT))
    return mathopt.SolveParameters(time_limit=limit)


def _values(by_variable: dict[mathopt.Variable, float], count: int) -> Floats:
    values = np.zeros(count)
    for variable, value in _first(by_variable, count):
        values[variable] = value
    return values


def _first(by_variable: dict[mathopt.Variable, float], count: int) -> Iterator[tuple[int, float]]:
    for variable, value in by_variable.items():
        if variable.id < count:
            yield variable.id, value

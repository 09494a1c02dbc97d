"""A problem as a linear or integer model of OR-Tools MathOpt, built from arrays and solved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
from ortools.math_opt import model_pb2
from ortools.math_opt.python import mathopt

from planner.bound import best_pairs
from planner.engines.answer import Answer
from planner.engines.slots import Slots

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from models.arrays import Floats, Ints
    from models.problem import Problem

LARGEST_SCORE = 2.0**16
"""Solvers compare by absolute tolerances of 1e-6 and 1e-7, so money must come in their range."""
SHORTEST = 0.01
"""Seconds; a solver asked for less may not even report that it did nothing."""
TOLERANCE = 1e-9
"""Of HiGHS, far below that of our limits, because a solver adds up many small liberties."""
DROPPED = 1e-9
"""HiGHS drops coefficients up to this size."""
ANSWERS = {
    mathopt.TerminationReason.OPTIMAL: Answer.OPTIMAL,
    mathopt.TerminationReason.FEASIBLE: Answer.FEASIBLE,
    mathopt.TerminationReason.NO_SOLUTION_FOUND: Answer.NOTHING,
    mathopt.TerminationReason.INFEASIBLE: Answer.INFEASIBLE,
    # Pairs lie in 0 .. 1 and slacks cost money, so nothing is unbounded.
    mathopt.TerminationReason.INFEASIBLE_OR_UNBOUNDED: Answer.INFEASIBLE,
    mathopt.TerminationReason.UNBOUNDED: Answer.FAILED,
    mathopt.TerminationReason.IMPRECISE: Answer.FAILED,
    mathopt.TerminationReason.NUMERICAL_ERROR: Answer.FAILED,
    mathopt.TerminationReason.OTHER_ERROR: Answer.FAILED,
}


@dataclass(frozen=True, eq=False)
class MipModel:
    """A MathOpt model of a problem, in units that suit a solver's tolerances.

    Attributes
    ----------
    problem : what is modelled
    model : maximizes score minus soft costs; the first n_pairs variables are the pairs, the first
        n_rows constraints give each row one pair
    slots : the loads
    constraint : (n_slots,) index of the slot's constraint; -1 where no limit can be reached
    unit : (n_slots,) one unit of the constraint in the resource's unit
    money : one unit of the objective in money
    is_complete : whether no amount is so much smaller than another one that a solver drops it
    """

    problem: Problem
    model: mathopt.Model
    slots: Slots
    constraint: Ints
    unit: Floats
    money: float
    is_complete: bool


@dataclass(frozen=True, eq=False)
class LpResult:
    """What a solver says about the linear relaxation; nothing in it is verified.

    Attributes
    ----------
    answer : OPTIMAL if there are shares and prices
    share : (n_pairs,) between 0 and 1, how much of a row goes to each pair
    prices : per resource (n_groups,) money per unit
    """

    answer: Answer
    share: Floats | None = None
    prices: tuple[Floats, ...] | None = None


@dataclass(frozen=True, eq=False)
class MipResult:
    """What a solver says about the problem; nothing in it is verified.

    Attributes
    ----------
    answer : what it proved
    chosen : (n_rows,) its best assignment; None if it found none
    bound : money, its bound on the objective; inf if it proved none
    """

    answer: Answer
    chosen: Ints | None = None
    bound: float = np.inf


def build(problem: Problem, *, integer: bool, scaled: bool = True) -> MipModel:
    """Return the model of a problem; hard limits are constraints, soft ones have paid slacks.

    The integer model also closes pairs that are too large for a hard limit on their own.

    Parameters
    ----------
    scaled : whether powers of two bring figures into a solver's range; else they stay as they are
    """
    slots = Slots.of(problem)
    has_lower, has_upper = slots.binding()
    limited = np.flatnonzero(has_lower | has_upper)
    constraint = np.full(len(slots), -1, np.int64)
    constraint[limited] = problem.num_rows + np.arange(len(limited))
    is_open = np.ones(problem.num_pairs, np.bool_)
    if integer:
        is_open[slots.pair[slots.oversized()]] = False
    unit = _units(slots, is_open) if scaled else np.ones(len(slots))
    money = _money(problem) if scaled else 1.0
    proto = model_pb2.ModelProto()
    # Slacks are variables after the pairs: what is missing below a limit, what is in excess.
    soft_lower = np.flatnonzero(has_lower & np.isfinite(slots.under_cost))
    soft_upper = np.flatnonzero(has_upper & np.isfinite(slots.over_cost))
    slack_slot = np.append(soft_lower, soft_upper)
    slack_cost = np.append(slots.under_cost[soft_lower], slots.over_cost[soft_upper])
    slack_sign = np.repeat([1.0, -1.0], [len(soft_lower), len(soft_upper)])
    # Steps of reliefs come last.
    reliefs, relief_slot, relief_step, relief_number = _reliefs(problem, constraint)
    num_slacks = len(slack_slot) + len(reliefs)
    _write_variables(proto, is_open, num_slacks, integer=integer)
    gain = np.concatenate([problem.score, -slack_cost * unit[slack_slot], -reliefs]) / money
    proto.objective.maximize = True
    proto.objective.linear_coefficients.ids.extend(np.flatnonzero(gain))
    proto.objective.linear_coefficients.values.extend(gain[gain != 0])
    one = np.ones(problem.num_rows)
    lower = (np.where(has_lower, slots.lower, -np.inf) - slots.base) / unit
    upper = (np.where(has_upper, slots.upper, np.inf) - slots.base) / unit
    count = problem.num_rows + len(limited)
    proto.linear_constraints.ids.extend(range(count))
    proto.linear_constraints.lower_bounds.extend(np.append(one, lower[limited]))
    proto.linear_constraints.upper_bounds.extend(np.append(one, upper[limited]))
    used = constraint[slots.slot] >= 0
    coefficient = (slots.amount / unit[slots.slot])[used]
    _write_matrix(
        proto,
        (problem.pair_rows(), np.arange(problem.num_pairs), np.ones(problem.num_pairs)),
        (constraint[slots.slot[used]], slots.pair[used], coefficient),
        (constraint[slack_slot], problem.num_pairs + np.arange(len(slack_slot)), slack_sign),
        (
            constraint[relief_slot],
            problem.num_pairs + len(slack_slot) + relief_number,
            relief_step / unit[relief_slot],
        ),
    )
    smallest = float(np.abs(coefficient[is_open[slots.pair[used]]]).min(initial=1.0))
    return MipModel(
        problem=problem,
        model=mathopt.Model.from_model_proto(proto),
        slots=slots,
        constraint=constraint,
        unit=unit,
        money=money,
        is_complete=smallest > DROPPED,
    )


def solve_lp(
    mip: MipModel,
    seconds: float | None,
    solver: mathopt.SolverType = mathopt.SolverType.GLOP,
) -> LpResult:
    """Return what a solver finds for the relaxation: prices of 0 are its start, all best pairs."""
    parameters = _parameters(seconds)
    parameters.lp_algorithm = mathopt.LPAlgorithm.DUAL_SIMPLEX
    result = _solve(mip, solver, parameters)
    if result is None:
        return LpResult(Answer.FAILED)
    answer = ANSWERS[result.termination.reason]
    if not result.has_primal_feasible_solution() or not result.has_dual_feasible_solution():
        return LpResult(Answer.FAILED if answer is Answer.OPTIMAL else answer)
    return LpResult(answer, pair_values(mip, result), dual_prices(mip, result.dual_values()))


def solve_mip(
    mip: MipModel,
    seconds: float | None,
    *,
    gap_money: float = 0.0,
    nodes: int | None = None,
    start: Ints | None = None,
) -> MipResult:
    """Return what HiGHS finds and proves.

    Parameters
    ----------
    seconds, nodes : when to stop, None for never; a limit on nodes makes the result repeatable
    gap_money : distance from its bound at which a solution is good enough
    start : (n_rows,) an assignment to begin with
    """
    parameters = _parameters(seconds)
    parameters.absolute_gap_tolerance = gap_money / mip.money
    parameters.relative_gap_tolerance = 0.0
    parameters.node_limit = nodes
    for name in ("mip_feasibility_tolerance", "primal_feasibility_tolerance"):
        parameters.highs.double_options[name] = TOLERANCE
    hint = mathopt.ModelSolveParameters()
    if start is not None:
        taken = {mip.model.get_variable(pair): 1.0 for pair in start.tolist()}
        hint.solution_hints.append(mathopt.SolutionHint(variable_values=taken))
    result = _solve(mip, mathopt.SolverType.HIGHS, parameters, hint)
    if result is None:
        return MipResult(Answer.FAILED)
    answer = ANSWERS[result.termination.reason]
    chosen = None
    if result.has_primal_feasible_solution():
        chosen = best_pairs(mip.problem, pair_values(mip, result))
    proved = mip.is_complete and answer not in (Answer.INFEASIBLE, Answer.FAILED)
    bound = result.termination.objective_bounds.dual_bound * mip.money if proved else np.inf
    return MipResult(answer, chosen, bound if bound > -np.inf else np.inf)


def pair_values(mip: MipModel, result: mathopt.SolveResult) -> Floats:
    """Return (n_pairs,) the values of the pairs in a solver's best solution."""
    values = np.zeros(mip.problem.num_pairs)
    for variable, value in result.variable_values().items():
        if variable.id < len(values):
            values[variable.id] = value
    return values


def dual_prices(
    mip: MipModel, values: Mapping[mathopt.LinearConstraint, float]
) -> tuple[Floats, ...]:
    """Return per resource (n_groups,) money per unit: a solver's dual values of the limits."""
    dual = np.zeros(mip.model.get_num_linear_constraints())
    for constraint, value in values.items():
        dual[constraint.id] = value
    price = np.where(mip.constraint >= 0, dual[mip.constraint], 0.0) * mip.money / mip.unit
    return mip.slots.split(price)


def _units(slots: Slots, is_open: NDArray[np.bool_]) -> Floats:
    """Return (n_slots,) powers of two: the largest amount of an open pair, so that it becomes 1."""
    largest = np.zeros(len(slots))
    np.maximum.at(largest, slots.slot, np.where(is_open[slots.pair], np.abs(slots.amount), 0.0))
    return np.where(largest > 0, _power_of_two(np.where(largest > 0, largest, 1.0)), 1.0)


def _reliefs(problem: Problem, constraint: Ints) -> tuple[Floats, Ints, Floats, Ints]:
    """Return (n_reliefs,) costs of a step, then of each limit that comes down with one: its slot,
    what a step takes off it, and the number of its relief.
    """
    resources = problem.resources
    starts = np.cumsum([0, *(resource.num_groups for resource in resources)])
    having = [at for at, resource in enumerate(resources) if resource.relief is not None]
    reliefs = [relief for resource in resources if (relief := resource.relief) is not None]
    slots, steps, numbers = [np.zeros(0, np.int64)], [np.zeros(0)], [np.zeros(0, np.int64)]
    for number, (at, relief) in enumerate(zip(having, reliefs, strict=True)):
        within = slice(starts[at], starts[at + 1])
        used = np.flatnonzero((relief.step > 0) & (constraint[within] >= 0))
        slots.append(starts[at] + used)
        steps.append(relief.step[used])
        numbers.append(np.full(len(used), number))
    costs = np.array([relief.cost for relief in reliefs], np.float64)
    return costs, np.concatenate(slots), np.concatenate(steps), np.concatenate(numbers)


def _money(problem: Problem) -> float:
    costs = [resource.relief.cost for resource in problem.resources if resource.relief is not None]
    largest = float(np.abs(problem.score).max(initial=max(costs, default=0.0)))
    return float(_power_of_two(largest or LARGEST_SCORE)) / LARGEST_SCORE


def _power_of_two(value: Floats | float) -> Floats:
    """Return the least powers of two that reach positive values: scaling by them is exact."""
    return np.asarray(2.0 ** np.ceil(np.log2(value)))


def _write_variables(
    proto: model_pb2.ModelProto, is_open: NDArray[np.bool_], num_slacks: int, *, integer: bool
) -> None:
    count = len(is_open) + num_slacks
    proto.variables.ids.extend(range(count))
    proto.variables.lower_bounds.extend(np.zeros(count))
    proto.variables.upper_bounds.extend(np.append(is_open, np.full(num_slacks, np.inf)))
    proto.variables.integers.extend([integer] * len(is_open) + [False] * num_slacks)


def _write_matrix(proto: model_pb2.ModelProto, *blocks: tuple[Ints, Ints, Floats]) -> None:
    row, column, value = (np.concatenate(part) for part in zip(*blocks, strict=True))
    order = np.lexsort((column, row))
    matrix = proto.linear_constraint_matrix
    matrix.row_ids.extend(row[order])
    matrix.column_ids.extend(column[order])
    matrix.coefficients.extend(value[order])


def _parameters(seconds: float | None) -> mathopt.SolveParameters:
    limit = None if seconds is None else timedelta(seconds=max(seconds, SHORTEST))
    return mathopt.SolveParameters(time_limit=limit)


def _solve(
    mip: MipModel,
    solver: mathopt.SolverType,
    parameters: mathopt.SolveParameters,
    hint: mathopt.ModelSolveParameters | None = None,
) -> mathopt.SolveResult | None:
    """Return what a solver says; None if it broke down."""
    try:
        return mathopt.solve(mip.model, solver, params=parameters, model_params=hint)
    except (AttributeError, RuntimeError, ValueError):
        # The converter of MathOpt's own errors fails with AttributeError (ortools 9.15).
        return None

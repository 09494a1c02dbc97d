"""Random problems with every feature, for tests that hold engines against each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import strategies as st

from models.problem import NOBODY, Problem
from models.resource import NOT_COUNTED, Layer, Resource

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.arrays import Floats, Ints

    Groups = NDArray[np.int32]


def random_problem(
    rng: np.random.Generator,
    num_rows: int,
    num_reps: int,
    *,
    num_resources: int | None = None,
    density: float = 0.7,
    obligatory: float = 0.2,
    hard: float = 0.5,
    negative: float = 0.2,
    integral: bool = False,
    feasible: bool = True,
) -> Problem:
    """Return a problem that mixes everything a policy can compile to.

    Parameters
    ----------
    num_resources : 0 to 3 if None
    density : share of the reps that a row may go to
    obligatory : share of the rows without the pair with nobody, of those that have another one
    hard : share of the limits that are hard
    negative : share of the resources in which some amounts are negative
    integral : scores, amounts, limits and costs are whole numbers
    feasible : some assignment keeps every hard limit; otherwise there may be none
    """
    allowed = rng.random((num_rows, num_reps)) < density
    nobody = (rng.random(num_rows) >= obligatory) | ~allowed.any(axis=1)
    table = np.column_stack([allowed, nobody])
    indptr = np.concatenate([[0], np.cumsum(table.sum(axis=1))])
    rep = np.nonzero(table)[1].astype(np.int32)
    is_nobody = rep == num_reps
    rep[is_nobody] = NOBODY
    score = np.round(np.where(is_nobody, -30.0, 100.0) * rng.random(len(rep)), 2)
    plain = Problem(indptr, rep, np.rint(score) if integral else score, num_reps)
    chosen = random_choice(rng, plain)
    count = int(rng.integers(4)) if num_resources is None else num_resources
    resources = [
        _random_resource(
            rng,
            plain,
            f"resource {index}",
            chosen if feasible else random_choice(rng, plain),
            hard=hard,
            tight=not feasible,
            negative=rng.random() < negative,
            integral=integral,
        )
        for index in range(count)
    ]
    return Problem(indptr, rep, plain.score, num_reps, tuple(resources))


def hard_problem(
    rng: np.random.Generator, num_rows: int, num_reps: int, *, tightness: float = 0.8
) -> Problem:
    """Return a generalized assignment problem that is hard for its size.

    Value is low where effort is low, and hours hold about `tightness` of an average assignment
    (type D of Chu and Beasley 1997, doi:10.1016/S0305-0548(96)00032-9). Every row may stay with
    nobody, for less than any rep is worth.
    """
    effort = rng.integers(1, 101, (num_rows, num_reps)).astype(np.float64)
    value = 100.0 + effort + rng.integers(-10, 11, effort.shape)
    indptr = np.arange(num_rows + 1) * (num_reps + 1)
    rep = np.tile(np.append(np.arange(num_reps), NOBODY), num_rows).astype(np.int32)
    score = np.column_stack([value, np.zeros(num_rows)]).ravel()
    amount = np.column_stack([effort, np.zeros(num_rows)]).ravel()
    hours = np.floor(tightness * effort.sum(axis=0) / num_reps)
    return Problem(
        indptr, rep, score, num_reps, (Resource.at_most("hours", amount, hours, unit="hours"),)
    )


def flow_problem(
    rng: np.random.Generator, num_rows: int, num_reps: int, *, density: float = 0.3
) -> Problem:
    """Return a problem that min-cost flow solves: every row counts one against its rep's room.

    There is room for about nine rows in ten; the others stay with nobody, for a cost.
    """
    plain = random_problem(
        rng, num_rows, num_reps, num_resources=0, density=density, obligatory=0.0
    )
    room = rng.multinomial(9 * num_rows // 10, np.full(num_reps, 1 / num_reps))
    count = Resource.at_most("count", np.ones(num_rows), room.astype(np.float64), unit="leads")
    return Problem(plain.indptr, plain.rep, plain.score, num_reps, (count,))


def random_choice(rng: np.random.Generator, problem: Problem) -> Ints:
    """Return (n_rows,) a random pair of every row, whatever the limits."""
    return rng.integers(problem.indptr[:-1], problem.indptr[1:])


@st.composite
def problems(
    draw: st.DrawFn, max_rows: int = 8, max_reps: int = 4, *, feasible: bool | None = None
) -> Problem:
    """Draw a random problem, feasible or not unless told; it shrinks in rows, reps, resources."""
    return random_problem(
        np.random.default_rng(draw(st.integers(0, 2**32 - 1))),
        draw(st.integers(1, max_rows)),
        draw(st.integers(1, max_reps)),
        num_resources=draw(st.integers(0, 3)),
        density=draw(st.sampled_from([0.7, 0.2, 1.0])),
        hard=draw(st.sampled_from([0.5, 0.0, 1.0])),
        integral=draw(st.booleans()),
        feasible=draw(st.booleans()) if feasible is None else feasible,
    )


def _random_resource(
    rng: np.random.Generator,
    problem: Problem,
    name: str,
    reference: Ints,
    *,
    hard: float,
    tight: bool,
    negative: bool,
    integral: bool,
) -> Resource:
    """Return a resource whose hard limits hold for the reference assignment.

    `tight` ones leave it no room, and fewer groups without a limit.
    """
    first, num_groups = _random_group(rng, problem)
    groups = [first]
    if first is not None and rng.random() < 0.3:
        # A second layer on the same groups: a family with two losing owners.
        shuffled = rng.permutation(num_groups).astype(np.int32)
        groups.append(np.where(first == NOT_COUNTED, NOT_COUNTED, shuffled[first]))
    layers = tuple(
        Layer(_random_amount(rng, problem, negative=negative, integral=integral), group)
        for group in groups
    )
    base = np.rint(5 * rng.random(num_groups) * (rng.random(num_groups) < 0.3))
    free = np.full(num_groups, np.inf)
    zero = np.zeros(num_groups)
    unlimited = Resource(name, layers, base, -free, free, zero, zero)
    probe = Problem(
        problem.indptr, problem.rep, problem.score, problem.num_reps, resources=(unlimited,)
    )
    (load,) = probe.loads(reference)
    is_hard = rng.random((2, num_groups)) < hard
    absent = np.array([[0.2], [0.1]] if tight else [[0.6], [0.3]])
    is_absent = rng.random((2, num_groups)) < absent
    # Soft limits may contradict any plan; hard ones leave the reference some room or none.
    room = rng.choice([0.0] if tight else [0.0, 1.0, 5.0], (2, num_groups))
    room = np.where(is_hard, room, rng.uniform(-10.0, 10.0, room.shape))
    lower, upper = load - room[0], load + room[1]
    cost = rng.uniform(0.0, 20.0, room.shape)
    if integral:
        lower, upper, cost = np.floor(lower), np.ceil(upper), np.rint(cost)
    lower, upper = np.where(is_absent[0], -np.inf, lower), np.where(is_absent[1], np.inf, upper)
    crossed = lower > upper
    lower[crossed] = -np.inf
    cost = np.where(is_hard, np.inf, cost)
    return Resource(name, layers, base, lower, upper, cost[0], cost[1])


def _random_group(rng: np.random.Generator, problem: Problem) -> tuple[Groups | None, int]:
    """Return (n_pairs,) groups, None for the rep itself, and how many there are."""
    rep, with_rep = problem.rep, problem.rep != NOBODY
    kind = rng.choice(["rep", "team", "everything", "losing owner", "region"])
    if kind == "rep":
        return None, problem.num_reps
    if kind == "team":
        return np.where(with_rep, rep // 2, NOT_COUNTED).astype(np.int32), problem.num_reps
    if kind == "everything":
        return np.where(with_rep, 0, NOT_COUNTED).astype(np.int32), 1
    of_row = rng.integers(0, problem.num_reps, problem.num_rows)[problem.pair_rows()]
    if kind == "losing owner":
        # A move counts for the owner who loses the row, also when nobody gets it.
        return np.where(rep == of_row, NOT_COUNTED, of_row).astype(np.int32), problem.num_reps
    return np.where(with_rep, of_row % 2, NOT_COUNTED).astype(np.int32), 2


def _random_amount(
    rng: np.random.Generator, problem: Problem, *, negative: bool, integral: bool
) -> Floats:
    """Return ones, or amounts per row or per pair between 0 and 10, some of them negative."""
    if rng.random() < 0.3:
        return np.ones(problem.num_rows)
    size = problem.num_rows if rng.random() < 0.5 else problem.num_pairs
    amount = rng.uniform(0.0, 10.0, size)
    if negative:
        amount *= rng.choice([1.0, 1.0, -1.0], size)
    return np.rint(amount) if integral else np.round(amount, 2)

"""Chains keep loads, books and shortfalls right, whatever they move, and remember the best plan."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numba
import numpy as np
import pytest

from models.problem import NOBODY, Problem
from models.resource import Layer, Resource
from planner.bound import clip_prices, losses, unused
from planner.engines.prices.annealing import _by_loss, _tolerance
from planner.kernels.chains import DEPTH, JOURNAL, Pairs, State, anneal
from planner.kernels.packed import pack
from planner.kernels.threads import use_threads
from tests.problems import random_choice, random_problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.arrays import Floats, Ints

PENALTY = np.array([50.0, 500.0])
"""What a unit beyond a hard limit costs in each of two plans."""
COLD, WARM = np.array([0.0, 0.0]), np.array([5.0, 20.0])
STARTS = 300


@dataclass(frozen=True, eq=False)
class Annealed:
    """Two plans of a problem that are annealed, and what says how good they are.

    Attributes
    ----------
    order : (n_pairs,) the problem's pair that each pair of the kernel is
    """

    problem: Problem
    prices: tuple[Floats, ...]
    order: Ints
    pairs: Pairs
    terms: Floats
    tolerance: Floats
    state: State

    def run(
        self,
        temperature: Floats = WARM,
        starts: int = STARTS,
        seed: int = 0,
        rows: Ints | None = None,
    ) -> Ints:
        """Take chains, from any row unless told from which; return how many in each plan."""
        rows = np.arange(self.problem.num_rows) if rows is None else rows
        return anneal(
            self.pairs, self.state, self.terms, self.tolerance, temperature, rows, starts, seed
        )

    def only(self, plan: int) -> Annealed:
        """Return a copy with one of the plans."""
        one: dict[str, Any] = {
            name: np.array(each[plan : plan + 1]) for name, each in self.state._asdict().items()
        }
        state = State(**{**one, "begins": self.state.begins})
        return replace(self, state=state, terms=self.terms[plan : plan + 1])

    def short(self, chosen: Ints, plan: int) -> float:
        """Return by how much a plan of the kernel's pairs falls short, penalties included."""
        mine = self.order[chosen]
        short = float(losses(self.problem, self.prices)[mine].sum())
        short += sum(float(money.sum()) for money in unused(self.problem, self.prices, mine))
        for resource, load in zip(self.problem.resources, self.problem.loads(mine), strict=True):
            over, under = np.isinf(resource.over_cost), np.isinf(resource.under_cost)
            excess = float(np.maximum(load - resource.upper, 0.0)[over].sum())
            excess += float(np.maximum(resource.lower - load, 0.0)[under].sum())
            short += float(PENALTY[plan]) * excess
        return short

    def is_feasible(self, chosen: Ints) -> bool:
        """Return whether a plan of the kernel's pairs is one and keeps every hard limit."""
        return self.problem.is_feasible(np.asarray(self.order[chosen]))


def annealed(problem: Problem, prices: tuple[Floats, ...], *plans: Ints) -> Annealed:
    """Return plans of a problem, (n_rows,) its pairs, before their first chain."""
    packed = pack(problem, np.float64)
    pairs, order = _by_loss(packed, losses(problem, prices))
    place = np.empty(problem.num_pairs, np.int64)
    place[order] = np.arange(problem.num_pairs)
    terms = np.empty((len(plans), packed.num_slots, 5))
    terms[..., 0], terms[..., 1], terms[..., 2] = packed.join(prices), packed.lower, packed.upper
    for column, cost in ((3, packed.under_cost), (4, packed.over_cost)):
        terms[..., column] = np.where(np.isinf(cost), PENALTY[: len(plans), None], cost)
    chosen = np.array([place[plan] for plan in plans])
    state = State(
        chosen=chosen,
        load=np.array([packed.join(problem.loads(plan)) for plan in plans]),
        short=np.zeros(len(plans)),
        best=np.array(chosen),
        best_short=np.full(len(plans), np.inf),
        **books(pairs, chosen, problem.num_reps),
    )
    begun = Annealed(problem, prices, order, pairs, terms, _tolerance(packed), state)
    for plan, mine in enumerate(chosen):
        state.short[plan] = begun.short(mine, plan)
    return begun


def books(pairs: Pairs, chosen: Ints, num_reps: int) -> dict[str, Ints]:
    """Return who has which rows, as the kernel takes it."""
    room = [np.count_nonzero(pairs.rep == rep) for rep in range(num_reps)]
    begins = np.append(0, np.cumsum(room))
    rows = np.zeros((len(chosen), begins[-1] + 1), np.int64)
    held = np.zeros((len(chosen), num_reps), np.int64)
    place = np.zeros(chosen.shape, np.int64)
    for plan, row in np.ndindex(*chosen.shape):
        rep = pairs.rep[chosen[plan, row]]
        if rep != NOBODY:
            place[plan, row] = held[plan, rep]
            rows[plan, begins[rep] + held[plan, rep]] = row
            held[plan, rep] += 1
    return {"begins": begins, "rows": rows, "held": held, "place": place}


def mixed(seed: int, *, num_rows: int = 30, num_reps: int = 6) -> Annealed:
    """Return two plans of a problem with soft and hard limits; one layer counts twice for a rep."""
    rng = np.random.default_rng(seed)
    plain = random_problem(rng, num_rows, num_reps, num_resources=2, hard=0.5)
    # Else random moves keep all limits too seldom.
    eased = (replace(r, lower=r.lower - 10.0, upper=r.upper + 10.0) for r in plain.resources)
    layers = (Layer(np.ones(num_rows)), Layer(rng.uniform(0.0, 3.0, num_rows)))
    hours = Resource.at_most(
        "hours", layers[0].amount, np.full(num_reps, 2.5 * num_rows / num_reps)
    )
    twice = replace(hours, layers=layers, base=rng.uniform(0.0, 2.0, num_reps))
    problem = replace(plain, resources=(*eased, twice))
    prices = clip_prices(problem, [rng.normal(2.0, 4.0, r.num_groups) for r in problem.resources])
    return annealed(problem, prices, random_choice(rng, problem), random_choice(rng, problem))


def assert_right(begun: Annealed) -> None:
    """Hold all that a state says of its plans against what they are."""
    problem, pairs, state = begun.problem, begun.pairs, begun.state
    for plan, chosen in enumerate(state.chosen):
        assert (chosen >= problem.indptr[:-1]).all()
        assert (chosen < problem.indptr[1:]).all()
        loads = np.concatenate(problem.loads(begun.order[chosen]))
        np.testing.assert_allclose(state.load[plan], loads, atol=1e-9)
        assert state.short[plan] == pytest.approx(begun.short(chosen, plan), abs=1e-6)
        rep, begins = pairs.rep[chosen], state.begins
        for each in range(problem.num_reps):
            book = state.rows[plan, begins[each] :][: state.held[plan, each]]
            assert sorted(book) == np.flatnonzero(rep == each).tolist()
        has_rep = np.flatnonzero(rep != NOBODY)
        place = begins[rep[has_rep]] + state.place[plan, has_rep]
        np.testing.assert_array_equal(state.rows[plan, place], has_rep)


@pytest.fixture
def threads() -> Iterator[None]:
    """Leave as many threads as there were."""
    before = numba.get_num_threads()
    yield
    use_threads(before)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("temperature", [COLD, WARM], ids=["cold", "warm"])
def test_loads_books_and_shortfalls_are_those_of_the_plans(seed: int, temperature: Floats) -> None:
    begun = mixed(seed)
    assert_right(begun)
    for call in range(3):
        before = np.array(begun.state.chosen)
        taken = begun.run(temperature, seed=call)
        assert_right(begun)
        np.testing.assert_array_equal(begun.state.chosen[taken == 0], before[taken == 0])
        assert call or taken.all()


@pytest.mark.parametrize("seed", range(6))
def test_all_stays_right_when_the_journal_is_full(seed: int) -> None:
    begun = mixed(seed)
    taken = begun.run(np.full(2, 50.0), starts=10 * JOURNAL)
    assert (taken >= JOURNAL // DEPTH - 1).all()
    assert (taken <= JOURNAL).all()
    assert_right(begun)
    assert np.isfinite(begun.state.best_short).any()
    assert_best_is_right(begun)


def assert_best_is_right(begun: Annealed) -> None:
    """Hold the best plans against what is told of them."""
    for plan, told in enumerate(begun.state.best_short):
        if np.isfinite(told):
            best = begun.state.best[plan]
            assert begun.is_feasible(best)
            assert told == pytest.approx(begun.short(best, plan), abs=1e-6)


@pytest.mark.parametrize("seed", range(12))
def test_without_temperature_the_shortfall_never_rises(seed: int) -> None:
    begun = mixed(seed)
    for call in range(40):
        before = np.array(begun.state.short)
        taken = begun.run(COLD, starts=5, seed=call)
        np.testing.assert_array_equal(begun.state.short < before, taken > 0)
        assert (begun.state.short <= before).all()


def test_with_a_temperature_it_rises_at_times() -> None:
    begun, told = mixed(0), []
    for call in range(40):
        begun.run(WARM, starts=5, seed=call)
        told.append(np.array(begun.state.short))
    assert (np.diff(told, axis=0) > 0).any(axis=0).all()


@pytest.mark.parametrize("seed", range(6))
def test_best_is_the_best_of_all_plans_that_broke_nothing(seed: int) -> None:
    begun = mixed(seed)
    lowest = np.full(2, np.inf)
    for call in range(300):
        # Chain by chain, so that every plan is seen.
        taken = begun.run(starts=1, seed=call)
        for plan in np.flatnonzero(taken).tolist():
            if begun.is_feasible(begun.state.chosen[plan]):
                lowest[plan] = min(lowest[plan], begun.state.short[plan])
        np.testing.assert_allclose(begun.state.best_short, lowest, atol=1e-6)
    assert np.isfinite(lowest).any()
    assert_best_is_right(begun)


def test_best_of_many_chains_only_improves() -> None:
    found = 0
    for seed in range(6):
        begun = mixed(seed)
        for call in range(6):
            before = np.array(begun.state.best_short)
            begun.run(seed=call)
            assert (begun.state.best_short <= before).all()
            found += int(np.count_nonzero(begun.state.best_short < before))
            assert_best_is_right(begun)
    assert found >= 10


@pytest.mark.parametrize("seed", range(3))
def test_a_best_plan_is_kept_where_all_others_are_worse(seed: int) -> None:
    begun = mixed(seed)
    begun.state.best_short[:] = -1e9
    before = np.array(begun.state.best)
    begun.run()
    assert (begun.state.best_short == -1e9).all()
    np.testing.assert_array_equal(begun.state.best, before)


@pytest.mark.usefixtures("threads")
@pytest.mark.parametrize("seed", range(3))
def test_threads_change_nothing(seed: int) -> None:
    found = set()
    for count in (1, 2, 1, 2):
        use_threads(count)
        begun = mixed(seed, num_rows=100)
        taken = [begun.run(seed=7 + call).tobytes() for call in range(3)]
        found.add((*taken, *(each.tobytes() for each in begun.state)))
    assert len(found) == 1


def test_a_plan_is_annealed_alone_as_beside_another() -> None:
    for plan in range(2):
        both = mixed(0)
        alone = both.only(plan)
        both.run(seed=7)
        alone.run(WARM[plan : plan + 1], seed=7 + plan)
        for one, two in zip(alone.state, both.only(plan).state, strict=True):
            np.testing.assert_array_equal(one, two)


def test_other_seeds_take_other_chains() -> None:
    plans = set()
    for seed in range(3):
        begun = mixed(0)
        begun.run(seed=seed)
        plans.add(begun.state.chosen.tobytes())
    assert len(plans) == 3


def two_islands() -> Annealed:
    """Return plans in which no rep of the first ten rows may work any of the last ten."""
    rng = np.random.default_rng(0)
    reps = [np.tile(np.append(np.arange(3) + 3 * k, NOBODY), 10) for k in range(2)]
    rep = np.concatenate(reps).astype(np.int32)
    limit = Resource.at_most("count", np.ones(20), np.full(6, 3.0))
    problem = Problem(np.arange(21) * 4, rep, rng.uniform(0.0, 50.0, 80), 6, (limit,))
    plan = random_choice(rng, problem)
    return annealed(problem, (np.full(6, 5.0),), plan, plan)


def test_chains_begin_at_the_given_rows_only() -> None:
    for first, other in ((slice(0, 10), slice(10, 20)), (slice(10, 20), slice(0, 10))):
        begun = two_islands()
        before = np.array(begun.state.chosen)
        assert begun.run(rows=np.arange(20)[first]).all()
        np.testing.assert_array_equal(begun.state.chosen[:, other], before[:, other])
        assert (begun.state.chosen[:, first] != before[:, first]).any(axis=1).all()


def ring(length: int) -> Annealed:
    """Return a plan in which each rep has the one row it has room for, and all want the next rep.

    One move gains less than what a unit beyond a limit costs.
    """
    own = np.arange(length)
    rep = np.column_stack([own, (own + 1) % length]).ravel().astype(np.int32)
    score = np.tile([0.0, 1.0], length)
    limit = Resource.at_most("count", np.ones(length), np.ones(length))
    problem = Problem(np.arange(length + 1) * 2, rep, score, length, (limit,))
    return annealed(problem, (np.zeros(length),), 2 * own)


@pytest.mark.parametrize("length", range(2, DEPTH + 1))
def test_one_chain_goes_round_reps_that_are_full(length: int) -> None:
    begun = ring(length)
    assert begun.run(np.zeros(1), starts=1) == [1]
    best = begun.order[begun.state.best[0]]
    assert best.tolist() == (2 * np.arange(length) + 1).tolist()
    np.testing.assert_array_equal(begun.state.chosen, begun.state.best)
    assert begun.state.short == begun.state.best_short == [0.0]
    assert_right(begun)


def test_no_chain_is_longer_than_its_depth() -> None:
    assert ring(DEPTH + 1).run(np.zeros(1)) == [0]


def test_waste_decides_between_equal_pairs() -> None:
    # Two reps ask for two leads each; one has all four.
    costly = Resource(
        "books", (Layer(np.ones(4)),), np.zeros(2), np.full(2, 2.0), np.full(2, np.inf),
        np.full(2, 3.0), np.zeros(2),
    )  # fmt: skip
    problem = Problem(
        np.arange(5) * 2, np.tile([0, 1], 4).astype(np.int32), np.ones(8), 2, (costly,)
    )
    begun = annealed(problem, (np.zeros(2),), np.arange(4) * 2)
    assert begun.state.short == [6.0]
    begun.run(np.zeros(1))
    assert begun.state.short == [0.0]
    assert begun.state.held.tolist() == [[2, 2]]
    assert_right(begun)


def test_amounts_of_two_layers_in_one_slot_count_together() -> None:
    begun = mixed(0)
    problem = begun.problem
    for pair in range(problem.num_pairs):
        slots = begun.pairs.slot[pair]
        used = slots[slots >= 0].tolist()
        assert len(used) == len(set(used))
    last = sum(r.num_groups for r in problem.resources[:-1])
    count, hours = (layer.amount for layer in problem.resources[-1].layers)
    wanted = np.where(problem.rep >= 0, (count + hours)[problem.pair_rows()], 0.0)
    found = np.where(begun.pairs.slot >= last, begun.pairs.amount, 0.0).sum(axis=1)
    np.testing.assert_allclose(found, wanted[begun.order])


@pytest.mark.parametrize("seed", range(4))
def test_losses_rise_within_each_row(seed: int) -> None:
    begun = mixed(seed)
    for first, last in pairwise(begun.pairs.indptr):
        assert (np.diff(begun.pairs.loss[first:last]) >= 0).all()
        assert sorted(begun.order[first:last]) == list(range(first, last))

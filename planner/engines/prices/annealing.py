"""Rounds of annealing: chains of moves at a falling temperature, each round twice as long.

Limits may be broken on the way: what that costs rises where a limit stays broken and falls where it
is kept (Yagiura, Ibaraki, Glover 2006, "A path relinking approach with ejection chains for the
generalized assignment problem", doi:10.1016/j.ejor.2004.06.025).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from models.resource import slack
from planner.kernels.chains import Pairs, State, anneal

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from models.arrays import Bools, Floats, Ints
    from planner.kernels.packed import Packed

STARTS, MOST_STARTS, ROWS_PER_START = 2_000, 5_000, 10
"""Chains begun in one step: more where there are many rows, but the clock has to be looked at."""
FIRST_STEPS = 16
"""Steps of the first round."""
HOT, COLD = np.array([0.25, 0.4]), np.array([0.04, 0.06])
"""First and last temperature of a round for each plan, times what each rep falls short by."""
LEAST_MONEY = 1e-6
SOFTEST = np.array([1.5, 2.0])
"""What a unit beyond a limit costs at least, for each plan, times its price."""
HARDEST, HARDER, SOFTER = 30.0, 1.1, 1.04
LATE = 0.7
"""From this share of a round on, limits grow no softer."""
REPAIRS, MENDED, HARDER_TO_BREAK = 8, 0.7, 3.0
"""So often may chains leave more than this share of the broken limits broken, and those that are
cost so much more each time."""
STARTS_PER_ROW = 5
"""Chains begun in a step from each row that uses a broken limit."""
COLDER, WORTH_A_STEP = 0.3, 0.003
"""How much colder than the end of a round a plan settles, and the share of what it falls short by
that a step is worth."""
PATIENCE = 2
"""So many rounds without a better plan are enough where nobody says otherwise."""
FRUITLESS = 2
"""So many cold steps that are not worth it are enough."""


class Annealing:
    """Improves a plan of a core.

    Parameters
    ----------
    packed : the core's problem, in float64
    loss : (n_pairs,) money, how far each pair is below the best of its row
    price : (n_slots,) the prices that made the core
    worth : (n_slots,) money above 0 that a unit beyond a hard limit costs where its price is less
    chosen : (n_rows,) the plan; it may break limits
    seed : draws the chains
    patience : so many rounds without a better plan are enough

    Attributes
    ----------
    next_steps : how many steps the next round has
    short : money by which the best plan that breaks nothing falls short; +inf before there is one
    is_stale : whether the last rounds found nothing better
    """

    def __init__(
        self,
        packed: Packed,
        loss: Floats,
        price: Floats,
        worth: Floats,
        chosen: Ints,
        seed: int,
        patience: int = PATIENCE,
    ) -> None:
        self._packed, self._price, self._patience = packed, price, patience
        self._worth = np.maximum(np.abs(price), worth)
        self._pairs, self._order = _by_loss(packed, loss)
        self._place = np.empty(len(loss), np.int64)
        self._place[self._order] = np.arange(len(loss))
        self._tolerance = _tolerance(packed)
        self._best = self._place[chosen]
        self.short = self._short(self._best)
        self.is_stale = False
        self._fruitless = 0
        self._rng = np.random.default_rng(seed)
        self._num_reps = max(len(np.unique(self._pairs.rep)), 1)
        self.next_steps = FIRST_STEPS

    @property
    def chosen(self) -> Ints:
        """(n_rows,) the best plan so far; the one given where all break something."""
        return self._order[self._best]

    def begin_with(self, chosen: Ints) -> None:
        """Go on from another plan, (n_rows,), if it is better."""
        short = self._short(self._place[chosen])
        if short < self.short:
            self.short, self._best = short, self._place[chosen]

    def round(self, stop: Callable[[], bool], take: Callable[[Ints], None]) -> int:
        """Anneal once, from the best plan; return the steps taken.

        Parameters
        ----------
        stop : asked before every step
        take : given every plan that is better than those before
        """
        steps, before = self.next_steps, self.short
        hot, cold = self._temperatures()
        state = self._state()
        factor = np.repeat(SOFTEST[:, None], len(self._price), axis=1)
        for step in range(steps):
            if stop():
                return step
            at = step / max(steps - 1, 1)
            temperature = hot * (cold / hot) ** at
            factor = self._factors(factor, state.load, at < LATE)
            terms = self._terms(factor)
            state.short[:] = self._shortfalls(state.chosen, state.load, terms)
            self._anneal(state, terms, temperature)
            self._keep(state, take)
        self._fruitless = 0 if self.short < before else self._fruitless + 1
        self.is_stale = self._fruitless >= self._patience
        self.next_steps *= 2
        return steps

    def settle(self, stop: Callable[[], bool], take: Callable[[Ints], None]) -> None:
        """Take cold chains, from the best plan, while they gain something.

        Parameters
        ----------
        stop : asked before every step
        take : given every plan that is better than those before
        """
        _, cold = self._temperatures()
        state = self._state()
        terms = self._terms(np.full((len(SOFTEST), len(self._price)), HARDEST))
        state.short[:] = self._shortfalls(state.chosen, state.load, terms)
        in_vain = 0
        while in_vain < FRUITLESS and not stop():
            before = self.short
            self._anneal(state, terms, COLDER * cold)
            self._keep(state, take)
            is_worth = before - self.short > max(WORTH_A_STEP * before, LEAST_MONEY)
            in_vain = 0 if is_worth else in_vain + 1

    def repair(self, stop: Callable[[], bool]) -> None:
        """Take chains from rows that use broken limits, until one plan breaks none of them."""
        state = self._state()
        factor = np.full((len(SOFTEST), len(self._price)), HARDEST)
        broken = self._broken(state.load)
        in_vain = 0
        while in_vain < REPAIRS and not stop() and broken.any(axis=1).all():
            terms = self._terms(factor)
            state.short[:] = self._shortfalls(state.chosen, state.load, terms)
            rows = self._using(state.chosen, broken)
            if not len(rows):
                break
            self._anneal(state, terms, np.zeros(len(factor)), rows)
            before, broken = broken, self._broken(state.load)
            if np.count_nonzero(broken) >= MENDED * np.count_nonzero(before):
                in_vain += 1
                factor[broken] *= HARDER_TO_BREAK
        least = int(np.argmin(broken.sum(axis=1)))
        self._best = state.chosen[least]
        self._keep(state, lambda _: None)

    def _anneal(
        self, state: State, terms: Floats, temperature: Floats, rows: Ints | None = None
    ) -> None:
        """Begin a step's chains, from some rows or from all."""
        if rows is None:
            rows = np.arange(len(self._best))
            starts = max(STARTS, len(rows) // ROWS_PER_START)
        else:
            starts = STARTS_PER_ROW * len(rows)
        seed, starts = int(self._rng.integers(1 << 31)), min(starts, MOST_STARTS)
        anneal(self._pairs, state, terms, self._tolerance, temperature, rows, starts, seed)

    def _using(self, chosen: Ints, broken: Bools) -> Ints:
        """Return the rows that use broken slots in any plan."""
        uses = np.zeros(len(self._best), np.bool_)
        for plan, slots in zip(chosen, broken, strict=True):
            slot = self._pairs.slot[plan]
            uses |= (slots[slot] & (slot >= 0)).any(axis=1)
        return np.flatnonzero(uses)

    def _keep(self, state: State, take: Callable[[Ints], None]) -> None:
        plan = int(np.argmin(state.best_short))
        if state.best_short[plan] < self.short:
            self.short, self._best = float(state.best_short[plan]), np.array(state.best[plan])
            state.best_short[:] = self.short
            take(self.chosen)

    def _temperatures(self) -> tuple[Floats, Floats]:
        """Return (n_plans,) the first and the last temperature of a round."""
        short = self.short
        if np.isinf(short):
            chosen, load = self._best[None], self._loads(self._best)[None]
            factor = np.full(load.shape, SOFTEST.max())
            short = float(self._shortfalls(chosen, load, self._terms(factor))[0])
        mean = max(short / self._num_reps, LEAST_MONEY)
        return HOT * mean, COLD * mean

    def _state(self) -> State:
        """Return all plans at the best one."""
        num_plans, rep = len(SOFTEST), self._pairs.rep
        num_reps = int(rep.max(initial=0)) + 1
        begins = np.append(0, np.cumsum(np.bincount(rep[rep >= 0], minlength=num_reps)))
        held = rep[self._best]
        order = np.argsort(held, kind="stable")[np.count_nonzero(held < 0) :]
        count = np.bincount(held[order], minlength=num_reps)
        place = np.zeros(len(held), np.int64)
        place[order] = np.arange(len(order)) - np.repeat(np.cumsum(count) - count, count)
        rows = np.zeros(begins[-1] + 1, np.int64)
        rows[begins[held[order]] + place[order]] = order

        def all_plans(values: NDArray[Any]) -> NDArray[Any]:
            return np.repeat(values[None], num_plans, axis=0)

        return State(
            chosen=all_plans(self._best),
            load=all_plans(self._loads(self._best)),
            short=np.zeros(num_plans),
            best=all_plans(self._best),
            best_short=np.full(num_plans, self.short),
            begins=begins,
            rows=all_plans(rows),
            held=all_plans(count),
            place=all_plans(place),
        )

    def _loads(self, chosen: Ints) -> Floats:
        slot, amount = self._pairs.slot[chosen], self._pairs.amount[chosen]
        counted = slot >= 0
        size = len(self._price)
        return self._packed.base + np.bincount(slot[counted], amount[counted], minlength=size)

    def _broken(self, load: Floats) -> Bools:
        """Return whether (..., n_slots) loads break hard limits."""
        over, under = load - self._packed.upper, self._packed.lower - load
        broken: Bools = (over > self._tolerance[:, 1]) | (under > self._tolerance[:, 0])
        return broken

    def _factors(self, factor: Floats, load: Floats, may_soften: bool) -> Floats:
        softer = factor / SOFTER if may_soften else factor
        factor = np.where(self._broken(load), factor * HARDER, softer)
        return np.clip(factor, SOFTEST[:, None], HARDEST)

    def _terms(self, factor: Floats) -> Floats:
        """Return (n_plans, n_slots, 5) what makes a load fall short, as `anneal` takes it."""
        packed, penalty = self._packed, factor * self._worth
        terms = np.empty((*factor.shape, 5))
        terms[..., 0], terms[..., 1], terms[..., 2] = self._price, packed.lower, packed.upper
        terms[..., 3] = np.where(np.isinf(packed.under_cost), penalty, packed.under_cost)
        terms[..., 4] = np.where(np.isinf(packed.over_cost), penalty, packed.over_cost)
        return terms

    def _short(self, chosen: Ints) -> float:
        """Return money by which a plan falls short; +inf if it breaks a hard limit."""
        load = self._loads(chosen)
        if self._broken(load).any():
            return np.inf
        terms = self._terms(np.zeros((1, len(load))))
        return float(self._shortfalls(chosen[None], load[None], terms)[0])

    def _shortfalls(self, chosen: Ints, load: Floats, terms: Floats) -> Floats:
        """Return (n_plans,) money by which plans fall short, penalties included."""
        price, lower, upper, under, over = np.moveaxis(terms, -1, 0)
        limit = np.where(price > 0, upper, np.where(price < 0, lower, load))
        waste = price * (limit - load)
        waste += over * np.maximum(load - upper, 0.0) + under * np.maximum(lower - load, 0.0)
        short: Floats = self._pairs.loss[chosen].sum(axis=1) + waste.sum(axis=1)
        return short


def _by_loss(packed: Packed, loss: Floats) -> tuple[Pairs, Ints]:
    """Return the pairs of each row by rising loss, and what they are in the core."""
    arrays = packed.arrays
    row = np.repeat(np.arange(packed.num_rows), np.diff(arrays.indptr))
    order = np.lexsort((loss, row))
    layers = len(arrays.offset)
    shape = (len(loss), layers + arrays.pair_slot.shape[1])
    slot, amount = np.full(shape, -1, np.int32), np.zeros(shape)
    for layer in range(layers):
        slot[:, layer] = np.where(arrays.rep >= 0, arrays.offset[layer] + arrays.rep, -1)
        amount[:, layer] = arrays.row_amount[layer][row]
    slot[:, layers:], amount[:, layers:] = arrays.pair_slot, arrays.pair_amount
    slot[amount == 0.0] = -1
    _join_equal_slots(slot, amount)
    pairs = Pairs(arrays.indptr, arrays.rep[order], loss[order], slot[order], amount[order])
    return pairs, order


def _join_equal_slots(slot: NDArray[np.int32], amount: Floats) -> None:
    """Let a pair count what it adds to a slot in several layers once, in the first of them."""
    for later in range(1, slot.shape[1]):
        for first in range(later):
            same = (slot[:, later] >= 0) & (slot[:, first] == slot[:, later])
            amount[same, first] += amount[same, later]
            slot[same, later] = -1


def _tolerance(packed: Packed) -> Floats:
    """Return (n_slots, 2) how far below and above its limits a load breaks nothing."""
    under = np.where(np.isinf(packed.under_cost), slack(packed.lower), np.inf)
    over = np.where(np.isinf(packed.over_cost), slack(packed.upper), np.inf)
    return np.stack([under, over], axis=1)

"""The room that a plan leaves, the reserve included, and what it is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

from models.resource import slack
from planner.kernels.routing import State, Use
from planner.recommending.terms import UNCOUNTED
from planner.rules.capacity import Capacity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.arrays import Floats, Ints
    from planner.planned import Planned
    from planner.recommending.books import Moved
    from planner.recommending.terms import Term
    from planner.rules.concentration import Concentration


class Room:
    """Loads and limits of all terms, as one row of slots; loads and prices change.

    Parameters
    ----------
    planned : the plan, whose loads and prices they are at first
    terms : what counts

    Attributes
    ----------
    offset : (n_terms + 1,) where the slots of each term begin
    use, state, soft : as the kernels take them
    lower, upper, under_cost, over_cost : (n_slots,) limits without the reserve, and what it costs
        to miss or exceed them; +inf for a hard one
    """

    def __init__(self, planned: Planned, terms: Sequence[Term]) -> None:
        self.terms = tuple(terms)
        parts = [_slots(planned, term) for term in terms]
        sizes = [len(part[0]) for part in parts]
        self.offset = np.cumsum([0, *sizes])
        load, price, lower, upper, under_cost, over_cost = (
            np.concatenate([np.zeros(0), *(part[at] for part in parts)]) for at in range(6)
        )
        self.lower: Floats = lower
        self.upper: Floats = upper
        self.under_cost: Floats = under_cost
        self.over_cost: Floats = over_cost
        reps = planned.compiled.facts.num_reps
        slot = [
            np.where(term.group == UNCOUNTED, UNCOUNTED, term.group + at)
            for term, at in zip(terms, self.offset[:-1], strict=True)
        ]
        self.use = Use(
            slot=np.array(slot, np.int64).reshape(len(parts), reps),
            factor=np.array([term.factor for term in terms]).reshape(len(parts), reps),
            by_value=np.array([term.by_value for term in terms], bool),
        )
        is_hard_over, is_hard_under = np.isinf(self.over_cost), np.isinf(self.under_cost)
        self.state = State(
            load=load,
            least=np.where(is_hard_under, self.lower - slack(self.lower), -np.inf),
            most=np.where(is_hard_over, self.upper + slack(self.upper), np.inf),
            price=price,
        )
        self.soft = State(
            load=np.zeros(0),
            least=self.lower,
            most=np.where(is_hard_over, np.inf, self.upper),
            price=np.where(is_hard_over, 0.0, self.over_cost),
        )

    def move(self, moved: Moved) -> None:
        """Count leads of the plan that changed hands."""
        self._count(moved.before, -moved.part, moved.value_before)
        self._count(moved.after, moved.part, moved.value_after)

    def _count(self, rep: Ints, part: Floats, value: Floats) -> None:
        """Add to the loads of (n,) reps, -1 for nobody, what (n,) leads count there."""
        at = np.flatnonzero(rep >= 0)
        for term, (slots, factors) in enumerate(zip(self.use.slot, self.use.factor, strict=True)):
            amount = part[at, term] * factors[rep[at]]
            if self.use.by_value[term]:
                amount *= value[at]
            slot = slots[rep[at]]
            np.add.at(self.state.load, slot[slot >= 0], amount[slot >= 0])

    def copy(self) -> tuple[Floats, Floats]:
        """Return loads and prices as they are now."""
        return self.state.load.copy(), self.state.price.copy()

    def restore(self, kept: tuple[Floats, Floats]) -> None:
        """Go back to loads and prices that were copied."""
        self.state.load[:], self.state.price[:] = kept

    def of_term(self, values: Floats, number: int) -> Floats:
        """Return the part of (n_slots,) values that belongs to a term."""
        return values[self.offset[number] : self.offset[number + 1]]


def _slots(planned: Planned, term: Term) -> tuple[Floats, ...]:
    """Return load, price, lower, upper, under_cost and over_cost, each (n_groups,), of a term."""
    if term.resource is None:
        return _of_other_classes(planned, term)
    resource = planned.compiled.problem.resources[term.resource]
    upper = np.array(resource.upper)
    if isinstance(term.rule, Capacity):
        upper = _without_reserve(planned, term.rule, upper)
    load, price = planned.loads[term.resource], planned.prices[term.resource]
    limits = (resource.lower, upper, resource.under_cost, resource.over_cost)
    return (np.array(load), np.array(price), *limits)


def _without_reserve(planned: Planned, rule: Capacity, reduced: Floats) -> Floats:
    """Return (n_groups,) the limit that holds for new leads (design: absence and reserve)."""
    compiled = planned.compiled
    whole = rule.model_copy(update={"reserve": 0.0})
    present = whole.present_load(compiled.facts, compiled.valuation)
    upper: Floats = np.maximum(reduced, whole.upper(compiled.facts, present))
    return upper


def _of_other_classes(planned: Planned, term: Term) -> tuple[Floats, ...]:
    """Return the slots of the classes that the plan has not: a book only has others of them."""
    compiled, rule = planned.compiled, cast("Concentration", term.rule)
    part = np.full(compiled.facts.num_leads, -rule.at_most)
    load = rule.load(compiled.facts, compiled.valuation, planned.rep_of_lead, part)
    present = rule.load(compiled.facts, compiled.valuation, compiled.snapshot.owner_index, part)
    none = np.zeros(len(load))
    upper = np.maximum(rule.beyond, present)
    return load, none, none - np.inf, upper, none, none + np.inf

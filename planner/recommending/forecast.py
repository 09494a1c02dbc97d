"""Prices for leads that are still to come, as if they were like those of the plan."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from models.problem import NOBODY, Problem
from models.resource import NOT_COUNTED, Layer, Resource
from planner.engines.prices.proven_prices import proven_prices
from planner.recommending.offers import offers_of
from planner.rules.capacity import Capacity

if TYPE_CHECKING:
    from models.arrays import Floats, Ints
    from planner.compile import Compiled
    from planner.kernels.routing import Offered, Use
    from planner.recommending.room import Room
    from planner.recommending.terms import Term

SAMPLE = 20_000
"""So many leads tell prices well enough; more would only cost time."""


class Forecast:
    """What leads come: the plan's own, or a sample of them, as if they were new.

    Parameters
    ----------
    compiled : the plan's problem
    terms : what limits count of new leads
    """

    def __init__(self, compiled: Compiled, terms: tuple[Term, ...]) -> None:
        self._compiled, self._terms = compiled, terms
        self._start: tuple[Floats, ...] | None = None

    @cached_property
    def offered(self) -> Offered:
        """The leads and their pairs."""
        compiled = self._compiled
        leads = compiled.snapshot.leads
        if len(leads) > SAMPLE:
            some = np.random.default_rng(0).choice(len(leads), SAMPLE, replace=False)
            leads = leads.iloc[np.sort(some)].reset_index(drop=True)
        nothing = {"owner": np.nan, "family": np.nan, "owned_since": pd.NaT}
        blank = {name: pd.Series(cell, leads.index, leads[name].dtype)
                 for name, cell in nothing.items()}  # fmt: skip
        as_new = leads.assign(**blank)
        return offers_of(compiled, self._terms, None, as_new, np.arange(len(leads))).offered

    @cached_property
    def expected(self) -> float:
        """How many of them the reserve is kept for; where several limits have one, the fewest."""
        found = []
        for number, term in enumerate(self._terms):
            rule = term.rule
            if isinstance(rule, Capacity) and rule.reserve and rule.where is None:
                part = self.offered.part[:, number]
                amount = _mean_value(self.offered, part) if term.by_value else part.mean()
                if amount > 0:
                    found.append(self._reserve(rule, term) / amount)
        return float(min(found, default=0.0))

    def price(self, room: Room, expected: float) -> None:
        """Set the prices of a room to the best ones for so many leads like these.

        So many leads over the room, and all of the sample over as many times the room, have the
        same prices.
        """
        if expected <= 0 or not len(self.offered.rep):
            return
        problem = _problem(self.offered, room, len(self.offered.nobody) / expected)
        self._start = proven_prices(problem, self._start).by_resource
        room.state.price[:] = np.concatenate([np.zeros(0), *self._start])

    def _reserve(self, rule: Capacity, term: Term) -> float:
        """Return the room that a limit keeps, in its unit; absent reps keep none."""
        facts = self._compiled.facts
        whole = rule.model_copy(update={"reserve": 0.0})
        none = np.zeros(int(term.group.max(initial=NOBODY)) + 1)
        kept = whole.upper(facts, none) - rule.upper(facts, none)
        is_here = np.zeros(len(kept), bool)
        is_here[term.group[(term.group >= 0) & ~facts.has_left]] = True
        return float(kept[is_here].sum())


def _mean_value(offered: Offered, part: Floats) -> float:
    """Return the mean of what leads count in expected value, over the pairs."""
    lead = np.repeat(np.arange(len(part)), np.diff(offered.indptr))
    return float((offered.value * part[lead]).mean())


def _problem(offered: Offered, room: Room, scale: float) -> Problem:
    """Return the leads over so many times the room that is left."""
    num_leads, num_pairs = len(offered.nobody), len(offered.rep)
    # Nobody is the last pair of each row.
    indptr = offered.indptr + np.arange(num_leads + 1)
    lead = np.repeat(np.arange(num_leads), np.diff(offered.indptr))
    at = np.arange(num_pairs) + lead
    rep = np.full(num_pairs + num_leads, NOBODY)
    rep[at] = offered.rep
    score = np.empty(len(rep))
    score[at], score[indptr[1:] - 1] = offered.score, np.maximum(offered.nobody, _worst(offered))
    resources = tuple(
        _resource(offered, room, number, scale, lead, at) for number in range(len(room.terms))
    )
    return Problem(indptr, rep.astype(np.int32), score, room.use.slot.shape[1], resources)


def _worst(offered: Offered) -> float:
    """Return minus what the best lead brings: a lead that must be placed has no other score."""
    return -float(np.abs(offered.score).max(initial=0.0))


def _resource(
    offered: Offered, room: Room, number: int, scale: float, lead: Ints, at: Ints
) -> Resource:
    use: Use = room.use
    slot = use.slot[number, offered.rep]
    amount = offered.part[lead, number] * use.factor[number, offered.rep]
    if use.by_value[number]:
        amount = amount * offered.value
    amounts, group = np.zeros(len(lead) + len(offered.nobody)), None
    amounts[at] = amount
    group = np.full(len(amounts), NOT_COUNTED)
    group[at] = np.where(slot >= 0, slot - room.offset[number], NOT_COUNTED)
    load = room.of_term(room.state.load, number)
    upper = np.maximum(room.of_term(room.upper, number) - load, 0.0) * scale
    under_cost = room.of_term(room.under_cost, number)
    # New leads only lift loads: a hard lower limit that holds will hold.
    lower = (room.of_term(room.lower, number) - load) * scale
    lower = np.where(np.isinf(under_cost), -np.inf, np.minimum(lower, upper))
    return Resource(
        name=room.terms[number].name,
        layers=(Layer(amounts, group.astype(np.int32)),),
        base=np.zeros(len(load)),
        lower=lower,
        upper=upper,
        under_cost=np.where(np.isinf(under_cost), 0.0, under_cost),
        over_cost=room.of_term(room.over_cost, number),
    )

"""Prices for leads that are still to come, as if they were like those of the plan."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from planner.engines.prices.proven_prices import proven_prices
from planner.recommending.offers import offers_of
from planner.recommending.over_room import problem_over
from planner.rules.capacity import Capacity

if TYPE_CHECKING:
    from models.arrays import Floats, Ints
    from planner.compile import Compiled
    from planner.kernels.routing import Offered
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
    def sample(self) -> Ints:
        """(n_offered,) the positions of the plan's leads that are offered."""
        num_leads = self._compiled.facts.num_leads
        if num_leads <= SAMPLE:
            return np.arange(num_leads)
        return np.sort(np.random.default_rng(0).choice(num_leads, SAMPLE, replace=False))

    @cached_property
    def offered(self) -> Offered:
        """The leads and their pairs."""
        compiled = self._compiled
        leads = compiled.snapshot.leads.iloc[self.sample].reset_index(drop=True)
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
        problem = problem_over(self.offered, room, len(self.offered.nobody) / expected)
        self._start = proven_prices(problem, self._start).by_resource
        room.state.price[:] = np.concatenate([np.zeros(0), *self._start])

    def _reserve(self, rule: Capacity, term: Term) -> float:
        """Return the room that a limit keeps beyond present books, in its unit, but of who left."""
        compiled, facts = self._compiled, self._compiled.facts
        whole = rule.model_copy(update={"reserve": 0.0})
        present = rule.present_load(facts, compiled.valuation)
        kept = whole.upper(facts, present) - rule.upper(facts, present)
        is_here = np.zeros(len(kept), bool)
        is_here[term.group[(term.group >= 0) & ~facts.has_left]] = True
        return float(kept[is_here].sum())


def _mean_value(offered: Offered, part: Floats) -> float:
    """Return the mean of what leads count in expected value, over the pairs."""
    lead = np.repeat(np.arange(len(part)), np.diff(offered.indptr))
    return float((offered.value * part[lead]).mean())

"""Who has the plan's leads by now: some change hands after a plan, by claim or by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from planner.recommending.terms import parts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.arrays import Floats, Ints
    from planner.planned import Planned
    from planner.recommending.terms import Term


class Moved(NamedTuple):
    """Leads of the plan that changed hands.

    Attributes
    ----------
    lead : (n,) their positions
    before, after : (n,) positions of reps; -1 for nobody
    value_before, value_after : (n,) money, the expected value with them
    part : (n, n_terms) what the leads count
    """

    lead: Ints
    before: Ints
    after: Ints
    value_before: Floats
    value_after: Floats
    part: Floats


class Books:
    """Keeps account of who has each lead of the plan.

    Parameters
    ----------
    planned : the plan, by which everybody has leads at first
    terms : what counts

    Attributes
    ----------
    rep_of_lead : (n_leads,) positions of reps; -1 for nobody
    """

    def __init__(self, planned: Planned, terms: tuple[Term, ...]) -> None:
        self._planned, self._terms = planned, terms
        self.rep_of_lead: Ints = np.array(planned.rep_of_lead)

    def move(self, holders: Mapping[str, str | None]) -> Moved:
        """Book leads for who has them now, and return those that someone else had.

        Parameters
        ----------
        holders : rep_id by lead_id; None for nobody. Leads that the plan does not know are left
            out, and a rep whom it does not know is nobody
        """
        planned = self._planned
        lead = planned.lead_positions(list(holders))
        after = planned.rep_positions(list(holders.values()))
        lead, after = lead[lead >= 0], after[lead >= 0]
        has_moved = self.rep_of_lead[lead] != after
        lead, after = lead[has_moved], after[has_moved]
        before = self.rep_of_lead[lead]
        self.rep_of_lead[lead] = after
        values = (self._values(lead, before), self._values(lead, after))
        return Moved(lead, before, after, *values, self._parts(lead))

    def _values(self, lead: Ints, rep: Ints) -> Floats:
        value = np.zeros(len(lead))
        has_rep = rep >= 0
        valuation = self._planned.compiled.valuation
        value[has_rep] = valuation.expected_value(lead[has_rep], rep[has_rep])
        return value

    def _parts(self, lead: Ints) -> Floats:
        compiled = self._planned.compiled
        leads = compiled.snapshot.leads.iloc[lead].reset_index(drop=True)
        facts = compiled.facts.of_leads(leads, np.arange(len(leads)))
        part = parts(self._terms, facts, compiled.valuation.amount[lead])
        # What reps who are back have gained is told by the plan, not by who has a lead now.
        part[:, [term.rule is None and not term.by_value for term in self._terms]] = 0.0
        return part

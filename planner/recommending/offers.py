"""Who may work new leads, and what each pair is worth: by the very rules that plans compile."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from models.problem import NOBODY
from planner.eligibility import combined, eligibility
from planner.gains import without_gains
from planner.kernels.routing import FREE, UNPLACED, Offered
from planner.ownership import Ownership
from planner.recommending.amounts import amounts_of
from planner.recommending.terms import parts
from planner.valuation import Valuation

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.arrays import Ints
    from planner.compile import Compiled
    from planner.eligibility import Eligibility
    from planner.facts import Facts
    from planner.recommending.customers import Customers
    from planner.recommending.terms import Term


@dataclass(frozen=True, eq=False)
class Offers:
    """New leads with their pairs.

    Attributes
    ----------
    offered : as the kernels take them
    lead_ids : (n_leads,) their ids
    bound : (n_leads,) the rep who has the lead's customer; -2 for nobody yet, -1 where the
        customer's other leads have no rep, or several
    make_facts : returns the leads as tables
    remarks : what validation remarked, in sentences
    """

    offered: Offered
    lead_ids: tuple[str, ...]
    bound: Ints
    make_facts: Callable[[], Facts]
    remarks: tuple[str, ...] = ()

    @cached_property
    def facts(self) -> Facts:
        """The leads as tables."""
        return self.make_facts()

    def holders(self) -> Ints:
        """Return (n_customers,) who has each customer, as in `bound`."""
        holder = np.full(int(self.offered.customer.max(initial=-1)) + 1, FREE, np.int64)
        holder[self.offered.customer] = self.bound
        return holder


def offers_of(
    compiled: Compiled,
    terms: tuple[Term, ...],
    customers: Customers | None,
    leads: pd.DataFrame,
    duplicates: Ints,
) -> Offers:
    """Return what new leads offer.

    Parameters
    ----------
    compiled : the plan's problem
    customers : who has which; None where nobody has any
    leads : validated, without owners
    duplicates : (n_leads,) equal numbers for copies of one record
    """
    facts = compiled.facts.of_leads(leads, duplicates)
    # A lead that nobody owns does not change hands.
    policy = replace(compiled.policy, switching_cost=None)
    amount = amounts_of(compiled, facts)
    valuation = Valuation(policy, facts, amount)
    alone = np.arange(facts.num_leads)
    eligible = eligibility(policy.eligibility(), facts, alone)
    eligible = without_gains(eligible, policy, valuation, compiled.settled, facts, alone)
    bound, may_join = np.full(facts.num_leads, FREE), np.zeros(0, np.int64)
    if customers is not None:
        bound = customers.holders_of(facts)
        may_join = _with_their_customers(compiled, customers, facts, bound)
    lead, rep = _pairs(eligible, bound, may_join)
    score = valuation.preferred_value(lead, rep)
    indptr = np.append(0, np.cumsum(np.bincount(lead, minlength=facts.num_leads)))
    best = np.full(facts.num_leads, -np.inf)
    np.maximum.at(best, lead, score)
    nobody = 0.0 - policy.unassigned.cost * np.maximum(best, 0.0)
    offered = Offered(
        indptr=indptr,
        rep=rep,
        value=valuation.expected_value(lead, rep),
        score=score,
        nobody=np.full(len(best), -np.inf) if policy.unassigned.forbidden else nobody,
        part=parts(terms, facts, amount),
        customer=facts.row_of_lead,
    )
    return Offers(offered, tuple(leads["lead_id"]), bound, lambda: facts)


def _pairs(eligible: Eligibility, bound: Ints, may_join: Ints) -> tuple[Ints, Ints]:
    """Return lead and rep of every pair, lead by lead.

    Parameters
    ----------
    may_join : the leads, of those whose customer a rep has, that the rules let that rep have
    """
    counts = np.where(bound == FREE, eligible.counts(), 0)
    free = np.repeat(np.arange(len(bound)), counts)
    place = np.arange(len(free)) - np.repeat(np.cumsum(counts) - counts, counts)
    rep = eligible.rep[eligible.indptr[eligible.row_class[free]] + place].astype(np.int64)
    lead = np.concatenate([free, may_join])
    rep = np.concatenate([rep, bound[may_join]])
    order = np.argsort(lead, kind="stable")
    return lead[order], rep[order]


def _with_their_customers(
    compiled: Compiled, customers: Customers, new: Facts, bound: Ints
) -> Ints:
    """Return the leads that may join the other leads of their customer, with the rep of these.

    They are looked at together: to who owns one of them, or holds it over a limit, no other is new.
    """
    joining = np.flatnonzero(bound > UNPLACED)
    if not len(joining):
        return joining
    others = customers.leads_of(new, joining)
    known = compiled.snapshot.leads.iloc[others]
    frame = pd.concat([known, new.leads.iloc[joining]], ignore_index=True)
    copies = np.concatenate(
        [compiled.snapshot.duplicates[others], _apart(compiled, new.snapshot.duplicates[joining])]
    )
    pins = compiled.snapshot.pins
    facts = compiled.facts.of_leads(frame, copies, pins[pins["lead_id"].isin(known["lead_id"])])
    row, policy = facts.row_of_lead, compiled.policy
    eligible = eligibility(policy.eligibility(), facts, row)
    if policy.families.owner_first:
        ownership = Ownership.of(facts, eligible, row)
        rules = (*eligible.rules, policy.families)
        owners = policy.families.owners_only(facts, ownership)
        eligible = combined(rules, (*eligible.masks, owners), facts, row)
    amount = np.concatenate([compiled.valuation.amount[others], amounts_of(compiled, new)[joining]])
    valuation = Valuation(replace(policy, switching_cost=None), facts, amount)
    eligible = without_gains(eligible, policy, valuation, compiled.settled, facts, row)
    allowed = eligible.allows(row[len(others) :], bound[joining])
    return joining[allowed]


def _apart(compiled: Compiled, duplicates: Ints) -> Ints:
    """Return numbers of copies that no lead of the plan has."""
    return duplicates + int(compiled.snapshot.duplicates.max(initial=NOBODY)) + 1

"""Ranks reps for new leads by a plan's prices, without a solve, and routes leads as they come."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from models.errors import UsageError
from models.validation.new_leads import NewLeads, new_lead_of, new_leads_of
from planner.kernels.routing import UNPLACED, assess, route, take
from planner.recommending.books import Books
from planner.recommending.customers import Customers
from planner.recommending.forecast import Forecast
from planner.recommending.offers import Offers, offers_of
from planner.recommending.quick import Quick
from planner.recommending.ranking import Assessed, routed_table
from planner.recommending.room import Room
from planner.recommending.terms import terms_of, unheeded
from planner.rules.amount import MedianBy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.arrays import Ints
    from planner.planned import Planned
    from planner.recommending.ranking import Ranking, Recommendation

TOP = 5


class Recommender:
    """Recommends reps for new leads beside a plan, and keeps account of what they take.

    Limits are those without the reserve, which is kept for these leads; present books and the plan
    fill them first. Prices are the plan's until `expect` prepares others.

    Parameters
    ----------
    planned : the plan
    """

    def __init__(self, planned: Planned) -> None:
        self.planned = planned
        self.compiled = planned.compiled
        self.terms = terms_of(self.compiled)
        self.notes = unheeded(self.compiled.policy)
        self.room = Room(planned, self.terms)
        self._books = Books(planned, self.terms)
        self._customers = Customers(planned)
        self._rep_ids = tuple(self.compiled.facts.reps["rep_id"].astype(str))
        self._names = tuple(term.name for term in self.terms)
        self._taken: set[str] = set()
        self._quick = Quick(self.compiled, self.terms, self._customers)

    def read(self, leads: NewLeads | pd.DataFrame | Mapping[str, Any]) -> Offers:
        """Return new leads as the policy sees them, validated if they are not yet.

        Raises
        ------
        InputError : with every fault of the leads
        PolicyError : the policy needs what a lead has not, such as an amount
        """
        keep = self.compiled.policy.columns()["leads"]
        remarks: tuple[str, ...] = ()
        if isinstance(leads, pd.DataFrame):
            leads = new_leads_of(leads, self.compiled.snapshot, keep=keep)
        elif not isinstance(leads, NewLeads):
            # A program leaves out what is empty; a file without a column has forgotten it.
            leads = new_lead_of(leads, self.compiled.snapshot, keep=keep)
            remarks = tuple(issue.text() for issue in leads.issues.issues)
        self._refuse_taken(tuple(leads.frame["lead_id"]))
        self._check(leads)
        offers = offers_of(
            self.compiled, self.terms, self._customers, leads.frame, leads.duplicates
        )
        return replace(offers, remarks=remarks)

    def rank(self, lead: Mapping[str, Any] | pd.DataFrame, top: int = TOP) -> Ranking:
        """Return the best reps for one lead; raises as `read` does."""
        offers = self._offers_of_one(lead)
        return self._assessed(offers).ranking(0, top, (*self.notes, *offers.remarks))

    def rank_all(self, leads: NewLeads | pd.DataFrame, top: int = TOP) -> list[Ranking]:
        """Return the best reps for each lead as if it came alone; raises as `read` does."""
        offers = self.read(leads)
        assessed = self._assessed(offers)
        return [assessed.ranking(at, top, self.notes) for at in range(len(offers.lead_ids))]

    def take(self, lead: Mapping[str, Any] | pd.DataFrame, rep_id: str) -> Recommendation:
        """Book a lead for a rep and return what it brings there; the room shrinks by it.

        Raises
        ------
        UsageError : the rules forbid the pair, or a limit has no room for it
        """
        offers = self._offers_of_one(lead)
        offered = offers.offered
        rep = self.planned.rep(rep_id)
        found = np.flatnonzero(offered.rep == rep)
        if not len(found):
            raise UsageError(
                f"the rules keep lead {offers.lead_ids[0]!r} from rep {rep_id!r}; "
                "take one of those that are recommended"
            )
        told = self._assessed(offers).recommendation(0, int(found[0]), int(found[0]))
        if not told.has_room:
            raise UsageError(
                f"rep {rep_id!r} has no room for lead {offers.lead_ids[0]!r}: "
                f"{', '.join(told.full)}"
            )
        take(offered, self.room.use, self.room.state, self.room.soft, 0, int(found[0]))
        self._remember(offers, np.array([rep]))
        return told

    def hold(self, holders: Mapping[str, str | None]) -> None:
        """Count leads of the plan that changed hands since where they are now.

        Parameters
        ----------
        holders : rep_id by lead_id, None for nobody; leads and reps that the plan does not know
            count nowhere
        """
        moved = self._books.move(holders)
        if len(moved.lead):
            self.room.move(moved)
            self._customers.hold(self._books.rep_of_lead)

    def warm(self, num_leads: int = 1_000) -> None:
        """Prepare for leads like some of the plan's: the first of a kind takes ten times longer."""
        self._quick.warm(num_leads)

    def route(self, leads: NewLeads | pd.DataFrame | Offers) -> pd.DataFrame:
        """Give leads out in the order in which they were created, each of what is left; book them.

        Returns
        -------
        frame : lead_id, rep_id (NaN: the pool), expected_value, score, reason, in order of arrival
        """
        offers = leads if isinstance(leads, Offers) else self.read(leads)
        offered = offers.offered
        order = arrival(offers)
        chosen, had_room = route(
            offered, self.room.use, self.room.state, self.room.soft, order, offers.holders()
        )
        is_placed = chosen >= 0
        rep = np.full(len(chosen), UNPLACED)
        rep[is_placed] = offered.rep[chosen[is_placed]]
        self._remember(offers, rep)
        table = routed_table(offers, chosen, had_room, self._rep_ids)
        return table.iloc[order].reset_index(drop=True)

    def expect(self, num_leads: float | None = None) -> None:
        """Price the room that is left for leads still to come, as if they were like the plan's own.

        It takes some passes over the plan's leads, so it belongs between recommendations: before
        the first one, and from time to time, as room and time go.

        Parameters
        ----------
        num_leads : how many will come; as many as fill the reserve if not given
        """
        expected = self.forecast.expected if num_leads is None else num_leads
        self.forecast.price(self.room, expected)

    @cached_property
    def forecast(self) -> Forecast:
        """What leads to expect: the plan's own."""
        return Forecast(self.compiled, self.terms)

    def _assessed(self, offers: Offers) -> Assessed:
        paid, fits = assess(offers.offered, self.room.use, self.room.state)
        return Assessed(offers, paid, fits, self._rep_ids, self._names)

    def _offers_of_one(self, lead: Mapping[str, Any] | pd.DataFrame) -> Offers:
        if not isinstance(lead, pd.DataFrame):
            offers = self._quick.offers(lead)
            if offers is not None:
                self._refuse_taken(offers.lead_ids)
                return offers
        offers = self.read(lead)
        if len(offers.lead_ids) != 1:
            raise UsageError(f"got {len(offers.lead_ids)} leads; one at a time")
        return offers

    def _check(self, leads: NewLeads) -> None:
        """Raise PolicyError unless the policy fits the leads; it fits the rest of the tables."""
        policy, facts = self.compiled.policy, self.compiled.facts
        if isinstance(policy.amount.missing, MedianBy):
            # Medians come from the leads of the plan.
            known = policy.amount.model_copy(update={"missing": 0.0})
            policy = replace(policy, amount=known)
        other = facts.of_leads(leads.frame, leads.duplicates)
        # A column that the company has and these leads have not is empty for them.
        columns = leads.present | (other.snapshot.present["leads"] & set(leads.frame))
        present = {**other.snapshot.present, "leads": columns}
        policy.check(replace(other.snapshot, present=present), other)

    def _refuse_taken(self, lead_ids: tuple[str, ...]) -> None:
        for lead_id in lead_ids:
            if lead_id in self._taken:
                raise UsageError(f"lead {lead_id!r} has been given to a rep already")

    def _remember(self, offers: Offers, rep: Ints) -> None:
        self._taken.update(
            lead_id for lead_id, who in zip(offers.lead_ids, rep.tolist(), strict=True) if who >= 0
        )
        self._customers.take(offers.facts, rep)


def arrival(offers: Offers) -> Ints:
    """Return (n_leads,) new leads in the order in which they were created; undated ones come last,
    ties go by lead_id.
    """
    created = offers.facts.leads["created"]
    order = pd.DataFrame({"created": created, "lead_id": list(offers.lead_ids)})
    return order.sort_values(["created", "lead_id"], na_position="last").index.to_numpy(np.int64)

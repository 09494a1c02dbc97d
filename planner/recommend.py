"""Ranks reps for new leads by a plan's prices, without a solve, and routes leads as they come."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from models.errors import UsageError
from models.validation.new_leads import NewLeads, new_leads_of
from planner.kernels.routing import FREE, UNPLACED, assess, route, take
from planner.reasons import Reason
from planner.recommending.customers import Customers
from planner.recommending.forecast import Forecast
from planner.recommending.offers import Offers, offers_of
from planner.recommending.quick import Quick
from planner.recommending.room import Room
from planner.recommending.terms import terms_of, unheeded
from planner.rules.amount import MedianBy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.arrays import Floats, Ints
    from planner.planned import Planned

TOP = 5


class Why(StrEnum):
    """Why a rep stands where in a ranking, or why there is none; beside those of a plan."""

    LESS_VALUE = "less_value"
    """The first one brings a higher score."""
    DEARER_ROOM = "dearer_room"
    """The score is as high as the first one's, but the room is worth more to other leads."""
    NO_ROOM = "no_room"
    """A limit leaves no room for the lead now."""
    ROOM_WORTH_MORE = "room_worth_more"
    """The room is worth more to other leads than this one brings: better left in the pool."""
    CUSTOMER = "customer"
    """The rep has the customer's other leads, so nobody else may have this one."""
    CUSTOMER_WITHOUT_REP = "customer_without_rep"
    """Nobody has the customer's other leads, or several reps do: the next plan decides."""
    CUSTOMER_BARRED = "customer_barred"
    """The rules keep the lead from who has the customer's other leads: the next plan decides."""


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A rep for a new lead.

    Attributes
    ----------
    rep_id : who
    expected_value, score : money, as in a plan
    prices : what the lead pays, in money, by the name of the limit or fair share; none of 0
    net : score - prices
    has_room : whether every hard limit holds with the lead
    full : the names of those that do not
    reasons : stable codes, of `planner.reasons.Reason` and `Why`
    """

    rep_id: str
    expected_value: float
    score: float
    prices: Mapping[str, float]
    net: float
    has_room: bool
    full: tuple[str, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ranking:
    """The best reps for a new lead: those with room first, by net.

    Attributes
    ----------
    lead_id : the lead
    rep_id : who should have it; None to leave it in the pool
    reason : why nobody should, or why the first one
    nobody : money, the score of leaving it in the pool; -inf where it must have a rep
    num_eligible : how many reps the rules allow
    reps : the first of them
    notes : rules that could not be held against it, in sentences
    """

    lead_id: str
    rep_id: str | None
    reason: str
    nobody: float
    num_eligible: int
    reps: tuple[Recommendation, ...]
    notes: tuple[str, ...] = ()


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
        if not isinstance(leads, pd.DataFrame | NewLeads):
            leads = pd.DataFrame([dict(leads)])
        if isinstance(leads, pd.DataFrame):
            keep = self.compiled.policy.columns()["leads"]
            leads = new_leads_of(leads, self.compiled.snapshot, keep=keep)
        self._refuse_taken(tuple(leads.frame["lead_id"]))
        self._check(leads)
        return offers_of(self.compiled, self.terms, self._customers, leads.frame, leads.duplicates)

    def rank(self, lead: Mapping[str, Any] | pd.DataFrame, top: int = TOP) -> Ranking:
        """Return the best reps for one lead; raises as `read` does."""
        offers = self._offers_of_one(lead)
        return self._ranking(
            offers, 0, top, *assess(offers.offered, self.room.use, self.room.state)
        )

    def rank_all(self, leads: NewLeads | pd.DataFrame, top: int = TOP) -> list[Ranking]:
        """Return the best reps for each lead as if it came alone; raises as `read` does."""
        offers = self.read(leads)
        paid, fits = assess(offers.offered, self.room.use, self.room.state)
        return [
            self._ranking(offers, lead, top, paid, fits) for lead in range(len(offers.lead_ids))
        ]

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
        paid, fits = assess(offered, self.room.use, self.room.state)
        told = self._recommendation(offers, int(found[0]), paid, fits, ())
        if not told.has_room:
            raise UsageError(
                f"rep {rep_id!r} has no room for lead {offers.lead_ids[0]!r}: "
                f"{', '.join(told.full)}"
            )
        take(offered, self.room.use, self.room.state, self.room.soft, 0, int(found[0]))
        self._remember(offers, np.array([rep]))
        return told

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
        rep = np.where(chosen >= 0, offered.rep[chosen] if len(offered.rep) else UNPLACED, UNPLACED)
        self._remember(offers, rep)
        return self._routed(offers, chosen, rep, had_room).iloc[order].reset_index(drop=True)

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
        present = {**other.snapshot.present, "leads": leads.present}
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

    def _ranking(self, offers: Offers, lead: int, top: int, paid: Floats, fits: Any) -> Ranking:
        offered = offers.offered
        first, last = int(offered.indptr[lead]), int(offered.indptr[lead + 1])
        nobody, bound = float(offered.nobody[lead]), int(offers.bound[lead])
        net = offered.score[first:last] - paid[first:last].sum(axis=1)
        has_room = fits[first:last].all(axis=1)
        order = np.lexsort((-net, ~has_room))[:top] + first
        reps = tuple(
            self._recommendation(
                offers,
                int(pair),
                paid,
                fits,
                self._codes(offers, lead, int(pair), int(order[0]), paid, fits),
            )
            for pair in order
        )
        is_taken = bool(reps) and reps[0].has_room and reps[0].net >= nobody
        if is_taken:
            reason = reps[0].reasons[0]
        elif not reps:
            reason = _without_rep(bound)
        else:
            reason = Why.ROOM_WORTH_MORE if reps[0].has_room else Reason.NO_ROOM
            if reps[0].has_room and reps[0].score < 0:
                reason = Reason.NO_VALUE
        return Ranking(
            lead_id=offers.lead_ids[lead],
            rep_id=reps[0].rep_id if is_taken else None,
            reason=str(reason),
            nobody=nobody,
            num_eligible=last - first,
            reps=reps,
            notes=self.notes,
        )

    def _codes(
        self, offers: Offers, lead: int, pair: int, leader: int, paid: Floats, fits: Any
    ) -> tuple[str, ...]:
        offered = offers.offered
        first, last = int(offered.indptr[lead]), int(offered.indptr[lead + 1])
        codes: list[str] = []
        best = float(offered.score[first:last].max())
        if pair != leader:
            less = offered.score[pair] < offered.score[leader]
            codes.append(Why.LESS_VALUE if less else Why.DEARER_ROOM)
        elif offers.bound[lead] != FREE:
            codes.append(Why.CUSTOMER)
        elif last - first == 1:
            codes.append(Reason.ONLY_REP)
        else:
            is_best = offered.score[pair] >= best - 1e-9 * abs(best)
            codes.append(Reason.BEST_VALUE if is_best else Reason.BEST_UNDER_LIMITS)
        if not fits[pair].all():
            codes.append(Why.NO_ROOM)
        if offered.score[pair] - paid[pair].sum() < offered.nobody[lead]:
            codes.append(Why.ROOM_WORTH_MORE)
        return tuple(map(str, codes))

    def _recommendation(
        self, offers: Offers, pair: int, paid: Floats, fits: Any, codes: tuple[str, ...]
    ) -> Recommendation:
        offered = offers.offered
        prices = {
            name: money
            for name, money in zip(self._names, paid[pair].tolist(), strict=True)
            if money != 0
        }
        score = float(offered.score[pair])
        full = tuple(name for name, fit in zip(self._names, fits[pair], strict=True) if not fit)
        return Recommendation(
            rep_id=self._rep_ids[offered.rep[pair]],
            expected_value=float(offered.value[pair]),
            score=score,
            prices=prices,
            net=score - sum(prices.values()),
            has_room=not full,
            full=full,
            reasons=codes,
        )

    def _routed(self, offers: Offers, chosen: Ints, rep: Ints, had_room: Any) -> pd.DataFrame:
        offered = offers.offered
        is_placed, num_eligible = chosen >= 0, np.diff(offered.indptr)
        best = np.full(len(chosen), -np.inf)
        np.maximum.at(best, np.repeat(np.arange(len(chosen)), num_eligible), offered.score)
        pair = np.where(is_placed, chosen, 0)
        score = (
            np.where(is_placed, offered.score[pair], offered.nobody)
            if len(offered.rep)
            else offered.nobody
        )
        value = (
            np.where(is_placed, offered.value[pair], 0.0)
            if len(offered.rep)
            else np.zeros(len(rep))
        )
        codes = np.select(
            [
                is_placed & (offers.bound > UNPLACED),
                is_placed & (num_eligible == 1),
                is_placed & (score >= best - 1e-9 * np.abs(best)),
                is_placed,
                offers.bound == UNPLACED,
                (offers.bound >= 0) & (num_eligible == 0),
                num_eligible == 0,
                ~had_room,
                best < 0,
            ],
            [
                Why.CUSTOMER,
                Reason.ONLY_REP,
                Reason.BEST_VALUE,
                Reason.BEST_UNDER_LIMITS,
                Why.CUSTOMER_WITHOUT_REP,
                Why.CUSTOMER_BARRED,
                Reason.NO_ELIGIBLE_REP,
                Reason.NO_ROOM,
                Reason.NO_VALUE,
            ],
            Why.ROOM_WORTH_MORE,
        )
        names = pd.array([*self._rep_ids], dtype="str")
        return pd.DataFrame(
            {
                "lead_id": pd.Series(offers.lead_ids, dtype="str"),
                "rep_id": pd.Series(names.take(rep, allow_fill=True)),
                "expected_value": value,
                "score": score,
                "reason": pd.Series(codes, dtype="str"),
            }
        )


def arrival(offers: Offers) -> Ints:
    """Return (n_leads,) new leads in the order in which they were created; undated ones come last,
    ties go by lead_id.
    """
    created = offers.facts.leads["created"]
    order = pd.DataFrame({"created": created, "lead_id": list(offers.lead_ids)})
    return order.sort_values(["created", "lead_id"], na_position="last").index.to_numpy(np.int64)


def _without_rep(bound: int) -> str:
    if bound == FREE:
        return Reason.NO_ELIGIBLE_REP
    return Why.CUSTOMER_WITHOUT_REP if bound == UNPLACED else Why.CUSTOMER_BARRED

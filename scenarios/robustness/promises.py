"""What a plan promises: no load above its cap, no load outside its band; and what breaks it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models.resource import slack
from planner.measures import Measure
from planner.recommending.terms import UNCOUNTED
from planner.rules.capacity import Capacity
from planner.rules.fairness import Fairness, Mode
from scenarios.robustness.sums import sums_by_group

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.arrays import Floats, Ints
    from planner.planned import Planned
    from planner.recommending.pool import Pool
    from planner.recommending.terms import Term


@dataclass(frozen=True, eq=False)
class Promise:
    """A cap or a band of the policy, as the plan keeps it.

    The reserve is no part of it: it is there for what comes.

    Attributes
    ----------
    label, sentence : the rule's
    unit : of loads: leads, hours (in the period) or money
    soft : whether to break it costs money, but is allowed
    holders : whose loads they are: rep_ids or teams
    lower, upper : (n_holders,) limits; +-inf for none
    load : (n_holders,) in the plan, base included
    base : (n_holders,) load from outside the plan
    slots : where in the room its loads are
    group : (n_reps,) int64, which holder a rep's lead counts for; -1 for none
    weight : (n_leads,) what of a lead's expected value counts; None where loads are no value
    shrinks : (n_reps,) what the limit of a rep's holder loses if the rep is away all the period
    """

    label: str
    sentence: str
    unit: str
    soft: bool
    holders: tuple[str, ...]
    lower: Floats
    upper: Floats
    load: Floats
    base: Floats
    slots: slice
    group: Ints
    weight: Floats | None
    shrinks: Floats

    def loads(self, value: Floats, lead: Ints, rep: Ints) -> Floats:
        """Return (n_draws or 1, n_holders) loads of the plan.

        Parameters
        ----------
        value : (n_draws, n_assigned) expected value of the assigned leads
        lead, rep : (n_assigned,) positions
        """
        if self.weight is None:
            return self.load[None, :]
        counted = value * self.weight[lead]
        return self.base + sums_by_group(counted, self.group[rep], len(self.holders))

    def limits(self, lost: Floats) -> Floats:
        """Return (n_draws, n_holders) upper limits.

        Parameters
        ----------
        lost : (n_draws, n_reps) share of the period that an absence takes
        """
        return self.upper - sums_by_group(lost * self.shrinks, self.group, len(self.holders))

    def outside(self, loads: Floats, upper: Floats) -> Floats:
        """Return (n_draws, n_holders) how far loads are outside, 0 within the tolerance."""
        low = np.where(loads < self.lower - slack(self.lower), self.lower - loads, 0.0)
        return np.where(loads > upper + slack(upper), loads - upper, low)


@dataclass(frozen=True, eq=False)
class Tally:
    """How often, and how far, loads were outside a promise.

    Attributes
    ----------
    draws : how many were counted; any : in how many of them somebody was outside
    count : (n_holders,) in how many each was
    total : (n_holders,) sum of how far, in the promise's unit
    """

    draws: int
    any: int
    count: Ints
    total: Floats

    @classmethod
    def of(cls, outside: Floats) -> Tally:
        """Count (n_draws, n_holders) loads by how far they are outside."""
        is_outside = outside > 0
        some = int(is_outside.any(axis=1).sum())
        return cls(len(outside), some, is_outside.sum(axis=0), outside.sum(axis=0))

    def plus(self, other: Tally) -> Tally:
        """Return both together."""
        return Tally(
            self.draws + other.draws,
            self.any + other.any,
            self.count + other.count,
            self.total + other.total,
        )


def promises_of(planned: Planned, pool: Pool) -> tuple[Promise, ...]:
    """Return the caps and bands of a plan's own policy.

    Where the smallest books are lifted (max_min), nothing is promised of any one of them.
    """
    return tuple(_promises(planned, pool))


def _promises(planned: Planned, pool: Pool) -> Iterator[Promise]:
    compiled, room = planned.compiled, pool.room
    for number, term in enumerate(pool.terms):
        rule = term.rule
        if term.resource is None or not isinstance(rule, Capacity | Fairness):
            continue
        if isinstance(rule, Fairness) and rule.mode is Mode.MAX_MIN:
            continue
        slots = slice(int(room.offset[number]), int(room.offset[number + 1]))
        yield Promise(
            label=term.name,
            sentence=rule.told(),
            unit=rule.measure.unit,
            soft=isinstance(rule, Fairness) and rule.mode is Mode.SOFT,
            holders=compiled.labels[term.resource],
            lower=room.lower[slots],
            upper=room.upper[slots],
            load=planned.loads[term.resource],
            base=compiled.problem.resources[term.resource].base,
            slots=slots,
            group=term.group,
            weight=rule.counts(compiled.facts) if term.by_value else None,
            shrinks=_shrinks(planned, term, room.upper[slots]),
        )


def _shrinks(planned: Planned, term: Term, upper: Floats) -> Floats:
    """Return (n_reps,) hours that a limit loses where a rep is away; counts and money lose none.

    A team loses the rep's part of the column that its limit is the sum of, or an equal part of a
    number.
    """
    rule, facts = term.rule, planned.compiled.facts
    hours = np.zeros(facts.num_reps)
    if not isinstance(rule, Capacity) or rule.measure is not Measure.EFFORT_HOURS:
        return hours
    column = rule.limit_column
    weight = np.ones(facts.num_reps)
    if column is not None:
        weight = np.nan_to_num(facts.rep_numbers(column.column))
    counts = (term.group != UNCOUNTED) & ~facts.has_left
    weight = np.where(counts, weight, 0.0)
    whole = np.bincount(term.group[counts], weight[counts], minlength=len(upper))
    held = counts & (weight > 0)
    hours[held] = (upper[term.group] * weight)[held] / whole[term.group][held]
    return hours

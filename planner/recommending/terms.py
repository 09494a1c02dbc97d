"""What each limit of a plan counts of a new lead: the rules' amounts, by lead and by rep.

A pair of a new lead and a rep adds part x factor to the rep's group of a resource, and where the
measure is expected value, that x the pair's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models.problem import NOBODY
from planner.held_sums import KEPT_VALUE
from planner.holders import Holders
from planner.measures import Measure, effort_hours
from planner.rules.concentration import Concentration
from planner.rules.fairness import Fairness, Mode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.arrays import Floats, Ints
    from planner.compile import Compiled
    from planner.counted import CountedRule
    from planner.facts import Facts
    from planner.policy import Policy
    from planner.rules.returning import Returning

OTHER = "any other"
"""The class of leads whose own one the plan has not: they count together."""
UNCOUNTED = -1


@dataclass(frozen=True, eq=False)
class Term:
    """A resource as new leads use it.

    Attributes
    ----------
    name : of the resource, unique
    resource : its number in the problem; None for one that the plan has not
    rule : what counts; None where every lead counts 1
    group : (n_reps,) int64, whose load a rep's lead adds to; -1 where it does not count
    factor : (n_reps,) what one unit of the measure counts with each rep
    by_value : whether what it counts is the expected value of the pair
    classes : of a concentration, the classes that the term is for: one, or all but these
    """

    name: str
    resource: int | None
    rule: CountedRule | None
    group: Ints
    factor: Floats
    by_value: bool
    classes: tuple[str, ...] = ()

    @property
    def is_other(self) -> bool:
        """Whether it is for leads of a class that the plan has not."""
        return self.resource is None

    def share_of(self, name: object) -> float:
        """Return what part of a lead of some class counts."""
        rule = self.rule
        if not isinstance(rule, Concentration):
            return 1.0
        is_known = name in self.classes
        is_class = isinstance(name, str) and is_known != self.is_other
        return is_class - rule.at_most


def terms_of(compiled: Compiled) -> tuple[Term, ...]:
    """Return what the resources of a problem count of new leads; moves are none of theirs."""
    policy, resources = compiled.policy, compiled.problem.resources
    numbers = {resource.name: number for number, resource in enumerate(resources)}
    found = (*_capacity(compiled), *_fairness(compiled), *_concentration(compiled))
    terms = [term for term in found if term.is_other or term.name in numbers]
    if policy.returning is not None:
        terms += _returning(policy.returning, compiled)
    return tuple(terms)


def unheeded(policy: Policy) -> tuple[str, ...]:
    """Return sentences on rules that are not held against new leads."""
    if policy.returning is None:
        return ()
    return ("What reps who are back may gain is counted by the open leads of the plan alone.",)


def parts(terms: tuple[Term, ...], facts: Facts, amount: Floats) -> Floats:
    """Return (n_leads, n_terms) what leads count in each term, the rep and the value apart.

    Parameters
    ----------
    amount : (n_leads,) money
    """
    table = np.ones((facts.num_leads, len(terms)))
    for number, term in enumerate(terms):
        rule = term.rule
        if rule is None:
            continue
        table[:, number] = rule.counts(facts) * measured(rule, facts, amount)
        if isinstance(rule, Concentration):
            key, classes = facts.lead_codes([rule.by])
            shares = np.array([term.share_of(name) for name in classes[rule.by]])
            table[:, number] *= shares[key]
    return table


def measured(rule: CountedRule, facts: Facts, amount: Floats) -> Floats:
    """Return (n_leads,) the measure of each lead; 1 for expected value, which the pair has."""
    if rule.measure is Measure.EFFORT_HOURS:
        return effort_hours(facts)
    if rule.measure is Measure.AMOUNT:
        return amount
    return np.ones(facts.num_leads)


def _capacity(compiled: Compiled) -> Iterator[Term]:
    for number, rule, _ in compiled.capacity():
        group = Holders.of(compiled.facts, rule.per).of_rep
        yield Term(rule.label, number, rule, group, np.ones(len(group)), is_by_value(rule))


def _fairness(compiled: Compiled) -> Iterator[Term]:
    numbers = _numbers(compiled)
    for rule in compiled.policy.fairness:
        if rule.label not in numbers:
            continue
        reps = np.arange(compiled.facts.num_reps)
        if rule.mode is not Mode.MAX_MIN:
            factor = np.ones(len(reps))
            yield Term(rule.label, numbers[rule.label], rule, reps, factor, is_by_value(rule))
        else:
            yield from _held_sums(compiled, rule, numbers)


def _held_sums(compiled: Compiled, rule: Fairness, numbers: dict[str, int]) -> Iterator[Term]:
    facts, settled = compiled.facts, compiled.settled
    share = rule.shares(facts, settled.fair_totals[rule.label])
    factor = np.where(np.isnan(share), 0.0, 1.0 / share)
    group = np.where(np.isnan(share), UNCOUNTED, np.arange(facts.num_reps))
    by_value = is_by_value(rule)
    yield Term(rule.label, numbers[rule.label], rule, group, factor, by_value)
    if KEPT_VALUE in numbers:
        everybody = np.zeros(facts.num_reps, np.int64)
        ones = np.ones(facts.num_reps)
        yield Term(KEPT_VALUE, numbers[KEPT_VALUE], None, everybody, ones, by_value=True)
    kept = settled.max_min.get(rule.label)
    rep_ids = facts.reps["rep_id"].astype(str)
    for at, reps in enumerate(kept.sets if kept is not None else (), start=1):
        name = f"{rule.label}, set {at}"
        together = np.where(rep_ids.isin(reps), 0, UNCOUNTED)
        yield Term(name, numbers[name], rule, together, factor, by_value)


def _concentration(compiled: Compiled) -> Iterator[Term]:
    numbers, reps = _numbers(compiled), np.arange(compiled.facts.num_reps)
    ones = np.ones(len(reps))
    for rule in compiled.policy.concentration:
        by_value = is_by_value(rule)
        classes = tuple(sorted(compiled.facts.leads[rule.by].dropna().unique()))
        for name in classes:
            title = f"{rule.label}: {name}"
            yield Term(title, numbers[title], rule, reps, ones, by_value, (name,))
        yield Term(f"{rule.label}: {OTHER}", None, rule, reps, ones, by_value, classes)


def _returning(rule: Returning, compiled: Compiled) -> Iterator[Term]:
    numbers = _numbers(compiled)
    if (number := numbers.get(rule.resource_name)) is None:
        return
    of_name = {name: at for at, name in enumerate(compiled.labels[number])}
    rep_ids = compiled.facts.reps["rep_id"].astype(str)
    group = np.array([of_name.get(rep_id, NOBODY) for rep_id in rep_ids], np.int64)
    yield Term(rule.resource_name, number, None, group, np.ones(len(group)), by_value=False)


def is_by_value(rule: CountedRule) -> bool:
    """Return whether a rule counts expected value, which depends on the rep."""
    return rule.measure is Measure.EXPECTED_VALUE


def _numbers(compiled: Compiled) -> dict[str, int]:
    return {resource.name: at for at, resource in enumerate(compiled.problem.resources)}

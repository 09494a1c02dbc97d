"""What binds single leads, as limits: a pair that a pin forbids is one of at most 0 of a group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models.resource import NOT_COUNTED, Layer, Resource
from planner.compile import must_have_rep
from planner.diagnosis.kinds import ALWAYS_COST, COST, Kind
from planner.loosened import binds_single_leads, rows_without_pair
from planner.rules.pins import FIXED, targets
from planner.rules.protect import protected_leads
from planner.rules.rule import Section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from models.problem import Problem
    from planner.compile import Compiled
    from planner.rules.rule import Rule


@dataclass(frozen=True, eq=False)
class Binding:
    """What a rule says about one lead, or one family.

    Attributes
    ----------
    leads : positions of the leads it names
    row : which it binds
    forbids : (n_reps + 1,) bool, whom it keeps from the row; the last is nobody
    text : in words, for people
    """

    leads: tuple[int, ...]
    row: int
    forbids: NDArray[np.bool_]
    text: str


@dataclass(frozen=True, eq=False)
class Bindings:
    """All that a rule says about single leads.

    Attributes
    ----------
    kind, rule : what it is, and what makes it
    all : one for each group of the resource
    resource : at most 0 pairs of what each forbids, at what it costs to give way
    """

    kind: Kind
    rule: Rule
    all: tuple[Binding, ...]
    resource: Resource


def bindings(compiled: Compiled) -> Iterator[Bindings]:
    """Yield what binds single leads in a loosened problem, rule by rule."""
    for kind, rule, found in _kinds(compiled):
        if found:
            yield Bindings(kind, rule, tuple(found), _resource(compiled, kind, rule, found))


def _kinds(compiled: Compiled) -> Iterator[tuple[Kind, Rule, list[Binding]]]:
    policy, facts = compiled.policy, compiled.facts
    if policy.unassigned.forbidden:
        yield Kind.MUST_ASSIGN, policy.unassigned, list(_duties(compiled))
    for always in policy.always:
        if always.name == "pins":
            yield Kind.PIN, always, list(_pins(compiled))
    protected = protected_leads(policy.protect, facts, compiled.ownership, compiled.row_of_lead)
    for protect in policy.protect:
        which = np.flatnonzero(protected & protect.applies(facts))
        yield Kind.PROTECTED, protect, [_protection(compiled, int(lead)) for lead in which]
    for rule, mask in zip(compiled.eligibility.rules, compiled.eligibility.masks, strict=True):
        if rule.section is Section.FAMILIES:
            is_narrow = np.asarray(~mask.allowed.all(axis=1))
            rows = _rows_with(compiled, is_narrow[mask.key])
            found = [
                Binding(leads, row, np.append(~mask.allowed[mask.key[leads[0]]], False), "")
                for row, leads in rows
            ]
            yield Kind.OWNER_FIRST, rule, found
    yield from _musts(compiled, protected)


def _duties(compiled: Compiled) -> Iterator[Binding]:
    """Yield that every row must have a rep."""
    nobody = np.append(np.zeros(compiled.facts.num_reps, np.bool_), True)
    for row, leads in _rows_with(compiled, np.ones(compiled.facts.num_leads, np.bool_)):
        yield Binding(leads, row, nobody, "must have a rep")


def _pins(compiled: Compiled) -> Iterator[Binding]:
    """Yield each pin."""
    pins, lead_ids = compiled.snapshot.pins, compiled.facts.leads["lead_id"]
    position = dict(zip(lead_ids, range(len(lead_ids)), strict=True))
    for pin, meant in zip(pins.to_dict("records"), targets(compiled.facts), strict=True):
        lead, is_fixed = position[pin["lead_id"]], pin["kind"] == FIXED
        forbids = np.append(~meant, True) if is_fixed else np.append(meant, False)
        whom = str(pin["rep_id"])
        for column in ("team", "region"):
            whom = f"{column} {pin[column]}" if isinstance(pin[column], str) else whom
        text = f"is {'fixed to' if is_fixed else 'barred from'} {whom}"
        yield Binding((lead,), int(compiled.row_of_lead[lead]), forbids, text)


def _protection(compiled: Compiled, lead: int) -> Binding:
    """Return that a protected lead stays with its owner."""
    owner = int(compiled.ownership.owner[lead])
    forbids = np.arange(compiled.facts.num_reps + 1) != owner
    rep_id = compiled.facts.reps["rep_id"].iat[owner]
    return Binding(
        (lead,), int(compiled.row_of_lead[lead]), forbids, f"is protected and stays with {rep_id}"
    )


def _musts(
    compiled: Compiled, protected: NDArray[np.bool_]
) -> Iterator[tuple[Kind, Rule, list[Binding]]]:
    """Yield the rules on kinds of leads that bind rows without any pair."""
    policy, facts, eligible = compiled.policy, compiled.facts, compiled.eligibility
    must_have = protected | must_have_rep(policy, facts)
    empty = rows_without_pair(eligible, must_have, compiled.row_of_lead)
    if not empty.any():
        return
    allowed = np.ones((len(empty), facts.num_reps), np.bool_)
    leads = np.flatnonzero(empty[compiled.row_of_lead]).tolist()
    for rule, mask in zip(eligible.rules, eligible.masks, strict=True):
        found = []
        for lead in leads:
            row, mine = int(compiled.row_of_lead[lead]), mask.allowed[mask.key[lead]]
            allowed[row] &= mine
            if not mine.all():
                found.append(Binding((lead,), row, np.append(~mine, False), ""))
        if not binds_single_leads(rule):
            yield Kind.MUST, rule, found
    over = [rule for rule in policy.capacity if compiled.settled.of(rule.label)]
    if over:
        # All rules allow the pair, and yet it is none: the rep is over a limit and gains nothing.
        rows = _rows_with(compiled, (empty & allowed.any(axis=1))[compiled.row_of_lead])
        found = [Binding(leads, row, np.append(allowed[row], False), "") for row, leads in rows]
        yield Kind.OVERLOAD, over[0], found


def _rows_with(
    compiled: Compiled, which: NDArray[np.bool_]
) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Yield each row that has one of some leads, (n_leads,), and all of its leads."""
    order = np.argsort(compiled.row_of_lead, kind="stable")
    starts = np.searchsorted(compiled.row_of_lead[order], np.arange(compiled.problem.num_rows + 1))
    for row in np.unique(compiled.row_of_lead[which]).tolist():
        yield row, tuple(order[starts[row] : starts[row + 1]].tolist())


def _resource(compiled: Compiled, kind: Kind, rule: Rule, found: list[Binding]) -> Resource:
    """Return the limit of 0 on what bindings forbid; a pair is in as many layers as forbid it."""
    problem = compiled.problem
    pairs, groups = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for group, binding in enumerate(found):
        first, last = problem.indptr[binding.row], problem.indptr[binding.row + 1]
        pairs.append(first + np.flatnonzero(binding.forbids[problem.rep[first:last]]))
        groups.append(np.full(len(pairs[-1]), group))
    pair, group_of = np.concatenate(pairs), np.concatenate(groups)
    cost = ALWAYS_COST if kind is Kind.MUST and rule.section is Section.ALWAYS else COST[kind]
    none = np.zeros(len(found))
    return Resource(
        name=f"{kind}: {rule.name}",
        layers=tuple(_layers(problem, pair, group_of)),
        base=none,
        lower=np.full(len(found), -np.inf),
        upper=none,
        under_cost=none,
        over_cost=np.array([cost * len(binding.leads) for binding in found]),
        unit="leads",
    )


def _layers(
    problem: Problem, pair: NDArray[np.int64], group_of: NDArray[np.int64]
) -> Iterator[Layer]:
    order = np.argsort(pair, kind="stable")
    pair, group_of = pair[order], group_of[order]
    rank = np.arange(len(pair)) - np.searchsorted(pair, pair)
    for number in range(int(rank.max(initial=0)) + 1):
        at = rank == number
        group = np.full(problem.num_pairs, NOT_COUNTED, np.int32)
        group[pair[at]] = group_of[at]
        yield Layer(np.ones(problem.num_pairs), group)

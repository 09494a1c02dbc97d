"""Conflicting limits as records: what each of them says, about whom, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.conflict import Side
from models.diagnosis import NAMED_AT_MOST, Cause
from models.units import number_text
from planner.diagnosis.kinds import Kind
from planner.rules.at_most_moves import GAINING, KINDS, LOSING, REGION

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from models.conflict import Conflict
    from planner.diagnosis.bound_leads import Bindings
    from planner.diagnosis.elastic import Elastic

ENDS = {Side.LOWER: "at least", Side.UPPER: "at most"}
REP_KINDS = frozenset({Kind.FAIR_BAND, Kind.CONCENTRATION, Kind.RETURNING})
"""Kinds of which each group is a rep; those of the others may be."""


def causes(found: Elastic, conflict: Conflict) -> Iterator[Cause]:
    """Yield each limit of a conflict."""
    for place, sides in enumerate(conflict.sides):
        for group in np.flatnonzero(sides).tolist():
            bound = found.bound_at(place)
            if bound is not None:
                yield _of_lead(found, bound, group)
                continue
            for side in (Side.LOWER, Side.UPPER):
                if sides[group] & side:
                    yield _of_load(found, place, group, side)


def _of_load(found: Elastic, place: int, group: int, side: Side) -> Cause:
    resource, rule = found.problem.resources[place], found.rules[place]
    limit = float((resource.lower if side is Side.LOWER else resource.upper)[group])
    reps, name = whose(found, place, group)
    text = f"{subject(found, place, group)} {ENDS[side]} {quantity(limit, resource.unit)}"
    if (base := float(resource.base[group])) > 0:
        text += f", of which work outside the plan takes {amount_text(base)}"
    if side is Side.LOWER:
        text += _out_of_reach(found, place, group, limit)
    return Cause(
        code=found.kinds[place],
        rule=rule.name,
        sentence=rule.told(),
        reps=reps,
        group=name,
        amount=limit,
        unit=resource.unit,
        text=text,
    )


def _of_lead(found: Elastic, bound: Bindings, group: int) -> Cause:
    binding = bound.all[group]
    ids = found.compiled.facts.leads["lead_id"]
    leads = tuple(ids.iloc[list(binding.leads)].astype(str))
    kept_from = np.flatnonzero(binding.forbids[:-1])
    reps = tuple(found.compiled.facts.reps["rep_id"].iloc[kept_from].astype(str))
    text = binding.text or f"must not go to {listed(reps)} by rule {bound.rule.name}"
    if bound.kind is Kind.OVERLOAD:
        text += ", since who is over a limit today gains nothing"
    if bound.kind is Kind.MUST_ASSIGN:
        text += _who_may(found, binding.row)
        reps = ()
    elif bound.kind is Kind.PIN or bound.kind is Kind.PROTECTED:
        reps = (binding.text.rpartition(" ")[2],)
    return Cause(
        code=bound.kind,
        rule=bound.rule.name,
        sentence=bound.rule.told(),
        leads=leads,
        reps=reps,
        text=f"{who(leads)} {text}",
    )


def _who_may(found: Elastic, row: int) -> str:
    """Return in words who may work a row, where these are few."""
    problem = found.problem
    reps = problem.rep[problem.indptr[row] : problem.indptr[row + 1] - 1]
    names = tuple(found.compiled.facts.reps["rep_id"].iloc[reps].astype(str))
    if len(names) == found.compiled.facts.num_reps or len(names) > NAMED_AT_MOST:
        return ""
    return f", and only {listed(names)} may work it"


def _out_of_reach(found: Elastic, place: int, group: int, limit: float) -> str:
    """Return in words that all that may count in a group is less than a lower limit."""
    problem, resource = found.problem, found.problem.resources[place]
    starts, most, rows = problem.indptr[:-1], float(resource.base[group]), 0
    for layer in resource.layers:
        inside = problem.pair_group(layer) == group
        amount = np.where(inside, problem.pair_amount(layer), 0.0)
        most += float(np.maximum(np.maximum.reduceat(amount, starts), 0.0).sum())
        rows += int(np.logical_or.reduceat(inside, starts).sum())
    if most >= limit:
        return ""
    told = amount_text(most)
    return f", but all that may count in it ({rows:,} leads or families) adds up to {told}"


def whose(found: Elastic, place: int, group: int) -> tuple[tuple[str, ...], str]:
    """Return the rep, or the name of the team, region or class, of a group of a limit on loads."""
    label, resource = found.compiled.labels[place][group], found.problem.resources[place]
    is_of_class = found.kinds[place] is Kind.CONCENTRATION
    name = resource.name.rpartition(": ")[2] if is_of_class else ""
    is_rep = found.kinds[place] in REP_KINDS or resource.num_groups == found.problem.num_reps
    is_rep &= label in set(found.compiled.facts.reps["rep_id"])
    return ((label,), name) if is_rep else ((), label)


def subject(found: Elastic, place: int, group: int) -> str:
    """Return what is limited, in words, to stand before `at most`."""
    kind, resource = found.kinds[place], found.problem.resources[place]
    reps, name = whose(found, place, group)
    holder = reps[0] if reps else name
    if kind is Kind.MOVE_BUDGET:
        return f"moves{whence(resource.name, holder)}:"
    if kind is Kind.RETURNING:
        return f"{holder} gains"
    if kind is Kind.CONCENTRATION:
        return f"{holder}'s leads of {name} exceed their share by"
    if name == "all":
        return f"{resource.name}:"
    team = "" if reps else "team "
    return f"{team}{holder}'s {resource.name} is"


def whence(budget: str, holder: str) -> str:
    """Return from, to or in what a budget limits moves, in words; "" for all of them."""
    words = {KINDS[LOSING]: "from", KINDS[GAINING]: "to", KINDS[REGION]: "in"}
    return f" {words[budget]} {holder}" if budget in words else ""


def who(leads: Sequence[str]) -> str:
    """Return leads in words; several are one family."""
    return leads[0] if len(leads) == 1 else f"the family {listed(leads)}"


def listed(names: Sequence[str]) -> str:
    """Return some names, the first few if they are many."""
    more = len(names) - NAMED_AT_MOST
    return ", ".join(names[:NAMED_AT_MOST]) + (f" and {more:,} more" if more > 0 else "")


def quantity(amount: float, unit: str) -> str:
    """Return an amount with its unit: `1 lead`, `3.5 hours in the period`, `1,200` of money."""
    told = amount_text(amount)
    if unit == "leads":
        return f"{told} lead{'' if told == '1' else 's'}"
    return f"{told} hours in the period" if unit == "hours" else told


def amount_text(amount: float) -> str:
    """Return an amount in a few digits."""
    return number_text(round(amount, 4))

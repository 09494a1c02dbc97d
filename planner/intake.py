"""From a compiled problem to what a system that routes leads sees of it."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from models.errors import UsageError
from models.problem import NOBODY
from models.resource import Layer
from planner.engines.baselines.intake import Intake, LeadFacts, RepFacts
from planner.holders import Per
from planner.measures import Measure, base_load, effort_hours

if TYPE_CHECKING:
    from datetime import timedelta

    from numpy.typing import NDArray

    from models.problem import Problem
    from models.resource import Resource
    from planner.compile import Compiled
    from planner.policy import Policy

CLOSED = frozenset({"converted", "recycled", "dead", "won", "lost", "closed"})
"""Values of a lead's status, in small letters, with which it is not open."""
OWNER = "owner"
DAY = pd.Timedelta(days=1)
MONTH = pd.Timedelta(days=30)


class Leads(StrEnum):
    """Which leads a simple policy shares out."""

    ALL = "all"
    NEW = "new"


def intake_of(
    compiled: Compiled, *, leads: Leads = Leads.ALL, capped: bool = True, field: str = OWNER
) -> Intake:
    """Return the batch of leads of a compiled problem.

    Parameters
    ----------
    leads : all, as if nobody owned any; or the new ones alone, without an owner, or whose owner
        may not keep them: the others stay
    capped : whether the policy's limits count
    field : the column of leads that may name a rep

    Raises
    ------
    UsageError : no such column
    """
    kept = _kept(compiled) if leads is Leads.NEW else np.full(compiled.problem.num_rows, NOBODY)
    problem = _with_pairs(compiled.problem, kept, capped=capped)
    return Intake(problem, _lead_facts(compiled, problem, field), _rep_facts(compiled, kept))


def _kept(compiled: Compiled) -> NDArray[np.int64]:
    """Return (n_rows,) the rep with whom a row stays, who owns most of its leads; -1 for none."""
    ownership = compiled.ownership
    lead = np.flatnonzero(ownership.may_keep)
    owned = pd.DataFrame({"row": compiled.row_of_lead[lead], "rep": ownership.owner[lead]})
    count = owned.value_counts(["row", "rep"], sort=False).reset_index()
    count = count.sort_values(["row", "count", "rep"], ascending=[True, False, True])
    count = count.drop_duplicates("row")
    kept = np.full(compiled.problem.num_rows, NOBODY)
    kept[count["row"]] = count["rep"]
    return kept


def _with_pairs(problem: Problem, kept: NDArray[np.int64], *, capped: bool) -> Problem:
    """Return the problem in which a row that stays has the one pair with its rep."""
    row = problem.pair_rows()
    stays = np.zeros(problem.num_rows, bool)
    # A protected lead of the family may bind it to another owner.
    stays[row[(kept[row] != NOBODY) & (problem.rep == kept[row])]] = True
    pairs = np.flatnonzero(~stays[row] | (problem.rep == kept[row]))
    return replace(
        problem,
        indptr=np.append(0, np.cumsum(np.bincount(row[pairs], minlength=problem.num_rows))),
        rep=problem.rep[pairs],
        score=problem.score[pairs],
        resources=tuple(_cut(problem, each, pairs) for each in problem.resources if capped),
    )


def _cut(problem: Problem, resource: Resource, pairs: NDArray[np.int64]) -> Resource:
    layers = tuple(
        Layer(
            layer.amount[pairs] if len(layer.amount) == problem.num_pairs else layer.amount,
            None if layer.group is None else layer.group[pairs],
        )
        for layer in resource.layers
    )
    return replace(resource, layers=layers)


def _lead_facts(compiled: Compiled, problem: Problem, field: str) -> LeadFacts:
    facts, valuation = compiled.facts, compiled.valuation
    table = facts.leads.iloc[compiled.first_leads()]
    if field not in table:
        columns = ", ".join(map(str, table))
        raise UsageError(
            f"leads have no column {field!r} that could name a rep; they have {columns}"
        )
    row, with_rep = problem.pair_rows(), problem.rep != NOBODY
    lead, rep = compiled.first_leads()[row[with_rep]], problem.rep[with_rep].astype(np.int64)
    liked = np.zeros(problem.num_pairs, bool)
    liked[with_rep] = valuation.preferred_value(lead, rep) > valuation.expected_value(lead, rep)
    size = problem.num_rows
    known = np.bincount(row[with_rep], minlength=size)
    chance = np.bincount(row[with_rep], valuation.chance(lead, rep), size) / np.maximum(known, 1)
    is_open = ~facts.leads["status"].str.lower().isin(CLOSED)
    age = facts.snapshot.as_of - table["created"]
    return LeadFacts(
        chance=chance,
        liked=liked,
        days_old=_days(age),
        channel=pd.factorize(table["source"], use_na_sentinel=False)[0].astype(np.int64),
        named=pd.Index(facts.reps["rep_id"]).get_indexer(pd.Index(table[field])).astype(np.int64),
        open_leads=np.bincount(compiled.row_of_lead, is_open, size).astype(np.float64),
    )


def _rep_facts(compiled: Compiled, kept: NDArray[np.int64]) -> RepFacts:
    facts = compiled.facts
    stays = kept[compiled.row_of_lead]
    return RepFacts(
        at_work=~facts.has_left,
        team=pd.factorize(facts.reps["team"], use_na_sentinel=False)[0].astype(np.int64),
        capacity=_capacity(compiled),
        weight=weights(compiled),
        base_leads=base_load(facts, Measure.COUNT),
        received_day=_received(compiled, stays, DAY),
        received_month=_received(compiled, stays, MONTH),
        days_since_hired=_days(facts.snapshot.as_of - facts.reps["hired"]),
    )


def weights(compiled: Compiled) -> NDArray[np.float64]:
    """Return (n_reps,) what is due to each rep against the others, 0 for who has left.

    As the policy's first fair share, else as its first limit per rep, else the same for all.
    """
    policy, facts = compiled.policy, compiled.facts
    weight = np.ones(facts.num_reps)
    if policy.fairness:
        weight = policy.fairness[0].shares(facts, 1.0)
    elif column := weight_column(policy):
        weight = facts.rep_numbers(column)
    return np.where(facts.has_left, 0.0, np.nan_to_num(weight))


def weight_column(policy: Policy) -> str | None:
    """Return the column of reps that the first limit per rep is taken from; None for a number."""
    limits = (rule.limit_column for rule in policy.capacity if rule.per is Per.REP)
    first = next(limits, None)
    return None if first is None else first.column


def _capacity(compiled: Compiled) -> NDArray[np.float64]:
    """Return (n_reps,) leads that a rep may have in 30 days: the policy's first limit on all leads.

    Where there is none, that on hours, in leads of mean effort; without either, all leads.
    """
    facts = compiled.facts
    limits = {
        rule.measure: resource.upper
        for _, rule, resource in reversed(list(compiled.capacity()))
        if rule.where is None and rule.per is Per.REP
    }
    if Measure.COUNT in limits:
        return limits[Measure.COUNT]
    mean = effort_hours(facts).mean() if facts.num_leads else 0.0
    if Measure.EFFORT_HOURS in limits and mean > 0:
        return limits[Measure.EFFORT_HOURS] / mean
    return np.full(facts.num_reps, float(facts.num_leads))


def _received(
    compiled: Compiled, kept: NDArray[np.int64], within: timedelta
) -> NDArray[np.float64]:
    """Return (n_reps,) how many of the leads that stay came to each rep within a time.

    Parameters
    ----------
    kept : (n_leads,) the rep with whom each lead stays; -1 for none
    """
    facts = compiled.facts
    since = facts.snapshot.as_of - facts.leads["owned_since"]
    is_recent = (since < within).to_numpy(bool) & (kept == compiled.ownership.owner) & (kept >= 0)
    return np.bincount(kept[is_recent], minlength=facts.num_reps).astype(np.float64)


def _days(times: pd.Series) -> NDArray[np.float64]:
    """Return times as days, NaN for missing ones."""
    days: NDArray[np.float64] = times.dt.total_seconds().to_numpy(np.float64) / DAY.total_seconds()
    return days

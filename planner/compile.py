"""From a snapshot and a policy to the problem as arrays, at about one pass over the pairs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from models.problem import NOBODY, Problem
from models.settled import NOTHING, Settled
from planner.eligibility import Eligibility, combined, eligibility
from planner.gains import without_gains
from planner.loosened import wider
from planner.no_pair import refuse_rows_without_pair
from planner.ownership import Ownership
from planner.pairs import Pairs
from planner.rules.pins import FIXED
from planner.rules.protect import protected_leads, protection
from planner.valuation import Valuation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from models.resource import Resource
    from models.snapshot import Snapshot
    from planner.facts import Facts
    from planner.policy import Policy
    from planner.rules.capacity import Capacity
    from planner.rules.rule import Mask, Rule


@dataclass(frozen=True, eq=False)
class Compiled:
    """A problem and the way back from its arrays to the tables.

    Attributes
    ----------
    policy : the rules that are in force
    snapshot, facts, valuation : what it was made from
    problem : the arrays
    rules, labels : per resource of the problem, what makes it, and what its groups are called
    eligibility : who may work what, and why not
    ownership : who owns what today, and may keep it
    row_of_lead : (n_leads,) int64, the row of each lead, in the order of snapshot.leads
    cost_of_nobody : (n_rows,) money that it costs to give the row to nobody
    settled : what stages before this one found
    """

    policy: Policy
    snapshot: Snapshot
    facts: Facts
    valuation: Valuation
    problem: Problem
    rules: tuple[Rule, ...]
    labels: tuple[tuple[str, ...], ...]
    eligibility: Eligibility
    ownership: Ownership
    row_of_lead: NDArray[np.int64]
    cost_of_nobody: NDArray[np.float64]
    settled: Settled

    def capacity(self) -> Iterator[tuple[int, Capacity, Resource]]:
        """Yield the number, the rule and the resource of each limit per rep."""
        for number, rule in enumerate(self.policy.capacity):
            yield number, rule, self.problem.resources[number]

    def rep_of_leads(self, chosen: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return (n_leads,) position of each lead's rep under an assignment; -1 for nobody."""
        return self.problem.rep[chosen][self.row_of_lead].astype(np.int64)

    def first_leads(self) -> NDArray[np.int64]:
        """Return (n_rows,) position of the first lead of each row."""
        _, first = np.unique(self.row_of_lead, return_index=True)
        return first

    def chosen_pairs(self, rep_of_lead: NDArray[np.int64]) -> NDArray[np.int64] | None:
        """Return (n_rows,) the pairs of an assignment by lead; None if it is not one of them."""
        wanted = np.full(self.problem.num_rows, NOBODY, np.int64)
        wanted[self.row_of_lead] = rep_of_lead
        if (wanted[self.row_of_lead] != rep_of_lead).any():
            return None
        match = self.problem.rep == wanted[self.problem.pair_rows()]
        found = np.flatnonzero(match)
        return found if len(found) == self.problem.num_rows else None


def compile_problem(
    snapshot: Snapshot,
    policy: Policy,
    *,
    settled: Settled = NOTHING,
    threads: int = 2,
    loosened: bool = False,
) -> Compiled:
    """Return the problem that a policy makes of a snapshot.

    Parameters
    ----------
    settled : what stages before this one found; without their totals, fair shares have no bands
    loosened : whether to leave out what binds single leads: every lead may stay with nobody, pins
        and protection bind none, and a row that would have no pair has one with every rep

    Raises
    ------
    PolicyError : the policy does not fit the tables
    NoPlanError : a lead must be assigned, but no rep may work it; the text names lead and rules
    """
    facts = policy.facts(snapshot)
    policy.check(snapshot, facts)
    policy = policy.in_force(snapshot)
    row_of_lead = facts.row_of_lead
    eligible, ownership, protected = _who_may(policy, facts)
    valuation = Valuation(policy, facts)
    given = (policy, valuation, settled, facts, row_of_lead)
    eligible = narrower = without_gains(eligible, *given)
    must_have = protected | must_have_rep(policy, facts)
    if loosened:
        eligible = wider(narrower, must_have, *given)
        must_have = np.zeros(facts.num_leads, np.bool_)
    pairs = Pairs(facts, eligible, row_of_lead, must_have)
    refuse_rows_without_pair(pairs)
    score = pairs.sum_over_members(valuation.preferred_value, threads)
    cost_of_nobody = pairs.costs_of_nobody(score, policy.unassigned.cost)
    if valuation.has_switching_cost:
        score -= pairs.sum_over_members(valuation.switching_cost, threads)
    pairs.price_nobody(score, cost_of_nobody)
    limits: list[tuple[Rule, Resource, tuple[str, ...]]] = []
    for limit in policy.capacity:
        resource, holders = limit.resource(pairs, valuation, settled, threads)
        limits.append((limit, resource, holders.names))
    for share in policy.fairness:
        limits += ((share, *made) for made in share.resources(pairs, valuation, settled, threads))
    for concentration in policy.concentration:
        made_of = concentration.resources(pairs, valuation, threads)
        limits += ((concentration, *made) for made in made_of)
    for moves in (policy.returning, policy.at_most_moves):
        if moves is not None:
            limits += ((moves, *made) for made in moves.resources(pairs, ownership))
    problem = Problem(
        indptr=pairs.indptr,
        rep=pairs.rep,
        score=score,
        num_reps=facts.num_reps,
        resources=tuple(resource for _, resource, _ in limits),
        row_key=_hashed(facts.leads["lead_id"])[pairs.first_lead],
        rep_key=_hashed(facts.reps["rep_id"]),
        arrival=_arrival(facts, pairs),
    )
    return Compiled(
        policy=policy,
        snapshot=snapshot,
        facts=facts,
        valuation=valuation,
        problem=problem,
        rules=tuple(rule for rule, _, _ in limits),
        labels=tuple(labels for _, _, labels in limits),
        eligibility=narrower,
        ownership=ownership,
        row_of_lead=row_of_lead,
        cost_of_nobody=cost_of_nobody,
        settled=settled,
    )


def _who_may(policy: Policy, facts: Facts) -> tuple[Eligibility, Ownership, NDArray[np.bool_]]:
    """Return who may work what, who owns it, and (n_leads,) whether a lead is protected."""
    row_of_lead = facts.row_of_lead
    eligible = eligibility(policy.eligibility(), facts, row_of_lead)
    ownership = Ownership.of(facts, eligible, row_of_lead)
    protected = protected_leads(policy.protect, facts, ownership, row_of_lead)
    more: list[tuple[Rule, Mask]] = []
    for rule in policy.protect:
        more.append((rule, protection(rule, facts, ownership, protected)))
    if policy.families.owner_first:
        more.append((policy.families, policy.families.owners_only(facts, ownership)))
    if more:
        rules = [*eligible.rules, *(rule for rule, _ in more)]
        masks = [*eligible.masks, *(mask for _, mask in more)]
        eligible = combined(rules, masks, facts, row_of_lead)
    return eligible, ownership, protected


def must_have_rep(policy: Policy, facts: Facts) -> NDArray[np.bool_]:
    """Return (n_leads,) whether a lead may not stay with nobody."""
    must = np.full(facts.num_leads, policy.unassigned.forbidden)
    pins = facts.snapshot.pins
    must |= facts.leads["lead_id"].isin(pins.loc[pins["kind"] == FIXED, "lead_id"]).to_numpy()
    return must


def _hashed(ids: pd.Series) -> NDArray[np.uint64]:
    return pd.util.hash_array(ids.to_numpy(dtype=object), categorize=False)


def _arrival(facts: Facts, pairs: Pairs) -> NDArray[np.int64]:
    """Return (n_rows,) rank by creation; rows never dated come last, ties go by lead_id."""
    created = facts.leads["created"].to_numpy("datetime64[us]")
    # A family arrives with its first dated lead.
    first = np.fmin.reduceat(created[pairs.order], pairs.members[:-1])
    rank = np.empty(pairs.num_rows, np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(pairs.num_rows)
    return rank

"""From a snapshot and a policy to the problem as arrays, at about one pass over the pairs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from models.errors import NoPlanError
from models.problem import NOBODY, Problem, Resource
from planner.eligibility import Eligibility, eligibility
from planner.facts import Facts
from planner.measures import Measure
from planner.valuation import Valuation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from models.snapshot import Snapshot
    from planner.policy import Policy
    from planner.rules.capacity import Capacity

    PairValues = Callable[[NDArray[np.int64], NDArray[np.int64]], NDArray[np.float64]]

PAIRS_AT_ONCE = 1_000_000
NAMED_AT_MOST = 5


@dataclass(frozen=True, eq=False)
class Compiled:
    """A problem and the way back from its arrays to the tables.

    Attributes
    ----------
    policy, snapshot, facts, valuation : what it was made from
    problem : the arrays
    eligibility : who may work what, and why not
    row_of_lead : (n_leads,) int64, the row of each lead, in the order of snapshot.leads
    """

    policy: Policy
    snapshot: Snapshot
    facts: Facts
    valuation: Valuation
    problem: Problem
    eligibility: Eligibility
    row_of_lead: NDArray[np.int64]

    def rep_of_leads(self, chosen: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return (n_leads,) position of each lead's rep under an assignment; -1 for nobody."""
        return self.problem.rep[chosen][self.row_of_lead].astype(np.int64)

    def chosen_pairs(self, rep_of_lead: NDArray[np.int64]) -> NDArray[np.int64] | None:
        """Return (n_rows,) the pairs of an assignment by lead; None if it is not one of them."""
        wanted = np.full(self.problem.num_rows, NOBODY, np.int64)
        wanted[self.row_of_lead] = rep_of_lead
        if (wanted[self.row_of_lead] != rep_of_lead).any():
            return None
        match = self.problem.rep == wanted[self.problem.pair_rows()]
        found = np.flatnonzero(match)
        return found if len(found) == self.problem.num_rows else None


def compile_problem(snapshot: Snapshot, policy: Policy, *, threads: int = 2) -> Compiled:
    """Return the problem that a policy makes of a snapshot.

    Raises
    ------
    PolicyError : the policy does not fit the tables
    NoPlanError : a lead must be assigned, but no rep may work it; the text names lead and rules
    """
    policy.check(snapshot)
    facts = Facts(snapshot, policy.resolve_period(snapshot))
    row_of_lead = policy.families.rows(facts)
    eligible = eligibility(policy.eligibility(), facts, row_of_lead)
    valuation = Valuation(policy, facts)
    pairs = _Pairs(policy, facts, eligible, row_of_lead)
    pairs.refuse_rows_without_pair()
    score = pairs.sum_over_members(valuation.score, threads)
    pairs.price_nobody(score, policy.unassigned.cost)
    problem = Problem(
        indptr=pairs.indptr,
        rep=pairs.rep,
        score=score,
        num_reps=facts.num_reps,
        resources=tuple(
            _limit(rule, facts, valuation, pairs, threads) for rule in policy.capacity
        ),
        row_key=_hashed(facts.leads["lead_id"])[pairs.first_lead],
        rep_key=_hashed(facts.reps["rep_id"]),
        arrival=_arrival(facts, pairs.first_lead),
    )
    return Compiled(policy, snapshot, facts, valuation, problem, eligible, row_of_lead)


def _limit(
    rule: Capacity, facts: Facts, valuation: Valuation, pairs: _Pairs, threads: int
) -> Resource:
    by_lead = rule.lead_amounts(facts)
    owner = facts.snapshot.owner_index
    owned = np.flatnonzero(owner >= 0)
    if by_lead is not None:
        amount = np.bincount(pairs.row_of_lead, by_lead, minlength=pairs.num_rows)
        held = by_lead[owned]
    else:
        counts = np.ones(facts.num_leads)
        if rule.where is not None:
            counts = rule.where.mask(facts.leads, facts.zone).astype(float)
        value = _money(rule.measure, valuation)
        amount = pairs.sum_over_members(lambda lead, rep: value(lead, rep) * counts[lead], threads)
        held = value(owned, owner[owned]) * counts[owned]
    base = rule.base(facts)
    present = base + np.bincount(owner[owned], held, minlength=facts.num_reps)
    upper = rule.upper(facts, present)
    return Resource.at_most(rule.label, amount, upper, base=base, unit=rule.measure.unit)


def _money(measure: Measure, valuation: Valuation) -> PairValues:
    if measure is Measure.AMOUNT:
        return lambda lead, _: valuation.amount[lead]
    return valuation.expected_value


def _hashed(ids: pd.Series) -> NDArray[np.uint64]:
    return pd.util.hash_array(ids.to_numpy(dtype=object), categorize=False)


def _arrival(facts: Facts, first_lead: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return (n_rows,) rank by creation; rows never dated come last, ties go by lead_id."""
    created = facts.leads["created"].iloc[first_lead].to_numpy(dtype="datetime64[us]")
    rank = np.empty(len(first_lead), np.int64)
    rank[np.argsort(created, kind="stable")] = np.arange(len(first_lead))
    return rank


class _Pairs:
    """The pairs of every row, made block by block so that memory stays near the result's own."""

    def __init__(
        self,
        policy: Policy,
        facts: Facts,
        eligible: Eligibility,
        row_of_lead: NDArray[np.int64],
    ) -> None:
        self.facts, self.eligible, self.row_of_lead = facts, eligible, row_of_lead
        self.has_nobody = np.full(len(eligible.row_class), not policy.unassigned.forbidden)
        fixed = facts.snapshot.pins.query("kind == 'fixed'")["lead_id"]
        self.has_nobody[row_of_lead[facts.leads["lead_id"].isin(fixed).to_numpy()]] = False
        self.num_eligible = eligible.counts()
        self.indptr = np.r_[0, np.cumsum(self.num_eligible + self.has_nobody)]
        self.order = np.argsort(row_of_lead, kind="stable")
        self.members = np.r_[0, np.cumsum(np.bincount(row_of_lead, minlength=self.num_rows))]
        self.first_lead = self.order[self.members[:-1]]
        self.rep = self._reps()

    @property
    def num_rows(self) -> int:
        return len(self.has_nobody)

    def refuse_rows_without_pair(self) -> None:
        """Raise NoPlanError if a row that must be assigned has no eligible rep."""
        empty = np.flatnonzero(np.diff(self.indptr) == 0)
        if not len(empty):
            return
        named = []
        for lead in self.first_lead[empty[:NAMED_AT_MOST]]:
            rules = ", ".join(rule.name for rule in self.eligible.unpassed(int(lead)))
            why = f"no rep passes {rules}" if rules else "no rep passes all rules together"
            named.append(f"{self.facts.leads['lead_id'].iat[int(lead)]} ({why})")
        more = f" and {len(empty) - NAMED_AT_MOST} more" if len(empty) > NAMED_AT_MOST else ""
        raise NoPlanError(
            f"infeasible: {len(empty)} leads must be assigned, but nobody may work them: "
            f"{'; '.join(named)}{more}",
            impossible=True,
        )

    def _blocks(self) -> Iterator[slice]:
        """Yield ranges of rows with about a million pairs each."""
        start = 0
        while start < self.num_rows:
            limit = self.indptr[start] + PAIRS_AT_ONCE
            stop = max(int(np.searchsorted(self.indptr, limit, "right")) - 1, start + 1)
            yield slice(start, min(stop, self.num_rows))
            start = stop

    def _reps(self) -> NDArray[np.int32]:
        """Return (n_pairs,) the rep of every pair: the row's class list, then nobody."""
        rep = np.empty(int(self.indptr[-1]), np.int32)
        for rows in self._blocks():
            row_class = self.eligible.row_class[rows]
            length = np.diff(self.indptr)[rows]
            first = self.indptr[rows.start]
            place = np.arange(length.sum()) - np.repeat(self.indptr[rows] - first, length)
            is_rep = place < np.repeat(self.num_eligible[rows], length)
            source = np.repeat(self.eligible.indptr[row_class], length) + place
            block = rep[first : self.indptr[rows.stop]]
            block[:] = NOBODY
            block[is_rep] = self.eligible.rep[source[is_rep]]
        return rep

    def sum_over_members(self, value: PairValues, threads: int) -> NDArray[np.float64]:
        """Return (n_pairs,) the sum of `value` over the leads of each row; 0 for nobody."""
        total = np.zeros(len(self.rep))

        def fill(rows: slice) -> None:
            length = self.num_eligible[rows]
            num_members = np.diff(self.members)[rows]
            for rank in range(int(num_members.max(initial=0))):
                at = np.flatnonzero(num_members > rank) + rows.start
                self._add(total, at, self.order[self.members[at] + rank], length[at - rows.start], value)

        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(fill, self._blocks()))
        return total

    def _add(
        self,
        total: NDArray[np.float64],
        rows: NDArray[np.int64],
        lead: NDArray[np.int64],
        length: NDArray[np.int64],
        value: PairValues,
    ) -> None:
        """Add the value of one lead per row to the pairs of these rows."""
        before = np.cumsum(length) - length
        pair = np.repeat(self.indptr[rows] - before, length) + np.arange(length.sum())
        total[pair] += value(np.repeat(lead, length), self.rep[pair].astype(np.int64))

    def price_nobody(self, score: NDArray[np.float64], cost: float) -> None:
        """Set the score of nobody to minus a share of the row's best score, at most 0."""
        best = np.maximum.reduceat(score, self.indptr[:-1])
        nobody = self.indptr[1:][self.has_nobody] - 1
        # Nobody stands at 0 so far, so a row without a positive score, or without a rep, costs 0.
        score[nobody] = -cost * best[self.has_nobody]
        score[nobody] += 0.0

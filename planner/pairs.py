"""The pairs of every row, and sums over them, made block by block."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from models.problem import NOBODY
from planner.rules.pins import FIXED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from planner.eligibility import Eligibility
    from planner.facts import Facts
    from planner.rules.rule import Factor

PAIRS_AT_ONCE = 1_000_000


class Pairs:
    """The pairs of every row, made block by block so that memory stays near the result's own.

    Parameters
    ----------
    facts : the tables
    eligible : who may work what
    row_of_lead : (n_leads,) int64, the row of each lead
    must_have_rep : (n_leads,) bool, the leads that may not stay with nobody

    Attributes
    ----------
    indptr : (n_rows + 1,) int64; rep : (n_pairs,) int32, as in models.problem.Problem
    order : (n_leads,) int64, the leads row by row; members : (n_rows + 1,) where each row starts
    num_eligible, num_pairs, num_members : (n_rows,) int64, reps, pairs and leads of each row
    has_nobody : (n_rows,) bool, whether the last pair is (lead, nobody)
    """

    def __init__(
        self,
        facts: Facts,
        eligible: Eligibility,
        row_of_lead: NDArray[np.int64],
        must_have_rep: NDArray[np.bool_],
    ) -> None:
        self.facts, self.eligible, self.row_of_lead = facts, eligible, row_of_lead
        self.has_nobody = np.ones(len(eligible.row_class), bool)
        self.has_nobody[row_of_lead[must_have_rep]] = False
        self.num_eligible = eligible.counts()
        self.num_pairs = self.num_eligible + self.has_nobody
        self.indptr = np.r_[0, np.cumsum(self.num_pairs)]
        self.num_members = np.bincount(row_of_lead, minlength=self.num_rows)
        self.members = np.r_[0, np.cumsum(self.num_members)]
        self.order = np.argsort(row_of_lead, kind="stable")
        self.rep = self._reps()

    @property
    def num_rows(self) -> int:
        """How many rows there are."""
        return len(self.has_nobody)

    @property
    def first_lead(self) -> NDArray[np.int64]:
        """(n_rows,) the first lead of each row."""
        first: NDArray[np.int64] = self.order[self.members[:-1]]
        return first

    def leads_of(self, row: int) -> list[int]:
        """Return the leads of a row."""
        leads: list[int] = self.order[self.members[row] : self.members[row + 1]].tolist()
        return leads

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
            length = self.num_pairs[rows]
            first = self.indptr[rows.start]
            place = np.arange(length.sum()) - np.repeat(self.indptr[rows] - first, length)
            is_rep = place < np.repeat(self.num_eligible[rows], length)
            source = np.repeat(self.eligible.indptr[row_class], length) + place
            block = rep[first : self.indptr[rows.stop]]
            block[:] = NOBODY
            block[is_rep] = self.eligible.rep[source[is_rep]]
        return rep

    def sum_over_members(self, value: Factor, threads: int) -> NDArray[np.float64]:
        """Return (n_pairs,) the sum of `value` over the leads of each row; 0 for nobody."""
        total = np.zeros(len(self.rep))

        def fill(rows: slice) -> None:
            length = self.num_eligible[rows]
            num_members = self.num_members[rows]
            for rank in range(int(num_members.max(initial=0))):
                at = np.flatnonzero(num_members > rank) + rows.start
                self._add(
                    total, at, self.order[self.members[at] + rank], length[at - rows.start], value
                )

        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(fill, self._blocks()))
        return total

    def _add(
        self,
        total: NDArray[np.float64],
        rows: NDArray[np.int64],
        lead: NDArray[np.int64],
        length: NDArray[np.int64],
        value: Factor,
    ) -> None:
        """Add the value of one lead per row to the pairs of these rows."""
        before = np.cumsum(length) - length
        pair = np.repeat(self.indptr[rows] - before, length) + np.arange(length.sum())
        total[pair] += value(np.repeat(lead, length), self.rep[pair].astype(np.int64))

    def costs_of_nobody(self, score: NDArray[np.float64], share: float) -> NDArray[np.float64]:
        """Return (n_rows,) a share of each row's best score, at least 0: what no rep would cost."""
        # Nobody stands at 0 so far, or has no pair; a row without any pair is refused before.
        best = np.maximum.reduceat(score, self.indptr[:-1])
        costs: NDArray[np.float64] = share * np.maximum(best, 0.0)
        return costs

    def price_nobody(self, score: NDArray[np.float64], cost: NDArray[np.float64]) -> None:
        """Set the score of nobody to minus the cost of each row."""
        nobody = self.indptr[1:][self.has_nobody] - 1
        score[nobody] = 0.0 - cost[self.has_nobody]


def fixed_pins(facts: Facts) -> dict[int, int]:
    """Return the rep of each lead that is fixed to one, both by position."""
    pins = facts.snapshot.rep_pins
    fixed = pins[pins["kind"] == FIXED]
    leads = pd.Index(facts.leads["lead_id"]).get_indexer(fixed["lead_id"])
    reps = pd.Index(facts.reps["rep_id"]).get_indexer(fixed["rep_id"])
    return dict(zip(leads.tolist(), reps.tolist(), strict=True))

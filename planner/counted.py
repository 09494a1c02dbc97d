"""Rules that count a measure on books: which leads count, and what each adds."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

import numpy as np

from models.where import Where
from planner.measures import BASE, DEFAULT_EFFORT_HOURS, Measure, base_load, effort_hours
from planner.rules.rule import ColumnUse, Filter, SeasonalRule, filters_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from planner.case import Case
    from planner.facts import Facts
    from planner.pairs import Pairs
    from planner.valuation import Valuation

WHAT = {
    Measure.COUNT: "leads",
    Measure.EFFORT_HOURS: "hours a week",
    Measure.AMOUNT: "amount",
    Measure.EXPECTED_VALUE: "expected value",
}


class CountedRule(SeasonalRule):
    """A rule on a measure of every rep's book.

    Attributes
    ----------
    measure : what is counted
    where : the leads that count; work outside the plan then does not
    """

    measure: Measure
    where: Where | None = None

    @property
    @abstractmethod
    def label(self) -> str:
        """Name of the resource, unique among the rules of a policy that are in force."""

    @property
    def counted(self) -> str:
        """What is counted, unique per measure and filter."""
        return f"{self.measure} where {self.where.sentence()}" if self.where else str(self.measure)

    @property
    def has_base(self) -> bool:
        """Whether work outside the plan counts."""
        return self.measure in BASE and self.where is None

    def columns(self) -> Iterator[ColumnUse]:
        """Yield the columns that counting reads."""
        if self.measure is Measure.EFFORT_HOURS:
            yield ColumnUse("leads", "effort_hours", optional=True)
        if self.has_base:
            yield ColumnUse("reps", BASE[self.measure].column, optional=True)

    def filters(self) -> Iterator[Filter]:
        """Yield the filter of what counts, if there is one."""
        yield from filters_of("leads", "where", self.where)

    def lead_amounts(self, facts: Facts) -> NDArray[np.float64] | None:
        """Return (n_leads,) what each lead adds; None if it depends on the pair."""
        if self.measure is Measure.COUNT:
            return self.counts(facts)
        if self.measure is Measure.EFFORT_HOURS:
            return self.counts(facts) * effort_hours(facts)
        return None

    def amounts(
        self,
        pairs: Pairs,
        valuation: Valuation,
        threads: int,
        part: NDArray[np.float64] | float = 1.0,
    ) -> NDArray[np.float64]:
        """Return what rows add, (n_rows,), or what pairs do, (n_pairs,), where reps differ.

        Parameters
        ----------
        part : (n_leads,) what of each lead counts
        """
        by_lead = self.lead_amounts(pairs.facts)
        if by_lead is not None:
            added = np.bincount(pairs.row_of_lead, by_lead * part, pairs.num_rows)
            return added.astype(np.float64)
        counts, value = self.counts(pairs.facts) * part, valuation.money(self.measure)
        return pairs.sum_over_members(lambda lead, rep: value(lead, rep) * counts[lead], threads)

    def counts(self, facts: Facts) -> NDArray[np.float64]:
        """Return (n_leads,) 1 where a lead counts, else 0."""
        if self.where is None:
            return np.ones(facts.num_leads)
        return self.where.mask(facts.leads, facts.zone).astype(np.float64)

    def load(
        self,
        facts: Facts,
        valuation: Valuation,
        rep_of_lead: NDArray[np.int64],
        part: NDArray[np.float64] | float = 1.0,
    ) -> NDArray[np.float64]:
        """Return (n_reps,) what books add up to, base included; -1 is nobody.

        Parameters
        ----------
        part : (n_leads,) what of each lead counts
        """
        lead = np.flatnonzero(rep_of_lead >= 0)
        rep = rep_of_lead[lead]
        counted = np.broadcast_to(part, len(rep_of_lead))[lead]
        by_lead = self.lead_amounts(facts)
        if by_lead is None:
            held = valuation.money(self.measure)(lead, rep) * self.counts(facts)[lead]
        else:
            held = by_lead[lead]
        return self.base(facts) + np.bincount(rep, held * counted, minlength=facts.num_reps)

    def adds(self, facts: Facts, valuation: Valuation) -> NDArray[np.bool_]:
        """Return (n_leads,) whether a lead may add to a load."""
        by_lead = self.lead_amounts(facts)
        return (self.counts(facts) * valuation.amount if by_lead is None else by_lead) > 0

    def base(self, facts: Facts) -> NDArray[np.float64]:
        """Return (n_reps,) load from outside the plan; a filtered measure has none."""
        return np.zeros(facts.num_reps) if self.where else base_load(facts, self.measure)

    def plain_loads(self, case: Case) -> dict[str, float]:
        """Return what the case's books add up to by rep_id, base apart, summed lead by lead."""
        weights = self.plain_weights(case)
        loads: dict[str, float] = {}
        counting = case.satisfying(self.where)
        for rep_id, weight, counts in zip(case.rep_ids, weights, counting, strict=True):
            loads[rep_id] = loads.get(rep_id, 0.0) + (weight if counts else 0.0)
        return loads

    def plain_weights(self, case: Case) -> list[float]:
        """Return (n_pairs,) what each of the case's pairs adds, the filter apart."""
        weights: list[float]
        if self.measure is Measure.COUNT:
            weights = [1.0] * len(case.lead_ids)
        elif self.measure is Measure.EFFORT_HOURS:
            hours = case.of_lead("effort_hours")
            weekly = [DEFAULT_EFFORT_HOURS if cell is None else cell for cell in hours]
            weights = [hours * case.period.weeks for hours in weekly]
        elif self.measure is Measure.AMOUNT:
            weights = case.amounts.tolist()
        else:
            weights = case.expected_values.tolist()
        return weights

    def plain_base(self, case: Case, rep_id: str) -> float:
        """Return a rep's load from outside the plan."""
        if not self.has_base:
            return 0.0
        column, per_week = BASE[self.measure]
        load = float(case.reps(column)[rep_id] or 0.0)
        return load * case.period.weeks if per_week else load

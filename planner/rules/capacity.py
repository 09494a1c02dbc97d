"""`capacity`: no rep's load of a measure exceeds a limit."""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from models.problem import slack
from models.units import Part, number_text, share_text
from models.where import Where, holds
from planner.measures import BASE, DEFAULT_EFFORT_HOURS, Measure, base_load, effort_hours
from planner.rules.rule import ColumnUse, Rule, Section, Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from planner.case import Case
    from planner.facts import Facts


class Capacity(Rule):
    """A rep's load stays at or below a limit (R29, R30).

    The limit is `at_most x (1 - reserve)`; hours shrink with the rep's absence. Neither takes room
    from the present book: the limit is never below its load, up to the unreduced `at_most`. A rep
    whose work outside the plan alone exceeds the limit gets nothing that counts in the measure.

    Attributes
    ----------
    measure : what is counted
    at_most : a number, or a column of reps; hours are per week, counts and money at a time
    reserve : share of the limit kept free for arrivals within the period
    where : the leads that count
    """

    name: ClassVar[str] = "capacity"
    section: ClassVar[Section] = Section.CAPACITY
    combines: ClassVar[str] = "load"

    measure: Measure
    at_most: float | str
    reserve: Part = 0.0
    where: Where | None = None

    @property
    def label(self) -> str:
        """Name of the resource, unique per measure and filter."""
        return f"{self.measure} where {self.where.sentence()}" if self.where else str(self.measure)

    def columns(self) -> Iterator[ColumnUse]:
        """Yield the columns the rule reads."""
        if isinstance(self.at_most, str):
            yield ColumnUse("reps", self.at_most, "at_most", numeric=True)

    def faults(self, facts: Facts) -> Iterator[tuple[str, str]]:
        """Yield limits that are missing or negative."""
        limit = self._at_most(facts)
        missing = facts.reps["rep_id"][np.isnan(limit) & ~facts.has_left]
        if len(missing):
            names = ", ".join(missing[:5]) + (" ..." if len(missing) > 5 else "")
            yield "at_most", (
                f"{len(missing):,} active reps have no {self.at_most}: {names}; "
                "fill the column (0 for a rep who takes nothing)"
            )
        if (limit < 0).any():
            yield "at_most", "a limit must be at least 0"

    def sentence(self) -> str:
        """Return the rule in plain English."""
        limit = "the rep's " + self.at_most if isinstance(self.at_most, str) else number_text(self.at_most)
        what = {
            Measure.COUNT: "leads",
            Measure.EFFORT_HOURS: "hours a week, other work included,",
            Measure.AMOUNT: "amount in open leads",
            Measure.EXPECTED_VALUE: "expected value in open leads",
        }[self.measure]
        where = f" where {self.where.sentence()}" if self.where else ""
        kept = f"; {share_text(self.reserve)} of it is kept for arrivals" if self.reserve else ""
        return f"A rep never gets more than {limit} {what}{where}{kept}.".replace(",.", ".")

    def lead_amounts(self, facts: Facts) -> NDArray[np.float64] | None:
        """Return (n_leads,) what each lead adds; None if it depends on the pair."""
        counts = np.ones(facts.num_leads)
        if self.where is not None:
            counts = self.where.mask(facts.leads, facts.zone).astype(float)
        if self.measure is Measure.EFFORT_HOURS:
            return counts * effort_hours(facts)
        return counts if self.measure is Measure.COUNT else None

    def base(self, facts: Facts) -> NDArray[np.float64]:
        """Return (n_reps,) load from outside the plan; a filtered measure has none."""
        return np.zeros(facts.num_reps) if self.where else base_load(facts, self.measure)

    def upper(self, facts: Facts, present_load: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (n_reps,) the limit in force, given each rep's present load, base included."""
        limit = np.nan_to_num(self._at_most(facts), nan=0.0)
        reduced = limit * (1.0 - self.reserve)
        if self.measure is Measure.EFFORT_HOURS:
            reduced, limit = (part * facts.period.weeks for part in (reduced, limit))
            reduced = reduced * facts.present_share
        upper = np.maximum(reduced, np.minimum(present_load, limit))
        return np.maximum(upper, self.base(facts))

    def overloaded(
        self, facts: Facts, present_load: NDArray[np.float64]
    ) -> Iterator[tuple[int, float, float]]:
        """Yield (rep, load, limit) of each present book above the unreduced limit."""
        limit = np.nan_to_num(self._at_most(facts), nan=np.inf)
        if self.measure is Measure.EFFORT_HOURS:
            limit = limit * facts.period.weeks
        for rep in np.flatnonzero(present_load > limit + slack(limit)):
            if not facts.has_left[rep]:
                yield int(rep), float(present_load[rep]), float(limit[rep])

    def _at_most(self, facts: Facts) -> NDArray[np.float64]:
        if isinstance(self.at_most, str):
            return facts.rep_numbers(self.at_most)
        return np.full(facts.num_reps, self.at_most)

    def violations(self, case: Case) -> Iterator[Violation]:
        """Yield each rep whose load exceeds the limit, summed plainly lead by lead."""
        present = self._plain_loads(case.owned())
        for rep_id, load in self._plain_loads(case).items():
            limit = self._plain_limit(case, rep_id, present.get(rep_id, 0.0))
            over = load + self._plain_base(case, rep_id) - limit
            if over > 1e-6 * max(1.0, abs(limit)) and load > 0:
                text = f"load {limit + over:,.4f} of {self.label} is above {limit:,.4f}"
                yield Violation(self.label, self.sentence(), text, rep_id=rep_id, amount=over)

    def _plain_loads(self, case: Case) -> dict[str, float]:
        weeks = case.period.weeks
        if self.measure is Measure.EFFORT_HOURS:
            hours = case.of_lead("effort_hours").fillna(DEFAULT_EFFORT_HOURS)
            weights = [hour * weeks for hour in hours]
        elif self.measure is Measure.COUNT:
            weights = [1.0] * len(case.pairs)
        else:
            is_amount = self.measure is Measure.AMOUNT
            weights = (case.amounts if is_amount else case.expected_values).tolist()
        columns = self.where.columns if self.where else ()
        counts = case.each_distinct([case.of_lead(c) for c in columns], self._counts(case.zone))
        loads: dict[str, float] = {}
        for rep_id, weight, count in zip(case.pairs["rep_id"], weights, counts or repeat(True)):
            loads[rep_id] = loads.get(rep_id, 0.0) + (weight if count else 0.0)
        return loads

    def _counts(self, zone: str) -> Callable[..., bool]:
        where = self.where or Where({})
        return lambda *cells: holds(where, dict(zip(where.columns, cells, strict=True)), zone)

    def _plain_base(self, case: Case, rep_id: str) -> float:
        if self.where is not None or self.measure not in BASE:
            return 0.0
        base = BASE[self.measure]
        value = case.reps.at[rep_id, base.column]
        load = 0.0 if pd.isna(value) else float(value)
        return load * case.period.weeks if base.per_week else load

    def _plain_limit(self, case: Case, rep_id: str, owned: float) -> float:
        value = case.reps.at[rep_id, self.at_most] if isinstance(self.at_most, str) else self.at_most
        limit = 0.0 if pd.isna(value) else float(value)
        base = self._plain_base(case, rep_id)
        if self.measure is Measure.EFFORT_HOURS:
            limit *= case.period.weeks
            reduced = limit * (1 - self.reserve) * case.share_at_work(rep_id)
        else:
            reduced = limit * (1 - self.reserve)
        return max(reduced, min(base + owned, limit), base)

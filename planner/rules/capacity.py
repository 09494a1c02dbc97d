"""`capacity`: no rep's load of a measure exceeds a limit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
from pydantic import Discriminator, Field, Tag

from models.problem import slack
from models.units import Number, Part, number_text, share_text
from planner.counted import WHAT, CountedRule
from planner.measures import Measure
from planner.rules.rule import ColumnUse, Section, Violation, presence_columns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from planner.case import Case
    from planner.facts import Facts

NAMED_AT_MOST = 5


def _kind_of_limit(value: Any) -> str | None:
    if isinstance(value, str):
        return "column"
    return "number" if isinstance(value, int | float) else None


Limit = Annotated[
    Annotated[Number, Field(ge=0), Tag("number")] | Annotated[str, Tag("column")],
    Discriminator(
        _kind_of_limit,
        custom_error_type="limit",
        custom_error_message="must be a number or the name of a column of reps",
    ),
]


class Capacity(CountedRule):
    """A rep's load stays at or below a limit (R29, R30).

    The limit is `at_most x (1 - reserve)`; hours shrink with the rep's absence. Neither takes room
    from the present book: the limit is never below its load, up to the unreduced `at_most`. A rep
    whose work outside the plan alone exceeds the limit gets nothing that counts in the measure.

    Attributes
    ----------
    at_most : a number, or a column of reps; hours are per week, counts and money at a time
    reserve : share of the limit kept free for arrivals within the period
    """

    name: ClassVar[str] = "capacity"
    section: ClassVar[Section] = Section.CAPACITY
    combines: ClassVar[str] = "load"

    at_most: Limit
    reserve: Part = 0.0

    @property
    def label(self) -> str:
        """Name of the resource, unique per measure and filter."""
        return self.counted

    def columns(self) -> Iterator[ColumnUse]:
        """Yield the columns the rule reads."""
        if isinstance(self.at_most, str):
            yield ColumnUse("reps", self.at_most, "at_most", numeric=True)
        yield ColumnUse("leads", "owner", optional=True)
        if self.measure is Measure.EFFORT_HOURS:
            yield from presence_columns()
        yield from super().columns()

    def faults(self, facts: Facts) -> Iterator[tuple[str, str]]:
        """Yield limits that are missing or negative."""
        limit = self._at_most(facts)
        for wrong, what, advice in (
            (np.isnan(limit) & ~facts.has_left, "is empty", "write 0 for a rep who takes nothing"),
            (limit < 0, "is below 0", "a limit must be at least 0"),
        ):
            if wrong.any():
                names = ", ".join(facts.reps["rep_id"][wrong][:NAMED_AT_MOST])
                more = ", ..." if wrong.sum() > NAMED_AT_MOST else ""
                count = f"{wrong.sum():,} of {facts.num_reps:,} reps"
                yield "at_most", f"{self.at_most} {what} for {count} ({names}{more}); {advice}"

    def sentence(self) -> str:
        """Return the rule in plain English."""
        what, text = WHAT[self.measure], ""
        if self.where is not None:
            leads = "" if self.measure is Measure.COUNT else " of leads"
            text = f"{leads} where {self.where.sentence()}"
        if isinstance(self.at_most, str):
            text = f"{what}{text} than the rep's {self.at_most}"
        elif self.measure.unit == "money":
            text = f"than {number_text(self.at_most)} in {what}{text}"
        else:
            text = f"than {number_text(self.at_most)} {what}{text}"
        if self.has_base:
            text += ", work outside the plan included"
        if self.reserve:
            text += f"; {share_text(self.reserve)} of that is kept for arrivals"
        return f"A rep never gets more {text}."

    def upper(self, facts: Facts, present_load: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (n_reps,) the limit in force, given each rep's present load, base included."""
        limit = self._full_limit(facts)
        reduced = limit * (1.0 - self.reserve)
        if self.measure is Measure.EFFORT_HOURS:
            reduced = reduced * facts.present_share
        upper = np.maximum(reduced, np.minimum(present_load, limit))
        return np.maximum(upper, self.base(facts))

    def overloaded(
        self, facts: Facts, present_load: NDArray[np.float64]
    ) -> Iterator[tuple[int, float, float]]:
        """Yield (rep, load, limit) of each present book above the unreduced limit."""
        limit = self._full_limit(facts)
        for rep in np.flatnonzero((present_load > limit + slack(limit)) & ~facts.has_left):
            yield int(rep), float(present_load[rep]), float(limit[rep])

    def _full_limit(self, facts: Facts) -> NDArray[np.float64]:
        """Return (n_reps,) the unreduced limit in the whole period; 0 where there is none."""
        limit = np.nan_to_num(self._at_most(facts), nan=0.0)
        return limit * facts.period.weeks if self.measure is Measure.EFFORT_HOURS else limit

    def _at_most(self, facts: Facts) -> NDArray[np.float64]:
        if isinstance(self.at_most, str):
            return facts.rep_numbers(self.at_most)
        return np.full(facts.num_reps, self.at_most)

    def violations(self, case: Case) -> Iterator[Violation]:
        """Yield each rep whose load exceeds the limit, summed plainly lead by lead."""
        present = self.plain_loads(case.owned)
        effective = case.settled.of(self.label)
        for rep_id, most in effective.items():
            load = self.plain_base(case, rep_id) + present.get(rep_id, 0.0)
            if most > load + 1e-6 * max(1.0, abs(load)):
                text = (
                    f"the plan lets {number_text(round(most, 4))} of {self.label} stay, "
                    f"but it is {number_text(round(load, 4))} today"
                )
                yield Violation(self.name, self.sentence(), text, rep_id=rep_id, amount=most - load)
        for at in self.plain_gains(case):
            text = f"the rep is over the limit of {self.label} today and gains the lead"
            yield Violation(self.name, self.sentence(), text, case.lead_ids[at], case.rep_ids[at])
        for rep_id, load in self.plain_loads(case).items():
            base = self.plain_base(case, rep_id)
            limit = self._plain_limit(case, rep_id, base, base + present.get(rep_id, 0.0))
            limit = max(limit, effective.get(rep_id, limit))
            over = base + load - limit
            if over > 1e-6 * max(1.0, abs(limit)):
                told = f"{number_text(round(limit + over, 4))} of {self.label}"
                text = f"the load, {told}, is above the limit of {number_text(round(limit, 4))}"
                yield Violation(self.name, self.sentence(), text, rep_id=rep_id, amount=over)

    def plain_gains(self, case: Case) -> Iterator[int]:
        """Yield the positions of pairs that add to the load of a rep who stays over the limit.

        A family of which the rep has a lead today, and one with a lead fixed to the rep, are none.
        """
        effective = case.settled.of(self.label)
        if not effective:
            return
        is_money = self.measure.unit == "money"
        weights = case.amounts.tolist() if is_money else self.plain_weights(case)
        counting = case.satisfying(self.where)
        # A family adds where one of its leads does.
        adding = {
            case.family_of.get(lead_id, lead_id)
            for lead_id, weight, counts in zip(case.lead_ids, weights, counting, strict=True)
            if weight > 0 and counts
        }
        for at, (lead_id, rep_id) in enumerate(zip(case.lead_ids, case.rep_ids, strict=True)):
            family = case.family_of.get(lead_id, lead_id)
            is_new = (family, rep_id) not in case.held_by_family
            if rep_id in effective and family in adding and is_new:
                yield at

    def _plain_limit(self, case: Case, rep_id: str, base: float, present: float) -> float:
        written = self.at_most
        if isinstance(written, str):
            written = case.reps(written)[rep_id] or 0.0
        limit = float(written)
        is_hours = self.measure is Measure.EFFORT_HOURS
        if is_hours:
            limit *= case.period.weeks
        reduced = limit * (1 - self.reserve) * (case.share_at_work(rep_id) if is_hours else 1)
        return max(reduced, min(present, limit), base)

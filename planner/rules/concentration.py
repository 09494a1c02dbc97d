"""`concentration`: no rep's book is mostly of one class of customers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
import pandas as pd
from pydantic import Field

from models.resource import Resource
from models.units import Number, Part, number_text, share_text
from planner.counted import WHAT, CountedRule
from planner.measures import Measure
from planner.rules.rule import ColumnUse, Section, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from planner.case import Case
    from planner.facts import Facts
    from planner.pairs import Pairs
    from planner.valuation import Valuation

MOST_CLASSES = 30


class Concentration(CountedRule):
    """One class makes up at most a share of a rep's leads, beyond a first few (R35).

    For each class, load of the class <= share x load of all leads + beyond. Work outside the plan
    counts in neither. A book that exceeds this today may stay so, but not exceed it by more.

    Attributes
    ----------
    by : column of leads that tells the classes
    at_most : the share
    beyond : what does not count, in the measure's unit, so that small books are free
    """

    name: ClassVar[str] = "concentration"
    section: ClassVar[Section] = Section.CONCENTRATION
    combines: ClassVar[str] = "load"

    by: str
    at_most: Part
    beyond: Annotated[Number, Field(ge=0)]

    @property
    def label(self) -> str:
        """Name of the rule, unique per measure, filter and column."""
        return f"{self.counted} by {self.by}"

    @property
    def has_base(self) -> bool:
        """Whether work outside the plan counts: nobody knows its class."""
        return False

    def columns(self) -> Iterator[ColumnUse]:
        """Yield the columns the rule reads."""
        yield ColumnUse("leads", self.by, "by", text=True)
        yield ColumnUse("leads", "owner", optional=True)
        yield from super().columns()

    def faults(self, facts: Facts) -> Iterator[tuple[str, str]]:
        """Yield that there are too many classes to be classes."""
        number = facts.leads[self.by].nunique()
        if number > MOST_CLASSES:
            yield (
                "by",
                f"{self.by} has {number:,} different values; classes are {MOST_CLASSES} at most",
            )

    def sentence(self) -> str:
        """Return the rule in plain English."""
        what = "leads" if self.measure is Measure.COUNT else f"{WHAT[self.measure]}"
        which = f" where {self.where.sentence()}" if self.where else ""
        first = f", not counting the first {number_text(self.beyond)}" if self.beyond else ""
        return (
            f"At most {share_text(self.at_most)} of a rep's {what}{which} have the same {self.by}"
            f"{first}; a book with more today gets no worse."
        )

    def resources(
        self, pairs: Pairs, valuation: Valuation, threads: int
    ) -> Iterator[tuple[Resource, tuple[str, ...]]]:
        """Yield a resource for each class, and what its groups, the reps, are called."""
        facts = pairs.facts
        rep_ids = tuple(facts.reps["rep_id"].astype(str))
        number, classes = pd.factorize(facts.leads[self.by], sort=True)
        for at, name in enumerate(classes):
            part = (number == at) - self.at_most
            amount = self.amounts(pairs, valuation, threads, part)
            present = self.load(facts, valuation, facts.snapshot.owner_index, part)
            upper = np.maximum(self.beyond, present)
            title = f"{self.label}: {name}"
            yield Resource.at_most(title, amount, upper, unit=self.measure.unit), rep_ids

    def base(self, facts: Facts) -> NDArray[np.float64]:
        """Return (n_reps,) zeros: work outside the plan is of no class."""
        return np.zeros(facts.num_reps)

    def violations(self, case: Case) -> Iterator[Violation]:
        """Yield each class that makes up too much of a book, summed plainly lead by lead."""
        present = self._plain_excesses(case.owned)
        for (rep_id, name), excess in self._plain_excesses(case).items():
            most = max(self.beyond, present.get((rep_id, name), 0.0))
            if excess > most + 1e-6 * max(1.0, abs(most)):
                text = (
                    f"{self.by} {name} exceeds {share_text(self.at_most)} of the book by "
                    f"{number_text(round(excess, 4))} of {self.counted}; "
                    f"{number_text(round(most, 4))} are allowed"
                )
                amount = excess - most
                yield Violation(
                    self.name,
                    self.sentence(),
                    text,
                    rep_id=rep_id,
                    amount=amount,
                    group=f"{self.by} {name}",
                    load=excess,
                    limit=most,
                )

    def _plain_excesses(self, case: Case) -> dict[tuple[str, str], float]:
        """Return by rep and class of the book how much of the class is above the share."""
        of_class: dict[tuple[str, str], float] = {}
        of_rep: dict[str, float] = {}
        weights, counting = self.plain_weights(case), case.satisfying(self.where)
        rows = zip(case.rep_ids, case.of_lead(self.by), weights, counting, strict=True)
        for rep_id, name, weight, counts in rows:
            if counts:
                of_rep[rep_id] = of_rep.get(rep_id, 0.0) + weight
                if name is not None:
                    of_class[rep_id, name] = of_class.get((rep_id, name), 0.0) + weight
        return {
            (rep_id, name): load - self.at_most * of_rep[rep_id]
            for (rep_id, name), load in of_class.items()
        }

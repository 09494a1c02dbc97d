"""`only`: some leads go only to some reps, such as early stages to the development team."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from models.where import Where, holds
from planner.rules.rule import Filter, Mask, MustRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planner.case import Case
    from planner.facts import Facts


class Only(MustRule):
    """Leads go only to reps who satisfy a filter (R13, R14, R18, R23, R24).

    Attributes
    ----------
    reps : filter of reps
    """

    name: ClassVar[str] = "only"

    reps: Where

    def filters(self) -> Iterator[Filter]:
        """Yield the filters of leads and reps."""
        yield from super().filters()
        yield Filter("reps", "reps", self.reps)

    def sentence(self) -> str:
        """Return the rule in plain English."""
        return self.with_filter(f"A lead goes only to reps whose {self.reps.sentence()}.")

    def mask(self, facts: Facts) -> Mask:
        """Return which reps are allowed: the same for every lead."""
        satisfies = self.reps.mask(facts.reps, facts.zone)
        return Mask(np.zeros(facts.num_leads, np.int64), satisfies[None, :])

    def forbids(self, case: Case) -> Iterator[tuple[int, str]]:
        """Yield the pairs whose rep does not satisfy the filter."""
        columns = self.reps.columns

        def satisfies(*cells: object) -> bool:
            return holds(self.reps, dict(zip(columns, cells, strict=True)), case.zone)

        cells = [case.of_rep(column) for column in columns]
        for at, allowed in enumerate(case.each_distinct(cells, satisfies)):
            if not allowed:
                yield at, f"the rep is none whose {self.reps.sentence()}"

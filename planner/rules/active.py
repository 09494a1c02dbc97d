"""`active`: who has left, or leaves within the period, gets nothing and keeps nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from planner.rules.rule import ColumnUse, Mask, MustRule, Section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planner.case import Case
    from planner.facts import Facts


class Active(MustRule):
    """Only reps who stay through the period work leads."""

    name: ClassVar[str] = "active"
    section: ClassVar[Section] = Section.ALWAYS
    combines: ClassVar[str] = ""

    def columns(self) -> Iterator[ColumnUse]:
        """Yield the columns the rule reads."""
        yield ColumnUse("reps", "active", optional=True)
        for column in ("rep_id", "starts", "kind"):
            yield ColumnUse("absences", column, optional=True)

    def sentence(self) -> str:
        """Return the rule in plain English."""
        return "A rep who has left, or leaves within the period, works no lead."

    def mask(self, facts: Facts) -> Mask:
        """Return which reps are allowed: the same for every lead."""
        return Mask(np.zeros(facts.num_leads, np.int64), ~facts.has_left[None])

    def forbids(self, case: Case) -> Iterator[tuple[int, str]]:
        """Yield the pairs with a rep who has left or leaves."""
        for at, (rep_id, active) in enumerate(
            zip(case.rep_ids, case.of_rep("active"), strict=True)
        ):
            if active == 0:
                yield at, "the rep is not active"
            elif rep_id in case.departing:
                yield at, "the rep leaves before the period ends"

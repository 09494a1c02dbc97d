"""`steer`: some leads count more with some reps, such as small ones with new reps, for practice."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from pydantic import model_validator

from models.units import Duration, Share, days_text, share_text
from models.where import Where, holds
from planner.rules.rule import ColumnUse, Factor, Filter, PreferRule, filters_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from numpy.typing import NDArray

    from planner.case import Case
    from planner.facts import Facts


class Steer(PreferRule):
    """A pair is worth more where lead and rep satisfy a filter each (R14, R19, R21, R24).

    Attributes
    ----------
    where : the leads; all if not given
    reps : the reps; all if not given
    hired_within : only reps who were hired less than so long before the period starts
    bonus : added to the score, as a share of it
    """

    name: ClassVar[str] = "steer"

    where: Where | None = None
    reps: Where | None = None
    hired_within: Duration | None = None
    bonus: Share

    @model_validator(mode="after")
    def _tells_whom(self) -> Steer:
        if self.reps is None and self.hired_within is None:
            raise ValueError("needs `reps`, `hired_within`, or both")
        return self

    def columns(self) -> Iterator[ColumnUse]:
        """Yield the columns the rule reads."""
        if self.hired_within is not None:
            yield ColumnUse("reps", "hired", "hired_within")

    def filters(self) -> Iterator[Filter]:
        """Yield the filters of leads and reps."""
        yield from filters_of("leads", "where", self.where)
        yield from filters_of("reps", "reps", self.reps)

    def sentence(self) -> str:
        """Return the rule in plain English."""
        whom = []
        if self.reps is not None:
            whom.append(f"whose {self.reps.sentence()}")
        if self.hired_within is not None:
            whom.append(f"hired less than {days_text(self.hired_within)} before the period")
        which = f" where {self.where.sentence()}" if self.where else ""
        more = share_text(self.bonus)
        return f"A lead{which} counts {more} more with a rep {' and '.join(whom)}."

    def factor(self, facts: Facts) -> Factor:
        """Return the multiplier of pairs, by lead and by rep."""
        lead_counts = np.ones(facts.num_leads, bool)
        if self.where is not None:
            lead_counts = self.where.mask(facts.leads, facts.zone)
        rep_counts = np.ones(facts.num_reps, bool)
        if self.reps is not None:
            rep_counts &= self.reps.mask(facts.reps, facts.zone)
        if self.hired_within is not None:
            tenure = facts.period.starts - facts.reps["hired"]
            rep_counts &= (tenure < self.hired_within).to_numpy(bool)
        return lambda lead, rep: np.where(lead_counts[lead] & rep_counts[rep], 1 + self.bonus, 1.0)

    def plain_factor(self, case: Case) -> NDArray[np.float64]:
        """Return the multiplier of the case's pairs."""
        reps = self.reps
        columns = reps.columns if reps else ()

        def is_meant(hired: datetime | None, *cells: object) -> bool:
            if reps is not None and not holds(
                reps, dict(zip(columns, cells, strict=True)), case.zone
            ):
                return False
            if self.hired_within is None:
                return True
            return hired is not None and case.period.starts - hired < self.hired_within

        rep_cells = [case.of_rep(column) for column in ("hired", *columns)]
        means = case.each_distinct(rep_cells, is_meant)
        both = zip(case.satisfying(self.where), means, strict=True)
        return np.array([1 + self.bonus if lead and rep else 1.0 for lead, rep in both], float)

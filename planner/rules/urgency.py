"""`urgency`: urgent leads count more, so they are served before others of the same value."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from models.units import Number, Share, number_text, share_text
from planner.rules.rule import ColumnUse, Factor, PreferRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from planner.case import Case
    from planner.facts import Facts


class Urgency(PreferRule):
    """A lead of at least some urgency counts more, whoever works it (R20).

    Attributes
    ----------
    at_least : urgency from which the bonus counts; an empty cell is not urgent
    bonus : added to the score, as a share of it
    """

    name: ClassVar[str] = "urgency"

    at_least: Number
    bonus: Share

    def columns(self) -> Iterator[ColumnUse]:
        """Yield the columns the rule reads."""
        yield ColumnUse("leads", "urgency", numeric=True)

    def sentence(self) -> str:
        """Return the rule in plain English."""
        return (
            f"A lead with urgency of at least {number_text(self.at_least)} "
            f"counts {share_text(self.bonus)} more."
        )

    def factor(self, facts: Facts) -> Factor:
        """Return the multiplier of pairs: the same for every rep."""
        urgent = (facts.leads["urgency"] >= self.at_least).to_numpy()
        multiplier = np.where(urgent, 1.0 + self.bonus, 1.0)
        return lambda lead, _: multiplier[lead]

    def plain_factor(self, case: Case) -> NDArray[np.float64]:
        """Return the multiplier of the case's pairs."""

        def multiplier(urgency: float | None) -> float:
            return 1 + self.bonus if urgency is not None and urgency >= self.at_least else 1.0

        return np.array(case.each_distinct([case.of_lead("urgency")], multiplier), float)

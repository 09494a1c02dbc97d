"""`tiers`: high grades go to experienced reps, and spill over to others where these are full."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from pydantic import Field

from models.units import Number, Part, number_text, share_text
from planner.rules.rule import ColumnUse, Factor, PreferRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from planner.case import Case
    from planner.facts import Facts


class Tiers(PreferRule):
    """A lead counts less with reps below the level that its grade goes to first (R18, R22, R23).

    The less it counts there, the surer it goes there only where the first tier is full.

    Attributes
    ----------
    by : column of leads
    first : value of that column -> level of the reps it goes to first; others go to any
    below : what is left of the score with a rep of a lower level, or of none
    """

    name: ClassVar[str] = "tiers"

    by: str
    first: dict[str, Number] = Field(min_length=1)
    below: Part

    def columns(self) -> Iterator[ColumnUse]:
        """Yield the columns the rule reads."""
        yield ColumnUse("leads", self.by, "by", text=True)
        yield ColumnUse("reps", "level", numeric=True)

    def faults(self, facts: Facts) -> Iterator[tuple[str, str]]:
        """Yield values of `first` that no lead has, but another spelling of them."""
        for fault in facts.misspelt(self.by, self.first):
            yield "first", fault

    def sentence(self) -> str:
        """Return the rule in plain English."""
        asked = [f"{number_text(level)} for {value}" for value, level in self.first.items()]
        return (
            f"A lead goes first to reps of the level for its {self.by} ({', '.join(asked)}); "
            f"with one below it counts {share_text(self.below)}."
        )

    def factor(self, facts: Facts) -> Factor:
        """Return the multiplier of pairs, by the lead's grade."""
        key, combinations = facts.lead_codes([self.by])
        level = facts.rep_numbers("level")
        rows = [np.ones(facts.num_reps)]
        rows += [np.where(level >= least, 1.0, self.below) for least in self.first.values()]
        row_of = {value: row for row, value in enumerate(self.first, start=1)}
        row = np.array([row_of.get(value, 0) for value in combinations[self.by]])[key]
        table = np.vstack(rows)
        return lambda lead, rep: table[row[lead], rep]

    def plain_factor(self, case: Case) -> NDArray[np.float64]:
        """Return the multiplier of the case's pairs."""

        def multiplier(value: str | None, level: float | None) -> float:
            if value is None or value not in self.first:
                return 1.0
            return 1.0 if level is not None and level >= self.first[value] else self.below

        cells = [case.of_lead(self.by), case.of_rep("level")]
        return np.array(case.each_distinct(cells, multiplier), float)

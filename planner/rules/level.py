"""`level`: leads of some grades go only to reps of a least level."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from pydantic import Field

from models.units import Number, number_text
from planner.rules.rule import ColumnUse, Mask, MustRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planner.case import Case
    from planner.facts import Facts


class Level(MustRule):
    """A lead's grade asks for a least level of the rep; other grades ask for nothing (R18, R23).

    Attributes
    ----------
    by : column of leads
    least : value of that column -> least level
    """

    name: ClassVar[str] = "level"

    by: str
    least: dict[str, Number] = Field(min_length=1)

    def columns(self) -> Iterator[ColumnUse]:
        """Yield the columns the rule reads."""
        yield ColumnUse("leads", self.by, "by", text=True)
        yield ColumnUse("reps", "level", numeric=True)

    def faults(self, facts: Facts) -> Iterator[tuple[str, str]]:
        """Yield values of `least` that no lead has, but another spelling of them."""
        for fault in facts.misspelt(self.by, self.least):
            yield "least", fault

    def sentence(self) -> str:
        """Return the rule in plain English."""
        asked = [f"{number_text(level)} for {value}" for value, level in self.least.items()]
        return self.with_filter(
            f"A rep needs at least the level that the lead's {self.by} asks for: "
            f"{', '.join(asked)}."
        )

    def mask(self, facts: Facts) -> Mask:
        """Return which reps are allowed, by the lead's grade."""
        key, combinations = facts.lead_codes([self.by])
        level = facts.reps["level"].to_numpy()
        row_of = {value: row for row, value in enumerate(self.least, start=1)}
        rows = np.array([row_of.get(value, 0) for value in combinations[self.by]])
        asks_nothing = np.ones((1, facts.num_reps), bool)
        allowed = np.vstack([asks_nothing, *(level >= least for least in self.least.values())])
        return Mask(rows[key], allowed, facts.leads[self.by].isna().to_numpy())

    def forbids(self, case: Case) -> Iterator[tuple[int, str]]:
        """Yield the pairs whose rep is not senior enough."""

        def why(value: str | None, level: float | None) -> str | None:
            if value is None or value not in self.least:
                return None
            if level is not None and level >= self.least[value]:
                return None
            has = "no level" if level is None else f"level {number_text(level)}"
            needs = number_text(self.least[value])
            return f"{self.by} {value} needs level {needs}, but the rep has {has}"

        reasons = case.each_distinct([case.of_lead(self.by), case.of_rep("level")], why)
        yield from ((at, reason) for at, reason in enumerate(reasons) if reason)

"""`level`: leads of some grades go only to reps of a least level."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from pydantic import Field

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
    least: dict[str, float] = Field(min_length=1)

    def columns(self) -> Iterator[ColumnUse]:
        """Yield the columns the rule reads."""
        yield ColumnUse("leads", self.by, "by")
        yield ColumnUse("reps", "level", numeric=True)

    def faults(self, facts: Facts) -> Iterator[tuple[str, str]]:
        """Yield values of `least` that no lead has and that resemble one that leads have."""
        known = set(facts.leads[self.by].dropna().astype(str))
        for value in self.least:
            if value not in known and value.casefold() in {name.casefold() for name in known}:
                yield "least", f"no lead has {self.by} {value!r}; known are {sorted(known)}"

    def sentence(self) -> str:
        """Return the rule in plain English."""
        asked = ", ".join(f"{value} of at least {level:g}" for value, level in self.least.items())
        return self.with_filter(f"Leads need a rep of some level, by {self.by}: {asked}.")

    def mask(self, facts: Facts) -> Mask:
        """Return which reps are allowed, by the lead's grade."""
        key, combinations = facts.lead_codes([self.by])
        level = facts.reps["level"].to_numpy()
        allowed = np.ones((len(combinations), facts.num_reps), bool)
        for row, value in enumerate(combinations[self.by]):
            if value in self.least:
                allowed[row] = level >= self.least[value]
        return Mask(key, allowed, int(facts.leads[self.by].isna().sum()))

    def forbids(self, case: Case) -> Iterator[tuple[int, str]]:
        """Yield the pairs whose rep is not senior enough."""

        def why(value: str | None, level: float | None) -> str | None:
            if value is None or value not in self.least:
                return None
            if level is not None and level >= self.least[value]:
                return None
            has = "no level" if level is None else f"level {level:g}"
            return f"{self.by} {value} needs level {self.least[value]:g}, the rep has {has}"

        reasons = case.each_distinct([case.of_lead(self.by), case.of_rep("level")], why)
        yield from ((at, reason) for at, reason in enumerate(reasons) if reason)

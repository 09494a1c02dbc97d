"""Measures: what can be counted on a book."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from planner.facts import Facts

DEFAULT_EFFORT_HOURS = 1.0


class Measure(StrEnum):
    """What is counted."""

    COUNT = "count"
    EFFORT_HOURS = "effort_hours"
    AMOUNT = "amount"
    EXPECTED_VALUE = "expected_value"

    @property
    def unit(self) -> str:
        """Its unit, for people."""
        units = {Measure.COUNT: "leads", Measure.EFFORT_HOURS: "hours"}
        return units.get(self, "money")


class BaseColumn(NamedTuple):
    """The rep's load from work outside the plan: its column, and whether it is per week."""

    column: str
    per_week: bool


BASE = {
    Measure.COUNT: BaseColumn("base_leads", per_week=False),
    Measure.EFFORT_HOURS: BaseColumn("base_hours", per_week=True),
}


def effort_hours(facts: Facts) -> NDArray[np.float64]:
    """Return (n_leads,) hours in the whole period; an empty cell is 1 a week."""
    weekly = facts.leads["effort_hours"].fillna(DEFAULT_EFFORT_HOURS).to_numpy()
    return weekly * facts.period.weeks


def base_load(facts: Facts, measure: Measure) -> NDArray[np.float64]:
    """Return (n_reps,) load from outside the plan in the whole period, in the measure's unit."""
    if measure not in BASE:
        return np.zeros(facts.num_reps)
    base = BASE[measure]
    load = facts.reps[base.column].fillna(0.0).to_numpy()
    return load * facts.period.weeks if base.per_week else load

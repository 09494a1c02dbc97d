"""`value.amount`: the money a lead would bring."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from models.units import number_text
from planner.rules.rule import ColumnUse, Rule, Section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from planner.case import Case
    from planner.facts import Facts


class MedianBy(BaseModel):
    """Fill an empty amount with the median of the leads that agree in some columns.

    A group without any amount takes the median of all leads.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    median_by: tuple[str, ...] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _allow_one_column(cls, value: Any) -> Any:
        if isinstance(value, dict) and isinstance(value.get("median_by"), str):
            return {**value, "median_by": [value["median_by"]]}
        return value


class Amount(Rule):
    """What a lead is worth if it is won.

    Attributes
    ----------
    column : numeric column of leads, in the currency
    missing : `error`, an amount, or `{median_by: [columns]}`
    """

    name: ClassVar[str] = "amount"
    section: ClassVar[Section] = Section.AMOUNT
    combines: ClassVar[str] = "value"

    column: str = "amount"
    missing: Literal["error"] | float | MedianBy = "error"

    def columns(self) -> Iterator[ColumnUse]:
        """Yield the columns the rule reads."""
        yield ColumnUse("leads", self.column, "column", numeric=True)
        if isinstance(self.missing, MedianBy):
            yield from (ColumnUse("leads", c, "missing") for c in self.missing.median_by)

    def faults(self, facts: Facts) -> Iterator[tuple[str, str]]:
        """Yield what keeps amounts from being known."""
        amounts = facts.leads[self.column]
        empty = int(amounts.isna().sum())
        if empty and self.missing == "error":
            yield "missing", (
                f"{empty:,} leads have no {self.column}; give a number, "
                "or {median_by: [columns]}, to be used for them"
            )
        if empty == len(amounts) and isinstance(self.missing, MedianBy):
            yield "missing", f"no lead has {self.column}, so there is no median; give a number"
        if isinstance(self.missing, float) and self.missing < 0:
            yield "missing", f"got {self.missing:g}; an amount must be at least 0"

    def sentence(self) -> str:
        """Return the rule in plain English."""
        text = f"A lead brings its {self.column} if it is won"
        if isinstance(self.missing, MedianBy):
            by = " and ".join(self.missing.median_by)
            return f"{text}; where empty, the median of leads with the same {by}."
        if isinstance(self.missing, float):
            return f"{text}; where empty, {number_text(self.missing)}."
        return f"{text}."

    def amounts(self, facts: Facts) -> NDArray[np.float64]:
        """Return (n_leads,) money."""
        amounts = facts.leads[self.column].astype("float64")
        if isinstance(self.missing, MedianBy):
            key, _ = facts.lead_codes(self.missing.median_by)
            median = amounts.groupby(key).transform("median")
            amounts = amounts.fillna(median).fillna(float(amounts.median()))
        elif isinstance(self.missing, float):
            amounts = amounts.fillna(self.missing)
        return amounts.to_numpy()

    def plain_amounts(self, case: Case) -> NDArray[np.float64]:
        """Return (n_pairs,) money of the case's pairs, read plainly."""
        leads = case.leads
        known = leads[leads[self.column].notna()]
        medians: dict[Any, float] = {}
        by = self.missing.median_by if isinstance(self.missing, MedianBy) else ()
        groups: dict[tuple[str, ...], list[float]] = {}
        for cells in zip(*(known[c].map(str) for c in by), known[self.column].astype(float), strict=True):
            groups.setdefault(cells[:-1], []).append(cells[-1])
        medians = {cells: statistics.median(values) for cells, values in groups.items()}
        every = statistics.median(known[self.column].astype(float)) if len(known) else 0.0

        def amount(value: float | None, *cells: object) -> float:
            if value is not None:
                return float(value)
            if isinstance(self.missing, float):
                return self.missing
            return medians.get(tuple("nan" if c is None else str(c) for c in cells), every)

        columns = [case.of_lead(self.column), *(case.of_lead(c) for c in by)]
        return np.array(case.each_distinct(columns, amount), float)

"""`value.amount`: the money a lead would bring."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from models.units import Number, number_text
from planner.rules.rule import Columns, ColumnUse, Rule, Section

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

    median_by: Columns = Field(min_length=1)


def _kind_of_missing(value: Any) -> str | None:
    if isinstance(value, dict | MedianBy):
        return "median"
    if isinstance(value, int | float):
        return "number"
    return "error" if value == "error" else None


Missing = Annotated[
    Annotated[Literal["error"], Tag("error")]
    | Annotated[Number, Field(ge=0), Tag("number")]
    | Annotated[MedianBy, Tag("median")],
    Discriminator(
        _kind_of_missing,
        custom_error_type="missing_amount",
        custom_error_message="must be `error`, an amount, or `{median_by: [columns]}`",
    ),
]


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
    missing: Missing = "error"

    def columns(self) -> Iterator[ColumnUse]:
        """Yield the columns the rule reads."""
        yield ColumnUse("leads", self.column, "column", numeric=True)
        if isinstance(self.missing, MedianBy):
            yield from (
                ColumnUse("leads", column, "missing.median_by") for column in self.missing.median_by
            )

    def faults(self, facts: Facts) -> Iterator[tuple[str, str]]:
        """Yield what keeps amounts from being known."""
        empty = int(facts.leads[self.column].isna().sum())
        if empty and self.missing == "error":
            yield (
                "missing",
                (
                    f"{self.column} is empty in {empty:,} of {facts.num_leads:,} leads; say in "
                    "`missing` what counts for them: an amount, or {median_by: [columns]}"
                ),
            )
        if empty == facts.num_leads and isinstance(self.missing, MedianBy):
            yield "missing", f"{self.column} is empty in all leads, so there is no median"

    def sentence(self) -> str:
        """Return the rule in plain English."""
        text = f"A lead brings its {self.column} if it is won"
        if isinstance(self.missing, MedianBy):
            by = " and ".join(self.missing.median_by)
            return f"{text}; where that is empty, the median of leads with the same {by}."
        if self.missing == "error":
            return f"{text}."
        return f"{text}; where that is empty, {number_text(self.missing)}."

    def amounts(self, facts: Facts) -> NDArray[np.float64]:
        """Return (n_leads,) money."""
        amounts = pd.Series(facts.lead_numbers(self.column))
        if isinstance(self.missing, MedianBy):
            key, _ = facts.lead_codes(self.missing.median_by)
            medians = amounts.groupby(key).median().reindex(range(int(key.max()) + 1))
            medians = medians.fillna(amounts.median())
            amounts = amounts.fillna(pd.Series(medians.to_numpy()[key]))
        elif self.missing != "error":
            amounts = amounts.fillna(self.missing)
        return np.asarray(amounts, np.float64)

    def plain_amounts(self, case: Case) -> NDArray[np.float64]:
        """Return (n_pairs,) money of the case's pairs, read plainly."""
        by = self.missing.median_by if isinstance(self.missing, MedianBy) else ()
        groups: dict[tuple[Any, ...], list[float]] = {}
        for amount, *cells in zip(*(case.of_leads(c) for c in (self.column, *by)), strict=True):
            if amount is not None:
                groups.setdefault(tuple(cells), []).append(float(amount))
        medians = {cells: statistics.median(amounts) for cells, amounts in groups.items()}
        known = [amount for amounts in groups.values() for amount in amounts]
        overall = statistics.median(known or [0.0])

        def worth(amount: Any, *cells: Any) -> float:
            if amount is not None:
                return float(amount)
            if isinstance(self.missing, MedianBy):
                return medians.get(cells, overall)
            return float(self.missing)

        columns = [case.of_lead(column) for column in (self.column, *by)]
        return np.array(case.each_distinct(columns, worth), float)

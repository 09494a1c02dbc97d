"""`value.win_probability`: the chance that a rep wins a lead, given or learned from history."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any, ClassVar, cast

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, model_validator

from models.units import Number, number_text
from models.where import Where, holds
from planner.case import plain_cells
from planner.facts import codes_of
from planner.rules.rule import Columns, ColumnUse, Factor, Filter, Rule, Section, filters_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from planner.case import Case
    from planner.facts import Facts

MOST_CELLS = 20_000_000
"""Of the table of rates, cells x reps: half a gigabyte while it is made."""

Group = tuple[Any, ...]


class History(BaseModel):
    """Win rates from past outcomes, shrunk where there are few.

    A cell is a combination of the `by` columns. With s = prior_strength, each rate counts s
    outcomes of the level above: all -> cell -> the rep's cell (the beta-binomial posterior mean;
    Efron and Morris 1975, doi:10.1080/01621459.1975.10479864).

    Attributes
    ----------
    by : columns of leads and history
    per_rep : whether a rep's own outcomes in the cell count
    prior_strength : s, in outcomes
    where : the outcomes to learn from
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    by: Columns = ()
    per_rep: bool = Field(default=True, strict=True)
    prior_strength: Number = Field(default=20, gt=0)
    where: Where | None = None


class WinProbability(Rule):
    """The chance that a rep wins a lead (R25).

    Attributes
    ----------
    column : numeric column of leads, 0 to 1
    history : or how to learn it; one of the two
    missing : chance to use where the column is empty
    """

    name: ClassVar[str] = "win_probability"
    section: ClassVar[Section] = Section.WIN_PROBABILITY
    combines: ClassVar[str] = "value"

    column: str | None = None
    history: History | None = None
    missing: Number | None = Field(default=None, ge=0, le=1)

    @model_validator(mode="after")
    def _is_one_of_two(self) -> WinProbability:
        if (self.column is None) == (self.history is None):
            raise ValueError("must name either a `column` or a `history` to learn from")
        if self.history and self.missing is not None:
            raise ValueError("`missing` goes with `column`; history always gives a rate")
        return self

    def columns(self) -> Iterator[ColumnUse]:
        """Yield the columns the rule reads."""
        if self.column is not None:
            yield ColumnUse("leads", self.column, "column", numeric=True)
        if self.history is not None:
            yield ColumnUse("history", "won", "history")
            for column in self.history.by:
                yield ColumnUse("leads", column, "history.by")
                yield ColumnUse("history", column, "history.by")

    def filters(self) -> Iterator[Filter]:
        """Yield the filter of outcomes to learn from, if there is one."""
        learn = self.history
        yield from filters_of("history", "history.where", learn.where if learn else None)

    def faults(self, facts: Facts) -> Iterator[tuple[str, str]]:
        """Yield what keeps chances from being known."""
        if self.column is not None:
            chances = facts.lead_numbers(self.column)
            empty = int(np.isnan(chances).sum())
            outside = int(((chances < 0) | (chances > 1)).sum())
            of_all = f"of {facts.num_leads:,} leads"
            if empty and self.missing is None:
                advice = "say in `missing` what counts for them, such as 0.2"
                yield "column", f"{self.column} is empty in {empty:,} {of_all}; {advice}"
            if outside:
                yield "column", f"{self.column} is below 0 or above 1 in {outside:,} {of_all}"
        if self.history is not None:
            yield from self._history_faults(self.history, facts)

    def _history_faults(self, learn: History, facts: Facts) -> Iterator[tuple[str, str]]:
        if not _outcomes(learn, facts).any():
            yield "history", "there is no past outcome to learn from"
        num_cells = len(facts.lead_codes(learn.by)[1])
        if learn.per_rep and num_cells * facts.num_reps > MOST_CELLS:
            yield (
                "history.by",
                (
                    f"{num_cells:,} combinations of {' and '.join(learn.by)} are too many to learn "
                    f"from for {facts.num_reps:,} reps; choose coarser columns"
                ),
            )

    def sentence(self) -> str:
        """Return the rule in plain English."""
        if self.history is None:
            text = f"The chance to win a lead is its {self.column}"
            if self.missing is None:
                return f"{text}."
            return f"{text}; where that is empty, {number_text(self.missing)}."
        learned = self.history
        by = f" with the same {' and '.join(learned.by)}" if learned.by else ""
        only = f" where {learned.where.sentence()}" if learned.where else ""
        rep = ", the rep's own before others'" if learned.per_rep else ""
        return (
            f"The chance to win a lead is the rate of past wins{by}{only}{rep}; "
            f"{number_text(learned.prior_strength)} outcomes of the wider group count in."
        )

    def chances(self, facts: Facts) -> Factor:
        """Return the chance of pairs, compiled."""
        if self.history is not None:
            cell, table = _rates(self.history, facts)
            if self.history.per_rep:
                return lambda lead, rep: table[cell[lead], rep]
            by_lead = table[cell, 0]
        else:
            by_lead = facts.lead_numbers(str(self.column))
            if self.missing is not None:
                by_lead = np.where(np.isnan(by_lead), self.missing, by_lead)
        return lambda lead, _: by_lead[lead]

    def plain_chances(self, case: Case) -> NDArray[np.float64]:
        """Return (n_pairs,) the chance of the case's pairs, read plainly."""
        if self.history is not None:
            return _plain_rates(self.history, case)
        missing = math.nan if self.missing is None else self.missing

        def given(chance: Any) -> float:
            return missing if chance is None else float(chance)

        return np.array(case.each_distinct([case.of_lead(str(self.column))], given), float)


def _outcomes(learn: History, facts: Facts) -> NDArray[np.bool_]:
    """Return (n_outcomes,) which past outcomes are learnt from."""
    past = facts.snapshot.history
    return learn.where.mask(past, facts.zone) if learn.where else np.ones(len(past), bool)


def _rates(learn: History, facts: Facts) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return (n_leads,) cells and (n_cells, n_reps or 1) rates; a cell is one that leads have."""
    past = facts.snapshot.history[_outcomes(learn, facts)]
    overall, strength = past["won"].mean(), learn.prior_strength
    cell_of_lead, cells = facts.lead_codes(learn.by)
    num_cells = len(cells)
    # The leads' cells come first, so they keep their numbers.
    both = pd.concat([cells, past[list(learn.by)]], ignore_index=True)
    cell = codes_of(both, num_cells + len(past))[num_cells:]
    past, cell = past[cell < num_cells], cell[cell < num_cells]
    won = past["won"].to_numpy()
    wins = np.bincount(cell, won, num_cells) + strength * overall
    rate = wins / (np.bincount(cell, minlength=num_cells) + strength)
    if not learn.per_rep:
        return cell_of_lead, rate[:, None]
    size = num_cells, facts.num_reps
    own = cell * facts.num_reps + pd.Index(facts.reps["rep_id"]).get_indexer(past["rep_id"])
    count = np.bincount(own, minlength=math.prod(size)).reshape(size)
    own_wins = np.bincount(own, won, math.prod(size)).reshape(size)
    return cell_of_lead, (own_wins + strength * rate[:, None]) / (count + strength)


def _plain_rates(learn: History, case: Case) -> NDArray[np.float64]:
    """Return (n_pairs,) rates, counted outcome by outcome."""
    past = case.snapshot.history
    if learn.where is not None:
        records = past[list(learn.where.columns)].to_dict("records")
        learnt = [holds(learn.where, cast("dict[str, Any]", r), case.zone) for r in records]
        past = past[learnt]
    wins, count = Counter[Group](), Counter[Group]()
    columns = [plain_cells(past[column]) for column in ("won", "rep_id", *learn.by)]
    for won, rep_id, *cell in zip(*columns, strict=True):
        for group in ((), (None, *cell), (rep_id, *cell)):
            wins[group] += won
            count[group] += 1

    def rate(rep_id: str, *cell: Any) -> float:
        shrunk = wins[()] / count[()]
        for group in ((None, *cell), (rep_id, *cell))[: 1 + learn.per_rep]:
            strength = learn.prior_strength
            shrunk = (wins[group] + strength * shrunk) / (count[group] + strength)
        return shrunk

    columns = [case.rep_ids, *(case.of_lead(column) for column in learn.by)]
    return np.array(case.each_distinct(columns, rate), float)

"""`value.win_probability`: the chance that a rep wins a lead, given or learned from history."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, model_validator

from models.units import number_text
from models.where import Where, holds
from planner.facts import combine
from planner.rules.rule import ColumnUse, Factor, Rule, Section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from planner.case import Case
    from planner.facts import Facts

MOST_CELLS = 100_000_000


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

    by: tuple[str, ...] = ()
    per_rep: bool = True
    prior_strength: float = Field(default=20, gt=0)
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
    missing: float | None = Field(default=None, ge=0, le=1)

    @model_validator(mode="after")
    def _is_one_of_two(self) -> WinProbability:
        if (self.column is None) == (self.history is None):
            raise ValueError("needs either `column` or `history`")
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
                yield ColumnUse("leads", column, "history")
                yield ColumnUse("history", column, "history")
            for column in self.history.where.columns if self.history.where else ():
                yield ColumnUse("history", column, "history")

    def faults(self, facts: Facts) -> Iterator[tuple[str, str]]:
        """Yield what keeps chances from being known."""
        if self.column is not None:
            chances = facts.leads[self.column].astype("float64")
            empty = int(chances.isna().sum())
            if empty and self.missing is None:
                yield "column", (
                    f"{empty:,} leads have no {self.column}; "
                    "give `missing: 0.2`, say, to be used for them"
                )
            if ((chances < 0) | (chances > 1)).any():
                yield "column", f"{self.column} holds numbers outside 0 to 1"
        if self.history is not None:
            frame = facts.snapshot.history
            if self.history.where:
                for column, fault in self.history.where.faults(frame):
                    yield "history", f"where {column}: {fault}"
                    return
            if not self._outcomes(facts).any():
                yield "history", "there is no past outcome to learn from"
            cells = len(facts.lead_codes(self.history.by)[1]) if self.history.by else 1
            if cells * facts.num_reps > MOST_CELLS:
                yield "history", f"`by` makes {cells:,} cells a rep; choose coarser columns"

    def sentence(self) -> str:
        """Return the rule in plain English."""
        if self.history is None:
            text = f"The chance to win a lead is its {self.column}"
            return f"{text}; where empty, {self.missing:g}." if self.missing is not None else f"{text}."
        learned = self.history
        by = f" by {' and '.join(learned.by)}" if learned.by else ""
        rep = ", and of the rep among them" if learned.per_rep else ""
        only = f" (where {learned.where.sentence()})" if learned.where else ""
        return (
            f"The chance to win a lead is the rate of past outcomes{by}{rep}{only}, "
            f"with {number_text(learned.prior_strength)} outcomes of the wider group counted in."
        )

    def chances(self, facts: Facts) -> Factor:
        """Return the chance of pairs, compiled."""
        if self.history is None:
            column = facts.leads[self.column].astype("float64").fillna(self.missing).to_numpy()
            return lambda lead, _: column[lead]
        key, table = self._rates(facts, self.history)
        return lambda lead, rep: table[key[lead], rep if self.history.per_rep else 0]

    def _outcomes(self, facts: Facts) -> NDArray[np.bool_]:
        past = facts.snapshot.history
        where = self.history.where if self.history else None
        return where.mask(past, facts.zone) if where else np.ones(len(past), bool)

    def _rates(
        self, facts: Facts, learn: History
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return (n_leads,) cells and (n_cells, n_reps or 1) rates."""
        past = facts.snapshot.history[self._outcomes(facts)]
        by = list(learn.by)
        both = pd.concat([facts.leads[by], past[by]], ignore_index=True)
        codes = np.zeros(len(both), np.int64)
        for column in by:
            part, values = pd.factorize(both[column], use_na_sentinel=False)
            codes = combine(codes, part, len(values))
        key, cell = codes[: facts.num_leads], codes[facts.num_leads :]
        num_cells = int(codes.max(initial=0)) + 1
        won, strength = past["won"].to_numpy(), learn.prior_strength
        overall = won.mean()
        wins = np.bincount(cell, won, num_cells) + strength * overall
        rate = wins / (np.bincount(cell, minlength=num_cells) + strength)
        if not learn.per_rep:
            return key, rate[:, None]
        rep = pd.Index(facts.reps["rep_id"]).get_indexer(past["rep_id"])
        size = num_cells * facts.num_reps
        own = cell * facts.num_reps + rep
        own_wins = np.bincount(own, won, size).reshape(num_cells, -1) + strength * rate[:, None]
        own_count = np.bincount(own, minlength=size).reshape(num_cells, -1)
        return key, own_wins / (own_count + strength)

    def plain_chances(self, case: Case) -> NDArray[np.float64]:
        """Return (n_pairs,) the chance of the case's pairs, read plainly."""
        if self.history is None:
            missing = self.missing if self.missing is not None else np.nan

            def given(chance: float | None) -> float:
                return missing if chance is None else float(chance)

            return np.array(case.each_distinct([case.of_lead(str(self.column))], given), float)
        learn, strength = self.history, self.history.prior_strength
        wins: Counter[tuple[Any, ...]] = Counter()
        count: Counter[tuple[Any, ...]] = Counter()
        for past in case.snapshot.history.to_dict("records"):
            if learn.where is not None and not holds(learn.where, past, case.zone):
                continue
            cell = tuple(str(past[column]) for column in learn.by)
            for group in ((), ("cell", cell), ("rep", cell, past["rep_id"])):
                wins[group] += int(past["won"])
                count[group] += 1

        def shrunk(rep_id: str, *cells: object) -> float:
            cell = tuple("nan" if value is None else str(value) for value in cells)
            rate = wins[()] / count[()]
            groups: list[tuple[Any, ...]] = [("cell", cell)]
            for group in groups + ([("rep", cell, rep_id)] if learn.per_rep else []):
                rate = (wins[group] + strength * rate) / (count[group] + strength)
            return rate

        columns = [case.pairs["rep_id"], *(case.of_lead(column) for column in learn.by)]
        return np.array(case.each_distinct(columns, shrunk), float)

"""A snapshot seen through a policy's period: what rules compile from."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from models.columns import DEPARTURE, EVERYTHING
from models.lists import split_list
from models.working_hours import DEFAULT_HOURS, Interval, working_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from models.period import Period
    from models.snapshot import Snapshot
    from planner.rules.families import Families

NAMED_AT_MOST = 5


class Facts:
    """Columns of a snapshot as codes, sets of reps as masks, working time as shares.

    Parameters
    ----------
    snapshot : the tables
    period : what the plan is for
    families : which leads share one rep
    """

    def __init__(self, snapshot: Snapshot, period: Period, families: Families) -> None:
        self.snapshot, self.period, self._families = snapshot, period, families
        self.leads, self.reps = snapshot.leads, snapshot.reps
        self.zone = snapshot.header.timezone
        self._codes: dict[tuple[str, ...], tuple[NDArray[np.int64], pd.DataFrame]] = {}
        self._of_all_leads: dict[Hashable, Any] = {}

    def of_leads(
        self, leads: pd.DataFrame, duplicates: NDArray[np.int64], pins: pd.DataFrame | None = None
    ) -> Facts:
        """Return the facts of other leads with the same reps, history and absences.

        Parameters
        ----------
        leads : with the columns that the rules read
        duplicates : (n_leads,) as in the snapshot
        pins : on these leads; none if not given
        """
        tables = dict(self.snapshot.tables)
        tables["pins"] = tables["pins"].iloc[:0] if pins is None else pins
        tables["leads"] = leads
        snapshot = replace(self.snapshot, tables=tables, duplicates=duplicates)
        other = Facts(snapshot, self.period, self._families)
        other._of_all_leads = self._of_all_leads
        return other

    def once(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """Return what does not depend on the leads, made only once for all facts of other leads."""
        if key not in self._of_all_leads:
            self._of_all_leads[key] = make()
        return self._of_all_leads[key]

    @property
    def num_leads(self) -> int:
        """How many leads there are."""
        return len(self.leads)

    @property
    def num_reps(self) -> int:
        """How many reps there are."""
        return len(self.reps)

    def lead_codes(self, columns: Sequence[str]) -> tuple[NDArray[np.int64], pd.DataFrame]:
        """Return (n_leads,) codes of the combinations of columns, and those combinations."""
        key = tuple(columns)
        if key not in self._codes:
            self._codes[key] = distinct(self.leads[list(columns)])
        return self._codes[key]

    def misspelt(self, column: str, values: Iterable[str]) -> Iterator[str]:
        """Yield values that no lead has in a column, but another spelling of them."""
        known = self.lead_codes([column])[1][column].dropna()
        spelling = {name.casefold(): name for name in known}
        for value in values:
            name = spelling.get(value.casefold(), value)
            if name != value and value not in spelling.values():
                yield f"no lead has {column} {value!r}; the leads have {name!r}"

    def told(self, wrong: NDArray[np.bool_]) -> str:
        """Return how many of the reps are (n_reps,) wrong, and who: `2 of 9 reps (R1, R4)`."""
        names = ", ".join(self.reps["rep_id"][wrong][:NAMED_AT_MOST])
        more = ", ..." if wrong.sum() > NAMED_AT_MOST else ""
        return f"{wrong.sum():,} of {self.num_reps:,} reps ({names}{more})"

    def reps_offering(self, column: str) -> OfferedBy:
        """Return which reps list which value in a list column."""
        offered: OfferedBy = self.once(("offered", column), lambda: OfferedBy(self.reps[column]))
        return offered

    def lead_numbers(self, column: str) -> NDArray[np.float64]:
        """Return (n_leads,) numbers of a column, NaN for empty cells."""
        return numbers(self.leads[column])

    def rep_numbers(self, column: str) -> NDArray[np.float64]:
        """Return (n_reps,) numbers of a column, NaN for empty cells."""
        return numbers(self.reps[column])

    @cached_property
    def row_of_lead(self) -> NDArray[np.int64]:
        """(n_leads,) the row, or family, of each lead; rows are numbered by their first lead."""
        return self._families.rows(self)

    @property
    def has_left(self) -> NDArray[np.bool_]:
        """(n_reps,) whether the rep is inactive, or departs before the period ends."""
        has_left: NDArray[np.bool_] = self.once("has left", self._has_left)
        return has_left

    def _has_left(self) -> NDArray[np.bool_]:
        away = self.snapshot.absences
        departs = (away["kind"] == DEPARTURE) & (away["starts"] < self.period.ends)
        gone = self.reps["rep_id"].isin(away.loc[departs, "rep_id"])
        return ((self.reps["active"] == 0) | gone).to_numpy(bool)

    @property
    def present_share(self) -> NDArray[np.float64]:
        """(n_reps,) share of each rep's working time in the period that no absence takes."""
        share: NDArray[np.float64] = self.once("present share", self._present_share)
        return share

    def _present_share(self) -> NDArray[np.float64]:
        share = np.ones(self.num_reps)
        starts, ends = self.period.starts, self.period.ends
        hours = self.reps["working_hours"].fillna(DEFAULT_HOURS).tolist()
        zones = self.reps["timezone"].fillna(self.zone).tolist()
        for rep, absences in self._absences().items():
            if (total := working_seconds(hours[rep], zones[rep], starts, ends)) > 0:
                present = working_seconds(hours[rep], zones[rep], starts, ends, absences)
                share[rep] = present / total
        return share

    def _absences(self) -> dict[int, list[Interval]]:
        """Return the absences within the period, by position of the rep."""
        away = self.snapshot.absences
        away = away[(away["starts"] < self.period.ends) & (away["ends"] > self.period.starts)]
        reps = pd.Index(self.reps["rep_id"]).get_indexer(away["rep_id"])
        by_rep: dict[int, list[Interval]] = {}
        for rep, starts, ends in zip(reps.tolist(), away["starts"], away["ends"], strict=True):
            by_rep.setdefault(rep, []).append((starts.to_pydatetime(), ends.to_pydatetime()))
        return by_rep


class OfferedBy:
    """Which reps offer which values of a list column; `*` offers all, an empty cell nothing."""

    def __init__(self, cells: pd.Series) -> None:
        self.num_reps = len(cells)
        self.everything = np.zeros(len(cells), bool)
        self.by_value: dict[str, NDArray[np.bool_]] = {}
        for rep, cell in enumerate(cells):
            for value in split_list(cell) if isinstance(cell, str) else ():
                if value == EVERYTHING:
                    self.everything[rep] = True
                else:
                    self.by_value.setdefault(value, np.zeros(len(cells), bool))[rep] = True

    def reps(self, value: str) -> NDArray[np.bool_]:
        """Return (n_reps,) which reps offer a value."""
        found = self.by_value.get(value)
        return self.everything if found is None else self.everything | found


def numbers(cells: pd.Series) -> NDArray[np.float64]:
    """Return (n,) the numbers of a column; one that was only kept holds them as text."""
    return pd.to_numeric(cells, errors="coerce").to_numpy(np.float64)


def distinct(frame: pd.DataFrame) -> tuple[NDArray[np.int64], pd.DataFrame]:
    """Return (n,) codes of the distinct rows of a frame, and those rows, one per code.

    Missing cells are a value of their own. Codes follow first appearance.
    """
    codes = codes_of(frame, len(frame))
    return codes, frame.iloc[first_of(codes)].reset_index(drop=True)


def codes_of(frame: pd.DataFrame, size: int) -> NDArray[np.int64]:
    """Return (size,) codes of the distinct rows of a frame, which may have no column at all."""
    codes = np.zeros(size, np.int64)
    for column in frame.columns:
        part, values = pd.factorize(frame[column], use_na_sentinel=False)
        codes = combine(codes, part, len(values))
    return codes


def sets_by_row(
    row_of_lead: NDArray[np.int64], leads: NDArray[np.int64], values: NDArray[np.int64]
) -> tuple[NDArray[np.int64], list[frozenset[int]]]:
    """Return the distinct sets of values that some leads have by row.

    Returns
    -------
    key : (n_rows,) the number of the row's set, from 1 on; 0 for a row without such a lead
    sets : number 1, 2, ...
    """
    of_row: dict[int, set[int]] = {}
    for row, value in zip(row_of_lead[leads].tolist(), values.tolist(), strict=True):
        of_row.setdefault(row, set()).add(value)
    key = np.zeros(int(row_of_lead.max(initial=-1)) + 1, np.int64)
    numbers: dict[frozenset[int], int] = {}
    for row, some in of_row.items():
        key[row] = numbers.setdefault(frozenset(some), len(numbers) + 1)
    return key, list(numbers)


def combine(codes: NDArray[np.int64], part: NDArray[np.int64], num_parts: int) -> NDArray[np.int64]:
    """Return codes of the combinations of two codings, numbered by first appearance."""
    return pd.factorize(codes * max(num_parts, 1) + part)[0].astype(np.int64)


def first_of(codes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return (n_codes,) the first position of each code."""
    size = int(codes.max()) + 1 if len(codes) else 0
    first = np.full(size, len(codes), np.int64)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    return first

"""A snapshot seen through a policy's period: what rules compile from."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from models.columns import EVERYTHING
from models.lists import split_list
from models.working_hours import DEFAULT_HOURS, working_seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from models.period import Period
    from models.snapshot import Snapshot

DEPARTURE = "departure"


class Facts:
    """Columns of a snapshot as codes, sets of reps as masks, working time as shares.

    Parameters
    ----------
    snapshot : the tables
    period : what the plan is for
    """

    def __init__(self, snapshot: Snapshot, period: Period) -> None:
        self.snapshot, self.period = snapshot, period
        self.leads, self.reps = snapshot.leads, snapshot.reps
        self.zone = snapshot.header.timezone
        self._codes: dict[tuple[str, ...], tuple[NDArray[np.int64], pd.DataFrame]] = {}

    @property
    def num_leads(self) -> int:
        """How many leads there are."""
        return len(self.leads)

    @property
    def num_reps(self) -> int:
        """How many reps there are."""
        return len(self.reps)

    def lead_codes(self, columns: Sequence[str]) -> tuple[NDArray[np.int64], pd.DataFrame]:
        """Return (n_leads,) codes of the distinct combinations of columns, and those combinations."""
        key = tuple(columns)
        if key not in self._codes:
            self._codes[key] = distinct(self.leads[list(columns)])
        return self._codes[key]

    def reps_offering(self, column: str) -> OfferedBy:
        """Return which reps list which value in a list column."""
        return OfferedBy(self.reps[column])

    def rep_numbers(self, column: str) -> NDArray[np.float64]:
        """Return (n_reps,) numbers of a column; a kept column holds them as text."""
        return pd.to_numeric(self.reps[column], errors="coerce").to_numpy(np.float64)

    @cached_property
    def present_share(self) -> NDArray[np.float64]:
        """(n_reps,) share of each rep's working time in the period that no absence takes, 0 to 1."""
        return np.array([share for share, _ in self._presence])

    @cached_property
    def has_left(self) -> NDArray[np.bool_]:
        """(n_reps,) whether the rep is inactive, or departs before the period ends."""
        return (self.reps["active"] == 0).to_numpy() | np.array([left for _, left in self._presence])

    @cached_property
    def _presence(self) -> list[tuple[float, bool]]:
        period = self.period
        away = self.snapshot.absences
        by_rep = {rep: group for rep, group in away.groupby("rep_id") if len(group)}
        hours = self.reps["working_hours"].fillna(DEFAULT_HOURS)
        zones = self.reps["timezone"].fillna(self.zone)
        presence = []
        for rep, shifts, zone in zip(self.reps["rep_id"], hours, zones, strict=True):
            if rep not in by_rep:
                presence.append((1.0, False))
                continue
            absences = by_rep[rep]
            left = ((absences["kind"] == DEPARTURE) & (absences["starts"] < period.ends)).any()
            intervals = [
                (max(a.to_pydatetime(), period.starts), min(b.to_pydatetime(), period.ends))
                for a, b in zip(absences["starts"], absences["ends"], strict=True)
                if a < period.ends and b > period.starts
            ]
            total = working_seconds(shifts, zone, period.starts, period.ends)
            at_work = working_seconds(shifts, zone, period.starts, period.ends, intervals)
            presence.append((at_work / total if total > 0 else 1.0, bool(left)))
        return presence


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


def distinct(frame: pd.DataFrame) -> tuple[NDArray[np.int64], pd.DataFrame]:
    """Return (n,) codes of the distinct rows of a frame, and those rows, one per code.

    Missing cells are a value of their own. Codes follow first appearance.
    """
    codes = np.zeros(len(frame), np.int64)
    for column in frame.columns:
        part, values = pd.factorize(frame[column], use_na_sentinel=False)
        codes = combine(codes, part, len(values))
    first = first_of(codes)
    return codes, frame.iloc[first].reset_index(drop=True)


def combine(
    codes: NDArray[np.int64], part: NDArray[np.int64], num_parts: int
) -> NDArray[np.int64]:
    """Return codes of the combinations of two codings, numbered by first appearance."""
    return pd.factorize(codes * max(num_parts, 1) + part)[0].astype(np.int64)


def first_of(codes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return (n_codes,) the first position of each code."""
    size = int(codes.max()) + 1 if len(codes) else 0
    first = np.full(size, len(codes), np.int64)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    return first

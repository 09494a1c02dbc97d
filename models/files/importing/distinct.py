"""The distinct values of a column: steps change these few instead of a million cells."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from models.issues import IssueLog, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from models.raw_table import RawTable

LISTED_AT_MOST = 100


@dataclass(frozen=True)
class Distinct:
    """A column of text as its distinct values.

    Attributes
    ----------
    values : each once
    codes : (n,) position in values of each cell
    index : (n,) the cells' labels
    """

    values: Sequence[str]
    codes: NDArray[np.intp]
    index: pd.Index

    @classmethod
    def of(cls, cells: pd.Series) -> Distinct:
        """Return the distinct values of a column."""
        codes, values = pd.factorize(cells)
        return cls(values.tolist(), codes, cells.index)

    def cells(self) -> pd.Series:
        """Return the column."""
        values = pd.array(list(self.values), dtype="str")
        return pd.Series(values.take(self.codes), index=self.index)

    def changed(self, values: Iterable[str]) -> Distinct:
        """Return the column with each value changed to the one given for it."""
        positions: dict[str, int] = {}
        codes = [positions.setdefault(value, len(positions)) for value in values]
        return Distinct(list(positions), np.array(codes, np.intp)[self.codes], self.index)

    @cached_property
    def counts(self) -> NDArray[np.intp]:
        """(num_values,) how many cells have each value."""
        return np.bincount(self.codes, minlength=len(self.values))

    @cached_property
    def firsts(self) -> NDArray[np.intp]:
        """(num_values,) position of the first cell with each value."""
        return _first_positions(self.codes, len(self.values))

    def report(
        self,
        code: str,
        column: str,
        values: Sequence[int],
        say: Callable[[str], Mapping[str, str]],
        table: RawTable,
        issues: IssueLog,
    ) -> None:
        """Report values, by position, each with its first line and how many cells have it.

        Beyond a hundred, the rest is one issue, so that a column gone wrong stays readable.

        Parameters
        ----------
        say : returns what the issue says of a value: `got`, `allowed`, `fix`
        """
        listed, rest = values[:LISTED_AT_MOST], list(values[LISTED_AT_MOST:])
        found = [(self.firsts[at], self.counts[at], say(self.values[at])) for at in listed]
        if rest:
            got = f"and {len(rest):,} more values, from this line on"
            found.append((self.firsts[rest].min(), self.counts[rest].sum(), {"got": got}))
        for first, count, text in found:
            issues.add(
                code,
                table.name,
                source=table.file(first),
                line=table.line(first),
                column=column,
                count=int(count),
                **text,
            )


def combine(columns: Sequence[Distinct], join: Callable[[Sequence[str]], str]) -> Distinct:
    """Return the column that joins the cells of several; each combination is joined once."""
    codes = np.zeros(len(columns[0].codes), np.intp)
    for column in columns:
        # Numbered anew after each column, the combinations never outgrow an integer.
        codes = pd.factorize(codes * len(column.values) + column.codes)[0]
    firsts = _first_positions(codes, int(codes.max(initial=-1)) + 1)
    rows = zip(*([c.values[at] for at in c.codes[firsts]] for c in columns), strict=True)
    joined = [join(row) for row in rows]
    return Distinct(joined, codes, columns[0].index).changed(joined)


def _first_positions(codes: NDArray[np.intp], size: int) -> NDArray[np.intp]:
    firsts = np.empty(size, np.intp)
    firsts[codes[::-1]] = np.arange(len(codes))[::-1]  # of equal places, the last is written last
    return firsts


def replace_values(
    cells: Distinct,
    by: Mapping[str, str],
    column: str,
    table: RawTable,
    issues: IssueLog,
    *,
    personal: bool = False,
) -> Distinct:
    """Return a column with values replaced; each that changes is reported, unless personal."""
    changed = [at for at, value in enumerate(cells.values) if by.get(value, value) != value]

    def say(value: str) -> dict[str, str]:
        return {} if personal else {"got": f"{shown(value)}, now {shown(by[value])}"}

    cells.report("value_mapped", column, changed, say, table, issues)
    return cells.changed(by.get(value, value) for value in cells.values) if changed else cells

"""Turns a mask of faulty cells into issues that name line, column, record and value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from models.cell_text import cell_text
from models.columns import TABLES, Kind
from models.issues import LISTED_ONE_BY_ONE, IssueLog, shown
from models.validation.advice import advice

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from numpy.typing import NDArray

    from models.raw_table import RawTable

    Advice = str | Callable[[str], str]

HIDDEN = "(hidden)"
ADVISED_AT_MOST = 20
"""Looking for the nearest name takes some 10 ms a value, so only the first ones get it."""
PERSONAL_LOOK = re.compile(r"[^\s@]@[^\s@]+\.[^\s@]|^(\+|00|\()[\d ().\-/]{8,}$")


@dataclass(frozen=True)
class Reporter:
    """Reports faults of one table; personal data is never shown.

    Attributes
    ----------
    issues : where they go
    raw : the table, for line numbers
    ids : (n,) the ids of its records, or None where they have none
    """

    issues: IssueLog
    raw: RawTable
    ids: pd.Series | None = None

    def cells(
        self,
        code: str,
        column: str,
        faulty: NDArray[np.bool_],
        values: pd.Series | None = None,
        *,
        allowed: str = "",
        fix: Advice = "",
    ) -> None:
        """Report each faulty cell; beyond a thousand of a kind, the rest as one issue with a count.

        Parameters
        ----------
        values : (n,) what the cells hold
        fix : advice, or a function that gives it for a value
        """
        positions = np.flatnonzero(faulty)
        advised: dict[str, str] = {}
        for position in positions[:LISTED_ONE_BY_ONE]:
            value = None if values is None else values.iat[int(position)]
            text = str(value)
            if text not in advised and callable(fix) and len(advised) < ADVISED_AT_MOST:
                advised[text] = fix(text)
            self.cell(
                code,
                column,
                int(position),
                got="" if values is None else self.quoted(column, value),
                allowed=allowed,
                fix=advised.get(text, "") if callable(fix) else fix or advice(code, value),
            )
        if len(rest := positions[LISTED_ONE_BY_ONE:]):
            self.cell(code, column, int(rest[0]), allowed=allowed, count=len(rest))

    def cell(self, code: str, column: str, position: int, **text: Any) -> None:
        """Report one cell, or with column "" one record."""
        record = None if self.ids is None else cell_text(self.ids.iat[position])
        self.issues.add(
            code,
            self.raw.name,
            line=self.raw.line(position),
            source=self.raw.file(position),
            column=column,
            record=(record or "").strip(),
            **text,
        )

    def values(
        self,
        code: str,
        column: str,
        faulty: NDArray[np.bool_],
        values: pd.Series,
        *,
        fix: Callable[[str], str],
    ) -> None:
        """Report each distinct faulty value once, with its first line and how often it occurs."""
        positions = np.flatnonzero(faulty)
        groups = list(values[faulty].groupby(values[faulty], sort=True).indices.items())
        for number, (value, members) in enumerate(groups[:LISTED_ONE_BY_ONE]):
            self.cell(
                code,
                column,
                int(positions[members[0]]),
                got=self.quoted(column, value),
                fix=fix(str(value)) if number < ADVISED_AT_MOST else "",
                count=len(members),
            )
        if rest := groups[LISTED_ONE_BY_ONE:]:
            first, count = int(positions[rest[0][1][0]]), sum(len(members) for _, members in rest)
            self.cell(code, column, first, count=count)

    def quoted(self, column: str, value: object) -> str:
        """Return a value as an issue may show it: personal data is hidden."""
        known = {known.name: known for known in TABLES.get(self.raw.name, ())}.get(column)
        if known is not None and known.personal:
            return HIDDEN
        is_id = known is not None and known.kind is Kind.ID
        # Where columns have shifted, an address can stand in any of them.
        if isinstance(value, str) and not is_id and PERSONAL_LOOK.search(value):
            return HIDDEN
        return shown(value)

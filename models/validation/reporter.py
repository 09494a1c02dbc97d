"""Turns a mask of faulty cells into issues that name line, column, record and value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from models.issues import IssueLog, shown

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from models.raw_table import RawTable

LISTED_ONE_BY_ONE = 1_000


@dataclass(frozen=True)
class Reporter:
    """Reports faults of one table.

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
        fix: str = "",
    ) -> None:
        """Report each faulty cell; beyond a thousand of a kind, the rest as one issue with a count."""
        positions = np.flatnonzero(faulty)
        for position in positions[:LISTED_ONE_BY_ONE]:
            self.cell(
                code,
                column,
                int(position),
                got="" if values is None else shown(values.iat[int(position)]),
                allowed=allowed,
                fix=fix,
            )
        if len(rest := positions[LISTED_ONE_BY_ONE:]):
            self.issues.add(
                code,
                self.raw.name,
                line=self.raw.line(int(rest[0])),
                column=column,
                got="and more of the same, from this line on",
                allowed=allowed,
                fix=fix,
                count=len(rest),
            )

    def cell(self, code: str, column: str, position: int, **text: Any) -> None:
        """Report one cell, or with column "" one record."""
        record = "" if self.ids is None else str(self.ids.iat[position])
        self.issues.add(
            code,
            self.raw.name,
            line=self.raw.line(position),
            column=column,
            record=record[:80],
            **text,
        )

    def values(
        self, code: str, column: str, faulty: NDArray[np.bool_], values: pd.Series, **text: Any
    ) -> None:
        """Report each distinct faulty value once, with its first line and how often it occurs."""
        for value, positions in values[faulty].groupby(values[faulty], sort=True).indices.items():
            rows = np.flatnonzero(faulty)[positions]
            advice = {key: part(value) if callable(part) else part for key, part in text.items()}
            self.issues.add(
                code,
                self.raw.name,
                line=self.raw.line(int(rows[0])),
                column=column,
                got=shown(value),
                count=len(rows),
                **advice,
            )

"""Faults and remarks found in input: one record each, and the log that collects them all."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

import pandas as pd

from models.issue_types import ISSUE_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Severity(StrEnum):
    """An error blocks planning; a warning and a remark do not."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Issue:
    """One fault or remark.

    Attributes
    ----------
    code : stable code, a key of the catalogue
    table : where: the table (or file) it was found in
    line : physical line in the source, 1-based; None where there is no line
    column : the column, or "" for the whole record or table
    got : the value found, shortened
    allowed : what would have been right
    fix : what to do
    record : id of the record, where known
    count : how many records share the issue
    source : the file that holds the line, where it is not the table's own
    """

    code: str
    table: str
    line: int | None = None
    column: str = ""
    got: str = ""
    allowed: str = ""
    fix: str = ""
    record: str = ""
    count: int = 1
    source: str = ""

    @property
    def severity(self) -> Severity:
        """How serious the issue is."""
        return Severity(ISSUE_TYPES[self.code].severity)

    def text(self) -> str:
        """Return the issue as a sentence: what, where, got, allowed, advice."""
        where = self.table + (f" from {self.source}" if self.source else "")
        where += f", line {self.line}" if self.line is not None else ""
        where += f", {self.column}" if self.column else ""
        where += f" ({self.record})" if self.record else ""
        parts = [f"{self.severity} {self.code}: {where}: {ISSUE_TYPES[self.code].title}"]
        if self.got:
            parts.append(f"got {self.got}")
        if self.allowed:
            parts.append(f"allowed: {self.allowed}")
        if self.count > 1:
            parts.append(f"{self.count:,} records")
        return "; ".join(parts) + (f". {self.fix}" if self.fix else "")


COLUMNS = (
    *("code", "severity", "table", "source", "line", "column", "record"),
    *("got", "allowed", "fix", "count"),
)
MAX_SHOWN_VALUE = 80
LISTED_ONE_BY_ONE = 1_000
AND_MORE = "and more of the same, from this line on"


def shown(value: object) -> str:
    """Return a value as it is quoted in an issue: repr, printable, at most 80 characters."""
    if isinstance(value, date):
        return value.isoformat()
    if hasattr(value, "item") and getattr(value, "ndim", 1) == 0:
        value = value.item()
    if isinstance(value, str):
        # Cut first: a field can be far longer than what is shown of it.
        value = value[:MAX_SHOWN_VALUE]
        return _cut(repr(value) if value.isprintable() else ascii(value))
    return _cut(" ".join(repr(value).split()))


def label(name: str) -> str:
    """Return a name of the source (a column, an id) on one printable line, without quotes."""
    return _cut(_printable(name[:MAX_SHOWN_VALUE]))


def _printable(text: str) -> str:
    return text if text.isprintable() else ascii(text)[1:-1]


def _cut(text: str) -> str:
    return text if len(text) <= MAX_SHOWN_VALUE else f"{text[: MAX_SHOWN_VALUE - 1]}…"


@dataclass
class IssueLog:
    """Collects every issue, in the order found.

    Beyond a thousand of one code in one column, the rest becomes one issue with a count: a table of
    a million faults must neither fill the memory nor hide the other faults.
    """

    issues: list[Issue] = field(default_factory=list)
    _alike: Counter[tuple[str, str, str]] = field(default_factory=Counter, repr=False)
    _rest: dict[tuple[str, str, str], int] = field(default_factory=dict, repr=False)

    def add(
        self,
        code: str,
        table: str,
        *,
        line: int | None = None,
        column: str = "",
        got: str = "",
        allowed: str = "",
        fix: str = "",
        record: str = "",
        count: int = 1,
        source: str = "",
    ) -> None:
        """Add one issue; `allowed` and `fix` default to the catalogue's own."""
        kind = ISSUE_TYPES[code]
        issue = Issue(
            code,
            label(table),
            line,
            label(column),
            _printable(got),
            allowed or kind.allowed,
            fix or kind.fix,
            label(record),
            count,
            source,
        )
        key = (code, table, issue.column)
        self._alike[key] += 1
        if self._alike[key] <= LISTED_ONE_BY_ONE:
            self.issues.append(issue)
        elif key in self._rest:
            first = self.issues[self._rest[key]]
            self.issues[self._rest[key]] = replace(first, count=first.count + count)
        else:
            self._rest[key] = len(self.issues)
            self.issues.append(replace(issue, record="", got=AND_MORE, fix=kind.fix))

    def extend(self, other: IssueLog) -> None:
        """Add all issues of another log."""
        self.issues.extend(other.issues)

    def errors(self) -> Sequence[Issue]:
        """Return the issues that block planning."""
        return [issue for issue in self.issues if issue.severity is Severity.ERROR]

    def __iter__(self) -> Iterator[Issue]:
        return iter(self.issues)

    def __len__(self) -> int:
        return len(self.issues)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per issue, all columns as text but `line` and `count`."""
        rows = [tuple(getattr(issue, name) for name in COLUMNS) for issue in self.issues]
        frame = pd.DataFrame(rows, columns=list(COLUMNS))
        return frame.astype({"line": "Int64", "count": "int64"})

"""Writes the reference pages of issue codes and of tables from the catalogues themselves.

python -m models.issue_docs issues > docs/issues.md
python -m models.issue_docs tables > docs/tables.md
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from models.columns import REQUIRED_TABLES, TABLES, Kind
from models.issue_types import GROUPS
from models.validation.cells import NUMERIC, allowed_range

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from models.columns import Column

ISSUES = """# Issues

Everything that validation and import can find has a stable code. An **error** blocks planning, a
**warning** and an **info** do not. An issue names table, line, column and record, the value got,
what is allowed, and what to do. E-mail addresses, phone numbers, names and companies are never
shown: `(hidden)` stands in their place. Line numbers are those of the text file; in a Parquet file
or data frame, the number of the record. Beyond 1,000 issues of one code in one column, the rest is
one issue with a count.

This page is generated: `python -m models.issue_docs issues > docs/issues.md`.
"""
GROUP_TITLES = {
    "files": "Files and columns",
    "values": "Values",
    "references": "References between tables",
    "customers": "The same customer",
    "import": "Import by a mapping",
    "planning": "Planning",
    "new leads": "New leads",
}
TABLES_HEAD = """# Tables

A company is a directory with `snapshot.yaml` and one file per table, CSV or Parquet: `leads.csv` or
`leads.parquet`, and so on. CSV is UTF-8 with a header line, divided by commas, quoted as
`"a ""b"" c"`, with one kind of line end. Lists are divided by `;`, region paths by `/`, as
`US/West/CA`. An empty cell is a missing value. Spaces around a value are left out (a warning),
nothing else is changed or repaired.

This page is generated: `python -m models.issue_docs tables > docs/tables.md`.

## snapshot.yaml

```yaml
schema: 1
as_of: 2026-11-21T00:00:00Z     # when the tables were true; nothing may have happened later
timezone: Europe/Berlin         # dates, and times without an offset, are read in it; default UTC
currency: USD                   # ISO 4217, of every amount
keep: {leads: [segment, tier]}  # further columns to keep, as text; a policy's own are kept anyway
```

## How cells are written

| kind | written as |
|---|---|
"""
WRITTEN = {
    Kind.ID: "any text; small and capital letters differ",
    Kind.TEXT: "any text",
    Kind.LIST: "`audit;cloud`; in a list of reps, `*` for all",
    Kind.PATH: "`US/West/CA`",
    Kind.PATHS: "`US/West;MX`, or `*` for all",
    Kind.NUMBER: "`1200.50`, `-3`, `1e6`: no currency, unit, per cent or thousands sign",
    Kind.INTEGER: "`3`",
    Kind.FLAG: "`0`, `1`, `false` or `true`",
    Kind.TIME: "`2026-11-21`, `2026-11-21 14:30` or `2026-11-21T14:30:00Z`, kept to the "
    "microsecond; in a Parquet file or data frame, a column of times without a zone that are all "
    "midnight holds dates",
    Kind.TIME_ZONE: "`Europe/Berlin`",
    Kind.WORKING_HOURS: "`Mon-Fri 09:00-17:00; Sat 10:00-14:00`",
}


def catalogue() -> str:
    """Return the page of all issue codes, as Markdown."""
    parts = [ISSUES]
    for group, kinds in GROUPS.items():
        rows = [
            (f"`{kind.code}`", kind.severity, kind.title, kind.allowed, kind.fix) for kind in kinds
        ]
        head = ("code", "severity", "what is wrong", "allowed", "what to do")
        parts += [f"\n## {GROUP_TITLES[group]}\n\n", _table(head, rows)]
    return "".join(parts)


def tables() -> str:
    """Return the page of all tables and columns, as Markdown."""
    kinds = "".join(f"| {kind.value} | {text} |\n" for kind, text in WRITTEN.items())
    parts = [TABLES_HEAD, kinds]
    for table, columns in TABLES.items():
        note = "" if table in REQUIRED_TABLES else " (optional)"
        head = ("column", "kind", "required", "range", "meaning")
        parts += [f"\n## {table}{note}\n\n", _table(head, map(_row, columns))]
    return "".join(parts)


def _row(column: Column) -> tuple[str, ...]:
    past = "not after as_of" if column.past else ""
    limits = allowed_range(column) if column.kind in NUMERIC else past
    note = " (personal)" if column.personal else ""
    required = "yes" if column.required else ""
    return f"`{column.name}`", column.kind.value, required, limits, column.help + note


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    cells = [" | ".join(cell.replace("|", "\\|") for cell in line) for line in lines]
    return "".join(f"| {line} |\n" for line in cells)


PAGES = {"issues": catalogue, "tables": tables}

if __name__ == "__main__":
    sys.stdout.write(PAGES[sys.argv[1]]())

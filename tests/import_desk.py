"""A place to try imports: writes sources, imports them, and finds issues."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.files.importer import ImportResult, import_tables
from models.files.mapping_reader import mapping_from_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from models.issues import Issue

HEADER = """\
version: 1
snapshot: {as_of: 2026-11-01T00:00:00Z, currency: USD}
tables:
"""
REPS = """\
  reps:
    from: team.csv
    columns: {rep_id: Name, regions: Area}
"""
TEAM = "Name,Area\nAnn,US\nBob,DE\n"


def table(**columns: Sequence[str]) -> str:
    """Return CSV text of columns."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return text.getvalue()


@dataclass
class Desk:
    """Writes sources into a folder and imports them."""

    folder: Path

    def give(self, **sources: str | bytes) -> None:
        """Write the sources: `crm="..."` is the file crm.csv."""
        for name, content in sources.items():
            data = content.encode() if isinstance(content, str) else content
            (self.folder / f"{name}.csv").write_bytes(data)

    def run(self, leads: str, *, reps: str = REPS, rest: str = "", **sources: str) -> ImportResult:
        """Import leads by a recipe block, indented as it stands in the tests."""
        self.give(**{"team": TEAM, **sources})
        block = "".join(f"    {line}\n" for line in leads.strip().splitlines())
        return import_tables(
            mapping_from_text(f"{HEADER}  leads:\n{block}{reps}{rest}"), [self.folder]
        )

    def column(self, recipe: str, cells: Sequence[str], name: str) -> list[str]:
        """Return the cells that a recipe makes of one column `A`, all other faults apart."""
        crm = table(Id=[f"L{at}" for at in range(len(cells))], A=cells)
        result = self.run(f"from: crm.csv\ncolumns: {{lead_id: Id, {name}: {recipe}}}", crm=crm)
        assert result.complete, [issue.text() for issue in result.issues]
        return result.tables["leads"].frame[name].tolist()


def of(result: ImportResult, code: str) -> list[Issue]:
    """Return the issues of a code."""
    return [issue for issue in result.issues if issue.code == code]


def only(result: ImportResult, code: str) -> Issue:
    """Return the single issue of a code."""
    (issue,) = of(result, code)
    return issue

"""Tests of the import: a CRM's files and a mapping in, the tables of a company out."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InputError, UsageError
from models.files.importer import ImportResult, import_tables, write_tables
from models.files.mapping_reader import mapping_from_text
from models.files.snapshot_files import read_snapshot
from models.issues import IssueLog

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
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

    def column(self, recipe: str, cells: Sequence[str], name: str, **sources: str) -> list[str]:
        """Return the cells that a recipe makes of one column `A`, all other faults apart."""
        rows = "".join(f'L{at},"{cell}"\n' for at, cell in enumerate(cells))
        result = self.run(
            f"from: crm.csv\ncolumns: {{lead_id: Id, {name}: {recipe}}}",
            crm=f"Id,A\n{rows}",
            **sources,
        )
        assert result.complete, [issue.text() for issue in result.issues]
        return result.tables["leads"].frame[name].tolist()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A place with an empty folder for sources."""
    folder = tmp_path / "export"
    folder.mkdir()
    return Desk(folder)


def of(result: ImportResult, code: str) -> list[Issue]:
    """Return the issues of a code."""
    return [issue for issue in result.issues if issue.code == code]


def only(result: ImportResult, code: str) -> Issue:
    """Return the single issue of a code."""
    (issue,) = of(result, code)
    return issue


# What a recipe makes


@pytest.mark.parametrize(
    ("name", "recipe", "cells", "made"),
    [
        ("grade", "A", ["a", " b ", "", "ünï\nlines", '""']),
        ("grade", "{constant: B}", ["x", "y"], ["B", "B"]),
        ("grade", "{column: A, values: {Hot: A}}", ["Hot", "hot", ""], ["A", "hot", ""]),
        ("grade", "{column: A, values: {a: '', b: c}, other: clear}", ["a", "b", "d"], ["", "c", ""]),
        ("grade", "{column: A, missing: {constant: C}}", ["a", "", "  "], ["a", "C", "C"]),
        ("grade", "{column: A, missing: Id}", ["a", ""], ["a", "L1"]),
        ("effort_hours", "{column: A, unit: minutes}", ["90", "50", ""], ["1.5", "0.8333333333333334", ""]),
        ("effort_hours", "{column: A, unit: days}", ["0.5", "1e1"], ["4", "80"]),
        ("amount", "{column: A, unit: thousands}", ["0.1", "12", "1.005"], ["100", "12000", "1005"]),
        ("amount", "{column: A, unit: cents}", ["1", "250"], ["0.01", "2.5"]),
        ("win_probability", "{column: A, unit: percent}", ["45", "45 %", "7.5%"], ["0.45", "0.45", "0.075"]),
        ("amount", "{column: A, format: '1,234.56'}", ["1,200.50", "12", "1,000,000"], ["1200.50", "12", "1000000"]),
        ("amount", "{column: A, format: '1.234,56'}", ["1.200,5", "-7,25"], ["1200.5", "-7.25"]),
        ("amount", "{column: A, format: '1 234,56'}", ["1\u00a0200,5", "1 200"], ["1200.5", "1200"]),
        ("amount", "{column: A, format: '1234,56'}", ["1200,5"], ["1200.5"]),
        ("amount", "{column: A, format: '1,234.56', unit: millions}", ["1,000.5"], ["1000500000"]),
        ("created", "{column: A, format: DD.MM.YYYY}", ["31.12.2025", "1.2.2026"], ["2025-12-31", "2026-02-01"]),
        (
            "created",
            "{column: A, format: 'MM/DD/YYYY hh:mm AM'}",
            ["12/31/2025 11:59 PM", "1/2/2026 12:05 am"],
            ["2025-12-31T23:59:00", "2026-01-02T00:05:00"],
        ),
        ("created", "{column: A, format: YYYYMMDDhhmmss}", ["20251231235958"], ["2025-12-31T23:59:58"]),
        ("created", "{column: A, unit: epoch milliseconds}", ["1767225600123"], ["2026-01-01T00:00:00.123000Z"]),
        ("created", "{column: A, unit: epoch seconds}", ["1767225600"], ["2026-01-01T00:00:00Z"]),
        ("region", "{column: A, divided_by: ' > '}", ["US > West > CA", "US"], ["US/West/CA", "US"]),
        ("needs", "{column: A, divided_by: ','}", ["audit,cloud", ""], ["audit;cloud", ""]),
        ("region", "{join: [{constant: US}, A]}", ["CA", ""], ["US/CA", "US"]),
        ("needs", "{join: [A, {constant: tax}]}", ["audit", ""], ["audit;tax", "tax"]),
        ("company", "{join: [A, {constant: Ltd}]}", ["Acme", ""], ["Acme Ltd", "Ltd"]),
        ("family", "{join: [{constant: SF}, A]}", ["7", ""], ["SF-7", ""]),
    ],
)  # fmt: skip
def test_a_recipe_makes_cells(
    desk: Desk, name: str, recipe: str, cells: list[str], made: list[str] | None
) -> None:
    assert desk.column(recipe, cells, name) == made

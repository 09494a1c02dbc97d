"""What a program needs besides the tables to have the whole plan."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from api.schemas.plans import PlanSource
from api.schemas.snapshots import IssueGiven
from models.files.csv_writer import fused
from models.files.plan_files import ISSUES, POLICY

if TYPE_CHECKING:
    from pathlib import Path

    from api.store.tables import PlanRow


def source_of(plan: PlanRow, directory: Path) -> PlanSource:
    """Return a plan's record, policy and remarks."""
    with (directory / ISSUES).open(encoding="utf-8", newline="") as file:
        rows = [
            {name: fused(cell) for name, cell in row.items() if cell}
            for row in csv.DictReader(file)
        ]
    return PlanSource(
        record=plan.record,
        policy=(directory / POLICY).read_text(encoding="utf-8"),
        issues=[IssueGiven.model_validate(row) for row in rows],
    )

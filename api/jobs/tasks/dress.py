"""Writes, beside a plan's files, what the API tells of each lead."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from models.plan import Plan
    from models.snapshot import Snapshot

LEADS_FILE = "leads.parquet"
GROUPS = 10_000
"""Rows of a group of the file: so many are read for a page, however large the plan."""


def dress(snapshot: Snapshot, plan: Plan, directory: Path) -> Path:
    """Write the plan's assignments with the lead's region and grade and the rep's team; return the
    file.

    Parameters
    ----------
    directory : the plan's
    """
    reps = snapshot.reps.set_index("rep_id")["team"]
    leads = snapshot.leads.set_index("lead_id")[["region", "grade"]]
    told = plan.assignments.join(leads, on="lead_id").assign(
        team=plan.assignments["rep_id"].map(reps), owner_team=plan.assignments["owner"].map(reps)
    )
    path = directory / LEADS_FILE
    told.sort_values("lead_id").to_parquet(path, index=False, row_group_size=GROUPS)
    return path

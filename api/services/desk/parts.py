"""Whether a part of a plan has any leads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow.compute as pc
import pyarrow.parquet as pq

from api.jobs.tasks.dress import LEADS_FILE
from api.services.desk.publication_files import REPS_FILE
from models.lists import lies_under
from models.nearest import nearest_advice

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def part_faults(plan: Path, teams: Iterable[str], regions: Iterable[str]) -> list[str]:
    """Return the teams without a rep and the regions without a lead, each in a sentence.

    Parameters
    ----------
    plan : its directory
    """
    known_teams = _distinct(plan / REPS_FILE, "team")
    known_regions = _distinct(plan / LEADS_FILE, "region")
    faults = [
        f"no rep of the plan is in team {team!r}. {nearest_advice(team, known_teams)}".rstrip()
        for team in teams
        if team not in known_teams
    ]
    faults += [
        f"no lead of the plan lies under region {region!r}. "
        f"{nearest_advice(region, known_regions)}".rstrip()
        for region in regions
        if not any(lies_under(known, region) for known in known_regions)
    ]
    return faults


def _distinct(path: Path, column: str) -> list[str]:
    cells = pq.read_table(path, columns=[column])[column]
    return sorted(cell for cell in pc.unique(cells).to_pylist() if cell is not None)

"""The files of a publication: who has which lead, what was refused, and the teams of reps.

Tables here have one row per lead and are indexed by lead_id.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from api.jobs.tasks.dress import GROUPS
from models.files.own_parquet import read_frame
from models.plan import plan_hash

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

ASSIGNMENT_FILE, REFUSED_FILE, REPS_FILE = "assignment.parquet", "refused.parquet", "reps.parquet"
SIDES_FILE = "sides.parquet"
"""Who has each lead by the publication, by what is current, and by what was chosen: only there
while the publication is prepared."""
HELD, CHOSEN = "held", "chosen"
"""Columns of that file besides lead_id and rep_id."""
KEPT = ("rep_id", "owner", "region", "grade", "team", "expected_value", "score", "since")
"""Columns of an assignment beside lead_id."""
REFUSED = ("rep_id", "owner", "planned", "region", "team", "reason")
MOMENT = pd.DatetimeTZDtype("us", "UTC")


@dataclass(frozen=True)
class Moved:
    """A lead that changed hands.

    Attributes
    ----------
    number : of the publication that was current then
    to_rep : None is the pool
    by_hand : whether a planner gave it, whatever the rules say
    """

    lead_id: str
    to_rep: str | None
    at: datetime
    number: int
    by_hand: bool = False


@dataclass(frozen=True)
class Current:
    """What is current.

    Attributes
    ----------
    number : of the publication
    directory : of its files
    """

    number: int
    directory: Path


@dataclass(frozen=True)
class Assembled:
    """The files of a publication, and what its row says of them.

    Attributes
    ----------
    as_planned : whether every lead goes where its plan has it, and there are no others
    chosen : whether who publishes chose that it does not: a part, or leads given by hand
    """

    files: tuple[Path, ...]
    hash: str
    counts: dict[str, int]
    as_planned: bool = False
    chosen: bool = False


def holdings(current: Current, moved: Sequence[Moved]) -> pd.DataFrame:
    """Return the current assignment with the leads that changed hands since it was published."""
    table = read_assignment(current.directory)
    latest = {one.lead_id: one for one in moved if one.number == current.number}
    known = [lead_id for lead_id in latest if lead_id in table.index]
    if known:
        team_of = read_teams(current.directory)
        reps = pd.Series([latest[lead_id].to_rep for lead_id in known], known, dtype="str")
        table.loc[known, "rep_id"] = reps
        table.loc[known, "team"] = reps.map(team_of).astype("str")
        table.loc[known, ["expected_value", "score"]] = float("nan")
        since = pd.Series([latest[lead_id].at for lead_id in known], known, dtype=MOMENT)
        table.loc[known, "since"] = since
    return table


def written(
    table: pd.DataFrame,
    refused: pd.DataFrame,
    team_of: Mapping[str, str],
    counts: dict[str, int],
    out: Path,
) -> Assembled:
    """Write the files of a publication."""
    table = table[list(KEPT)].sort_index().reset_index(names="lead_id")
    reps = pd.DataFrame({"rep_id": list(team_of), "team": list(team_of.values())}, dtype="str")
    files = []
    for name, frame in (
        (ASSIGNMENT_FILE, table.astype({"rep_id": "str", "owner": "str", "team": "str"})),
        (REFUSED_FILE, refused.sort_index().reset_index(names="lead_id").astype("str")),
        (REPS_FILE, reps),
    ):
        frame.to_parquet(out / name, index=False, row_group_size=GROUPS)
        files.append(out / name)
    return Assembled(tuple(files), plan_hash(table), counts)


def read_assignment(directory: Path) -> pd.DataFrame:
    """Return the assignment of a publication."""
    return read_frame(directory / ASSIGNMENT_FILE).set_index("lead_id")


def read_teams(*directories: Path | None) -> dict[str, str]:
    """Return the team by rep_id, of all reps, None for those without; the first directory wins."""
    team_of: dict[str, str] = {}
    for directory in reversed([path for path in directories if path is not None]):
        reps = read_frame(directory / REPS_FILE, columns=["rep_id", "team"])
        team_of |= dict(zip(reps["rep_id"], reps["team"], strict=True))
    return team_of


def differ(one: pd.Series, other: pd.Series) -> pd.Series:
    """Return where two columns of ids differ; nobody equals nobody."""
    return one.fillna("") != other.fillna("")

"""Makes the whole assignment of the company from a plan, what is current, and what happened since.

Tables here have one row per lead and are indexed by lead_id.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow.parquet as pq

from api.errors import InvalidRequestError
from api.jobs.tasks.dress import GROUPS, LEADS_FILE
from models.lists import lies_under
from models.plan import plan_hash

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

ASSIGNMENT_FILE, REFUSED_FILE, REPS_FILE = "assignment.parquet", "refused.parquet", "reps.parquet"
KEPT = ("rep_id", "owner", "region", "grade", "team", "expected_value", "score", "since")
"""Columns of an assignment beside lead_id."""
PLANNED = tuple(column for column in KEPT if column != "since")
REFUSED = ("rep_id", "owner", "planned", "region", "team", "reason")
TRANSFERRED, NEWER_TABLES = "transferred", "newer_tables"
MOMENT = pd.DatetimeTZDtype("us", "UTC")


@dataclass(frozen=True)
class Moved:
    """A lead that changed hands.

    Attributes
    ----------
    number : of the publication that was current then
    to_rep : None is the pool
    """

    lead_id: str
    to_rep: str | None
    at: datetime
    number: int


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
class Tables:
    """Tables of a snapshot.

    Attributes
    ----------
    directory : of its files; None where they were removed
    as_of : when they were true
    """

    directory: Path | None
    as_of: datetime


@dataclass(frozen=True)
class Parts:
    """What a publication is made of.

    Attributes
    ----------
    plan : directory of the plan; plan_hash : of its assignment
    tables : those that the plan was made from
    newest : tables that are newer than these; None if there are none
    current : None before the first publication
    moved : transfers, oldest first
    teams, regions : what of the plan is taken; empty is no limit
    moment : since when the leads that move have their rep
    """

    plan: Path
    plan_hash: str
    tables: Tables
    newest: Tables | None
    current: Current | None
    moved: tuple[Moved, ...]
    teams: tuple[str, ...]
    regions: tuple[str, ...]
    moment: datetime


@dataclass(frozen=True)
class Assembled:
    """The files of a publication, and what its row says of them."""

    files: tuple[Path, ...]
    hash: str
    counts: dict[str, int]


def assemble(parts: Parts, out: Path) -> Assembled:
    """Write the assignment that a publication makes current, and what it refuses.

    Parameters
    ----------
    out : a directory

    Raises
    ------
    InvalidRequestError : the plan's file is not the plan
    """
    plan = _plan(parts)
    before = None if parts.current is None else holdings(parts.current, parts.moved)
    team_of = _teams(parts.plan, None if parts.current is None else parts.current.directory)
    _tell_owners_now(plan, parts)
    # Who has each lead before: by the current publication, or where it has none, by the tables.
    held = plan["owner_now"]
    if before is not None:
        held = before["rep_id"].reindex(plan.index).where(plan.index.isin(before.index), held)
    taken = _taken(plan, held, team_of, parts)
    # A lead that somebody moved back to its old owner was moved all the same.
    refused = taken & (plan["why"] != "") & _differ(plan["rep_id"], plan["owner_now"])
    rep = plan["rep_id"].where(taken, held).where(~refused, plan["owner_now"])
    table = _valued(plan, rep, before)
    table["team"] = rep.map(team_of)
    table["since"] = _since(plan, rep, refused, before, parts)
    changed = int(_differ(rep, held).sum())
    # Columns come first: a table without rows would take the rows of a column that is assigned.
    told = plan.assign(planned=plan["rep_id"], rep_id=rep, team=table["team"], reason=plan["why"])
    told = told[refused]
    if before is not None:
        others = before[~before.index.isin(plan.index) & _still_there(before.index, parts)]
        table = pd.concat([table, others[list(KEPT)]]) if len(others) else table
    counts = {
        "leads": len(table),
        "assigned": int(table["rep_id"].notna().sum()),
        "taken": int((taken & ~refused).sum()),
        "changed": changed,
        "refused": len(told),
    }
    return written(table, told[list(REFUSED)], team_of, counts, out)


def restore(old: Path, current: Current, moved: Sequence[Moved], out: Path) -> Assembled:
    """Write the assignment of an earlier publication again; leads that came since stay as they are.

    Parameters
    ----------
    old : directory of the earlier publication
    out : a directory
    """
    table, before = _assignment(old), holdings(current, moved)
    came = before[~before.index.isin(table.index)]
    held = before["rep_id"].reindex(table.index)
    counts = {
        "leads": len(table) + len(came),
        "assigned": int(table["rep_id"].notna().sum() + came["rep_id"].notna().sum()),
        "taken": len(table),
        "changed": int(_differ(table["rep_id"], held).sum()),
        "refused": 0,
    }
    if len(came):
        table = pd.concat([table, came])
    nothing = pd.DataFrame(columns=list(REFUSED), index=table.index[:0], dtype="str")
    return written(table, nothing, _teams(old, current.directory), counts, out)


def holdings(current: Current, moved: Sequence[Moved]) -> pd.DataFrame:
    """Return the current assignment with the leads that changed hands since it was published."""
    table = _assignment(current.directory)
    latest = {one.lead_id: one for one in moved if one.number == current.number}
    known = [lead_id for lead_id in latest if lead_id in table.index]
    if known:
        team_of = _teams(current.directory)
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


def _plan(parts: Parts) -> pd.DataFrame:
    path = parts.plan / LEADS_FILE
    plan = pd.read_parquet(path, columns=["lead_id", *PLANNED]).set_index("lead_id")
    if plan_hash(plan.reset_index()) != parts.plan_hash:
        raise InvalidRequestError(
            "the plan's file is not the assignment that was planned and checked; plan again"
        )
    if not plan.index.is_unique:
        twice = plan.index[plan.index.duplicated()].unique()[:3]
        raise InvalidRequestError(f"the plan has leads twice: {', '.join(twice)}; plan again")
    return plan


def _assignment(directory: Path) -> pd.DataFrame:
    return pd.read_parquet(directory / ASSIGNMENT_FILE).set_index("lead_id")


def _teams(*directories: Path | None) -> dict[str, str]:
    """Return the team by rep_id, of all reps, None for those without; the first directory wins."""
    team_of: dict[str, str] = {}
    for directory in reversed([path for path in directories if path is not None]):
        reps = pd.read_parquet(directory / REPS_FILE, columns=["rep_id", "team"])
        team_of |= dict(zip(reps["rep_id"], reps["team"], strict=True))
    return team_of


def _tell_owners_now(plan: pd.DataFrame, parts: Parts) -> None:
    """Add who owns each lead now, since when, and how one knows, to a plan."""
    plan["owner_now"], plan["why"] = plan["owner"], ""
    plan["owned_since"] = pd.Series(pd.NaT, plan.index, dtype=MOMENT)
    known_at = parts.tables.as_of
    if parts.newest is not None and parts.newest.directory is not None:
        known_at = parts.newest.as_of
        owners = _columns(parts.newest.directory, "owner")["owner"].reindex(plan.index)
        seen = plan.index.isin(_columns(parts.newest.directory).index)
        differs = seen & _differ(owners, plan["owner"])
        plan.loc[differs, "owner_now"] = owners[differs]
        plan.loc[differs, "why"] = NEWER_TABLES
        plan.loc[differs, "owned_since"] = pd.Timestamp(known_at)
    latest = {one.lead_id: one for one in parts.moved if one.at > known_at}
    known = [lead_id for lead_id in latest if lead_id in plan.index]
    if known:
        reps = [latest[lead_id].to_rep for lead_id in known]
        plan.loc[known, "owner_now"] = pd.Series(reps, known, dtype="str")
        plan.loc[known, "why"] = TRANSFERRED
        moments = [latest[lead_id].at for lead_id in known]
        plan.loc[known, "owned_since"] = pd.Series(moments, known, dtype=MOMENT)


def _taken(
    plan: pd.DataFrame, held: pd.Series, team_of: Mapping[str, str], parts: Parts
) -> pd.Series:
    """Return which leads of a plan belong to the part that is published."""
    taken = pd.Series(True, plan.index)
    if parts.teams:
        taken &= plan["team"].isin(parts.teams) | held.map(team_of).isin(parts.teams)
    if parts.regions:
        inside = {
            region: any(lies_under(region, above) for above in parts.regions)
            for region in plan["region"].dropna().unique()
        }
        taken &= plan["region"].map(inside).eq(True)
    return taken


def _valued(plan: pd.DataFrame, rep: pd.Series, before: pd.DataFrame | None) -> pd.DataFrame:
    """Return the columns of an assignment; money is known where the plan, or the publication
    before, has the lead with the same rep.
    """
    table = plan[["owner", "region", "grade", "expected_value", "score"]].copy()
    table["rep_id"] = rep
    other = _differ(rep, plan["rep_id"])
    money = ["expected_value", "score"]
    table.loc[other, money] = float("nan")
    if before is not None:
        as_before = before.reindex(plan.index)
        same = other & ~_differ(rep, as_before["rep_id"])
        table.loc[same, money] = as_before.loc[same, money]
    return table


def _since(
    plan: pd.DataFrame,
    rep: pd.Series,
    refused: pd.Series,
    before: pd.DataFrame | None,
    parts: Parts,
) -> pd.Series:
    """Return since when each lead has its rep; missing for nobody, or where no table tells."""
    since = pd.Series(parts.moment, plan.index, dtype=MOMENT)
    stays = ~_differ(rep, plan["owner_now"])
    owned = plan["owned_since"]
    if parts.tables.directory is not None:
        told = _columns(parts.tables.directory, "owned_since")["owned_since"].reindex(plan.index)
        owned = owned.where(owned.notna(), pd.to_datetime(told, utc=True).astype(MOMENT))
    since = since.where(~stays, owned)
    if before is not None:
        as_before = before.reindex(plan.index)
        same = ~refused & ~_differ(rep, as_before["rep_id"]) & plan.index.isin(before.index)
        since = since.where(~same, as_before["since"].astype(MOMENT))
    return since.where(rep.notna())


def _still_there(leads: pd.Index, parts: Parts) -> pd.Series:
    """Return which leads that the plan has not stay.

    A part leaves all others alone; a whole plan drops what has left the company's tables.
    """
    if parts.teams or parts.regions:
        return pd.Series(True, leads)
    if parts.newest is None or parts.newest.directory is None:
        return pd.Series(False, leads)
    return pd.Series(leads.isin(_columns(parts.newest.directory).index), leads)


def _columns(tables: Path, *names: str) -> pd.DataFrame:
    """Return columns of a snapshot's leads; those that it has not are empty."""
    path = tables / "leads.parquet"
    there = [name for name in names if name in pq.read_schema(path).names]
    frame = pd.read_parquet(path, columns=["lead_id", *there]).set_index("lead_id")
    for name in names:
        if name not in there:
            frame[name] = pd.Series(None, frame.index, dtype="str")
    return frame


def _differ(one: pd.Series, other: pd.Series) -> pd.Series:
    """Return where two columns of ids differ; nobody equals nobody."""
    return one.fillna("") != other.fillna("")

"""Makes the whole assignment of the company from a plan, what is current, and what happened since.

Tables here have one row per lead and are indexed by lead_id.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow.parquet as pq

from api.errors import InvalidRequestError
from api.jobs.tasks.dress import LEADS_FILE
from api.jobs.tasks.pin_conflicts import Staff
from api.services.desk.publication_files import (
    CHOSEN,
    HELD,
    KEPT,
    MOMENT,
    REFUSED,
    SIDES_FILE,
    Assembled,
    Current,
    Moved,
    differ,
    holdings,
    read_teams,
    written,
)
from models.files.own_parquet import read_frame
from models.lists import lies_under
from models.plan import plan_hash

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from api.jobs.tasks.task import Pin

PLANNED = tuple(column for column in KEPT if column != "since")
TRANSFERRED, NEWER_TABLES, PINNED = "transferred", "newer_tables", "pinned"


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
    pins : those of the service that hold
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
    pins: tuple[Pin, ...] = ()


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
    team_of = read_teams(parts.plan, None if parts.current is None else parts.current.directory)
    _tell_owners_now(plan, parts, _standing(parts.moved, before))
    # Who has each lead before: by the current publication, or where it has none, by the tables.
    held = plan["owner_now"]
    if before is not None:
        held = before["rep_id"].reindex(plan.index).where(plan.index.isin(before.index), held)
    taken = _taken(plan, held, team_of, parts)
    # A lead that somebody moved back to its old owner was moved all the same.
    refused = taken & (plan["why"] != "") & differ(plan["rep_id"], plan["owner_now"])
    against = taken & ~refused & _goes_against_pins(plan, parts)
    plan.loc[against, "why"] = PINNED
    rep = plan["rep_id"].where(taken & ~against, held).where(~refused, plan["owner_now"])
    table = _valued(plan, rep, before)
    by_hand = refused & plan["by_hand"]
    chosen = plan["rep_id"].where(taken, held).where(~by_hand, plan["owner_now"])
    sides = pd.DataFrame({"rep_id": rep, HELD: held, CHOSEN: chosen})
    table["team"] = rep.map(team_of)
    table["since"] = _since(plan, rep, refused, before, parts)
    changed = int(differ(rep, held).sum())
    # Columns come first: a table without rows would take the rows of a column that is assigned.
    told = plan.assign(planned=plan["rep_id"], rep_id=rep, team=table["team"], reason=plan["why"])
    told = told[refused | against]
    new, gone = len(plan), 0
    if before is not None:
        others = before[~before.index.isin(plan.index) & _still_there(before.index, parts)]
        known = int(before.index.isin(plan.index).sum())
        new, gone = len(plan) - known, len(before) - known - len(others)
        if len(others):
            table = pd.concat([table, others[list(KEPT)]])
            stays = dict.fromkeys(sides, others["rep_id"])
            sides = pd.concat([sides, pd.DataFrame(stays)])
    sides.reset_index(names="lead_id").to_parquet(out / SIDES_FILE, index=False)
    counts = {
        "leads": len(table),
        "assigned": int(table["rep_id"].notna().sum()),
        "taken": int((taken & ~refused & ~against).sum()),
        "changed": changed,
        "refused": len(told),
        "new": new,
        "gone": gone,
    }
    made = written(table, told[list(REFUSED)], team_of, counts, out)
    as_planned = bool((~differ(rep, plan["rep_id"])).all()) and len(table) == len(plan)
    is_part = bool(parts.teams or parts.regions)
    return replace(made, as_planned=as_planned, chosen=is_part or bool(by_hand.any()))


def _plan(parts: Parts) -> pd.DataFrame:
    path = parts.plan / LEADS_FILE
    plan = read_frame(path, columns=["lead_id", *PLANNED]).set_index("lead_id")
    if plan_hash(plan.reset_index()) != parts.plan_hash:
        raise InvalidRequestError(
            "the plan's file is not the assignment that was planned and checked; plan again"
        )
    if not plan.index.is_unique:
        twice = plan.index[plan.index.duplicated()].unique()[:3]
        raise InvalidRequestError(f"the plan has leads twice: {', '.join(twice)}; plan again")
    return plan


def _standing(moved: Sequence[Moved], before: pd.DataFrame | None) -> list[Moved]:
    """Return the transfers that still tell who has a lead: a roll-back takes earlier ones back."""
    if before is None:
        return list(moved)
    held = before["rep_id"].reindex([one.lead_id for one in moved])
    came = ~held.index.isin(before.index)
    to_rep = pd.Series([one.to_rep for one in moved], held.index, dtype="str")
    stands = came | ~differ(to_rep, held)
    return [one for one, told in zip(moved, stands, strict=True) if told]


def _tell_owners_now(plan: pd.DataFrame, parts: Parts, moved: Sequence[Moved]) -> None:
    """Add who owns each lead now, since when, and how one knows, to a plan."""
    plan["owner_now"], plan["why"], plan["by_hand"] = plan["owner"], "", False
    plan["owned_since"] = pd.Series(pd.NaT, plan.index, dtype=MOMENT)
    known_at = parts.tables.as_of
    if parts.newest is not None and parts.newest.directory is not None:
        known_at = parts.newest.as_of
        owners = _columns(parts.newest.directory, "owner")["owner"].reindex(plan.index)
        seen = plan.index.isin(_columns(parts.newest.directory).index)
        differs = seen & differ(owners, plan["owner"])
        plan.loc[differs, "owner_now"] = owners[differs]
        plan.loc[differs, "why"] = NEWER_TABLES
        plan.loc[differs, "owned_since"] = pd.Timestamp(known_at)
    latest = {one.lead_id: one for one in moved if one.at > known_at}
    known = [lead_id for lead_id in latest if lead_id in plan.index]
    if known:
        reps = [latest[lead_id].to_rep for lead_id in known]
        plan.loc[known, "owner_now"] = pd.Series(reps, known, dtype="str")
        plan.loc[known, "why"] = TRANSFERRED
        plan.loc[known, "by_hand"] = [latest[lead_id].by_hand for lead_id in known]
        moments = [latest[lead_id].at for lead_id in known]
        plan.loc[known, "owned_since"] = pd.Series(moments, known, dtype=MOMENT)


def _goes_against_pins(plan: pd.DataFrame, parts: Parts) -> pd.Series:
    """Return which leads a plan gives to somebody whom a pin that holds now keeps from them."""
    against = pd.Series(False, plan.index)
    tables = parts.tables.directory
    if parts.newest is not None and parts.newest.directory is not None:
        tables = parts.newest.directory
    pins = [pin for pin in parts.pins if pin.lead_id in plan.index]
    if tables is None or not pins:
        return against
    staff = Staff(_table(tables / "reps.parquet", "rep_id", "active", "team", "regions"))
    for pin in pins:
        planned = plan["rep_id"][pin.lead_id]
        against[pin.lead_id] |= not staff.allows(pin, None if pd.isna(planned) else planned)
    return against


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
    other = differ(rep, plan["rep_id"])
    money = ["expected_value", "score"]
    table.loc[other, money] = float("nan")
    if before is not None:
        as_before = before.reindex(plan.index)
        same = other & ~differ(rep, as_before["rep_id"])
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
    stays = ~differ(rep, plan["owner_now"])
    owned = plan["owned_since"]
    if parts.tables.directory is not None:
        told = _columns(parts.tables.directory, "owned_since")["owned_since"].reindex(plan.index)
        owned = owned.where(owned.notna(), pd.to_datetime(told, utc=True).astype(MOMENT))
    since = since.where(~stays, owned)
    if before is not None:
        as_before = before.reindex(plan.index)
        same = ~refused & ~differ(rep, as_before["rep_id"]) & plan.index.isin(before.index)
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
    return _table(tables / "leads.parquet", "lead_id", *names).set_index("lead_id")


def _table(path: Path, *names: str) -> pd.DataFrame:
    """Return columns of a table; those that it has not are empty."""
    there = [name for name in names if name in pq.read_schema(path).names]
    frame = read_frame(path, columns=there)
    for name in names:
        if name not in there:
            frame[name] = pd.Series(None, frame.index, dtype="str")
    return frame

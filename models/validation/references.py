"""Checks tables against each other: owners, regions, absences, pins, staleness."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from models.columns import DEPARTURE, EVERYTHING
from models.lists import split_list, split_path
from models.nearest import nearest_advice
from models.validation.pins import check_pins

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from models.snapshot import SnapshotHeader
    from models.validation.tables import ReadTable

STALE_AFTER_DAYS = 30
DATES_OF_LIFE = ("last_activity", "created", "owned_since")
LIMITS = ("capacity_hours", "max_leads")


def check_references(tables: Mapping[str, ReadTable], header: SnapshotHeader) -> None:
    """Report every reference between tables that does not hold, and what looks wrong together."""
    leads, reps = tables["leads"], tables["reps"]
    _check_ids(leads, "owner", reps, "rep_id", "unknown_rep")
    for name in ("history", "absences", "pins"):
        if name in tables:
            _check_ids(tables[name], "rep_id", reps, "rep_id", "unknown_rep")
    if "pins" in tables:
        _check_ids(tables["pins"], "lead_id", leads, "lead_id", "unknown_lead")
        check_pins(tables["pins"], leads, reps, header.as_of)
    if "absences" in tables:
        _check_absences(tables["absences"])
    _check_regions(leads, reps)
    _check_reps(leads, reps)
    _check_owned_since(leads)
    _check_currency(leads, header)
    _check_age(leads, header.as_of)


def check_new_leads(leads: ReadTable, reps: ReadTable, header: SnapshotHeader) -> None:
    """Report what does not hold of leads that came after the tables."""
    _check_ids(leads, "owner", reps, "rep_id", "unknown_rep")
    _check_regions(leads, reps)
    _check_owned_since(leads)
    _check_currency(leads, header)


def _check_ids(table: ReadTable, column: str, target: ReadTable, key: str, code: str) -> None:
    ids = table.frame[column]
    known = target.frame[key].dropna()
    # Half the time of Series.isin.
    unknown = (pd.Index(known.unique()).get_indexer(ids) < 0) & ids.notna().to_numpy()
    table.reporter.cells(code, column, unknown, ids, fix=lambda name: nearest_advice(name, known))


def _check_regions(leads: ReadTable, reps: ReadTable) -> None:
    regions = leads.frame["region"]
    places = reps.frame.loc[_active(reps), "regions"].dropna()
    covered = {split_path(path) for cell in places.unique() for path in split_list(cell)}
    if (EVERYTHING,) in covered:
        return
    distinct = set(regions.dropna().unique())
    uncovered = {region for region in distinct if not _is_covered(split_path(region), covered)}
    good = sorted({*("/".join(path) for path in covered), *(distinct - uncovered)})
    leads.reporter.values(
        "uncovered_region",
        "region",
        regions.isin(uncovered).to_numpy(),
        regions,
        fix=lambda region: nearest_advice(region, good),
    )


def _is_covered(path: tuple[str, ...], covered: set[tuple[str, ...]]) -> bool:
    return any(path[:depth] in covered for depth in range(1, len(path) + 1))


def _active(reps: ReadTable) -> pd.Series:
    return reps.frame["active"] != 0


def _check_reps(leads: ReadTable, reps: ReadTable) -> None:
    frame, owners = reps.frame, leads.frame["owner"].dropna()
    active = _active(reps).to_numpy()
    nowhere = frame["regions"].isna().to_numpy() & active
    reps.reporter.cells("rep_without_region", "regions", nowhere)
    for column in LIMITS:
        zero = (frame[column] == 0).to_numpy() & active
        reps.reporter.cells("capacity_zero", column, zero)
    if len(owners):
        idle = ~frame["rep_id"].isin(owners.unique()).to_numpy() & active
        reps.reporter.cells("rep_without_leads", "", idle)


def _check_owned_since(leads: ReadTable) -> None:
    owned, since = leads.frame["owner"].notna(), leads.frame["owned_since"].notna()
    leads.reporter.cells("owned_since_without_owner", "owned_since", (since & ~owned).to_numpy())
    if unknown := int((owned & ~since).sum()):
        leads.reporter.issues.add(
            "owner_without_owned_since", "leads", column="owned_since", count=unknown
        )


def _check_currency(leads: ReadTable, header: SnapshotHeader) -> None:
    currency = leads.frame["currency"]
    other = ((currency != header.currency) & currency.notna()).to_numpy()
    leads.reporter.cells(
        "currency_mixed",
        "currency",
        other,
        currency,
        allowed=header.currency,
        fix=lambda code: "Write it in capitals." if code.upper() == header.currency else "",
    )


def _check_absences(absences: ReadTable) -> None:
    starts, ends = absences.frame["starts"], absences.frame["ends"]
    written = absences.reporter.raw.frame["ends"]
    absences.reporter.cells("ends_before_start", "ends", (ends <= starts).to_numpy(), written)
    # Other kinds are free text, but this one moves a whole book.
    kind = absences.frame["kind"]
    misspelt = ((kind.str.lower() == DEPARTURE) & (kind != DEPARTURE)).to_numpy(bool)
    absences.reporter.cells("unknown_choice", "kind", misspelt, kind, allowed=DEPARTURE)


def _check_age(leads: ReadTable, as_of: datetime) -> None:
    """Warn where the newest date of the leads is so old that they are hardly current."""
    newest = leads.frame[list(DATES_OF_LIFE)].max().max()
    if pd.isna(newest):
        return
    days = int(np.floor((pd.Timestamp(as_of) - newest) / pd.Timedelta(days=1)))
    if days > STALE_AFTER_DAYS:
        leads.reporter.issues.add(
            "stale_table",
            "leads",
            got=f"newest date {newest:%Y-%m-%d}, {days} days before as_of",
            allowed=f"at most {STALE_AFTER_DAYS} days",
        )

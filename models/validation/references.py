"""Checks tables against each other: owners, regions, absences, pins, staleness."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from models.columns import EVERYTHING
from models.lists import split_list, split_path

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from models.snapshot import SnapshotHeader
    from models.validation.tables import ReadTable

STALE_AFTER_DAYS = 30
FRESHNESS = {"leads": ("last_activity", "created", "owned_since")}
PIN_KINDS = ("fixed", "forbidden")


def check_references(tables: Mapping[str, ReadTable], header: SnapshotHeader) -> None:
    """Report every reference between tables that does not hold, and what looks wrong together."""
    leads, reps = tables["leads"], tables["reps"]
    _check_ids(leads, "owner", reps, "rep_id", "unknown_rep")
    for name in ("history", "absences", "pins"):
        if name in tables:
            _check_ids(tables[name], "rep_id", reps, "rep_id", "unknown_rep")
    if "pins" in tables:
        _check_ids(tables["pins"], "lead_id", leads, "lead_id", "unknown_lead")
        _check_pins(tables["pins"], header.as_of)
    if "absences" in tables:
        _check_absences(tables["absences"])
    _check_regions(leads, reps)
    _check_reps(leads, reps)
    _check_owned_since(leads)
    _check_currency(leads, header)
    _check_age(leads, header.as_of)


def _check_ids(table: ReadTable, column: str, target: ReadTable, key: str, code: str) -> None:
    ids = table.frame[column]
    known = pd.Index(target.frame[key].dropna())
    unknown = (~ids.isin(known) & ids.notna()).to_numpy()
    if not unknown.any():
        return
    names = list(known[:5000])
    suggestions = {
        value: next(iter(get_close_matches(value, names, 1)), "") for value in ids[unknown].unique()
    }
    for value, near in suggestions.items():
        table.reporter.cells(
            code,
            column,
            unknown & (ids == value).to_numpy(),
            ids,
            fix=f"The nearest is {near!r}." if near else "",
        )


def _check_regions(leads: ReadTable, reps: ReadTable) -> None:
    regions = leads.frame["region"]
    covered = {
        split_path(path) for cell in reps.frame["regions"].dropna() for path in split_list(cell)
    }
    if (EVERYTHING,) in covered:
        return
    uncovered = [
        region
        for region in regions.dropna().unique()
        if not any(split_path(region)[:depth] in covered for depth in range(1, 20))
    ]
    names = ["/".join(path) for path in sorted(covered)]
    deep = sorted({*names, *(set(regions.dropna().unique()) - set(uncovered))})

    def advice(region: str) -> str:
        near = get_close_matches(region, deep[:5000], 1)
        return f"The nearest covered region is {near[0]!r}." if near else ""

    leads.reporter.values(
        "uncovered_region", "region", regions.isin(uncovered).to_numpy(), regions, fix=advice
    )


def _check_reps(leads: ReadTable, reps: ReadTable) -> None:
    frame = reps.frame
    active = (frame["active"] != 0).to_numpy()
    nowhere = frame["regions"].isna().to_numpy() & active
    reps.reporter.cells("rep_without_region", "regions", nowhere)
    for column in ("capacity_hours", "max_leads"):
        zero = (frame[column] == 0).to_numpy() & active
        reps.reporter.cells("capacity_zero", column, zero, frame[column])
    idle = ~frame["rep_id"].isin(leads.frame["owner"].dropna()).to_numpy() & active
    if leads.frame["owner"].notna().any():
        reps.reporter.cells("rep_without_leads", "", idle)


def _check_owned_since(leads: ReadTable) -> None:
    owned, since = leads.frame["owner"].notna(), leads.frame["owned_since"].notna()
    leads.reporter.cells("owned_since_without_owner", "owned_since", (since & ~owned).to_numpy())
    unknown = int((owned & ~since).sum())
    if unknown:
        leads.reporter.issues.add(
            "owner_without_owned_since", "leads", column="owned_since", count=unknown
        )


def _check_currency(leads: ReadTable, header: SnapshotHeader) -> None:
    currency = leads.frame["currency"]
    other = ((currency != header.currency) & currency.notna()).to_numpy()
    leads.reporter.cells("currency_mixed", "currency", other, currency, allowed=header.currency)


def _check_pins(pins: ReadTable, as_of: datetime) -> None:
    kind, expires = pins.frame["kind"], pins.frame["expires"]
    wrong = (~kind.isin(PIN_KINDS) & kind.notna()).to_numpy()
    pins.reporter.cells("out_of_range", "kind", wrong, kind, allowed=" or ".join(PIN_KINDS))
    expired = (expires <= pd.Timestamp(as_of)).to_numpy()
    pins.reporter.cells("expired_pin", "expires", expired, expires)


def _check_absences(absences: ReadTable) -> None:
    starts, ends = absences.frame["starts"], absences.frame["ends"]
    absences.reporter.cells("ends_before_start", "ends", (ends < starts).to_numpy(), ends)


def _check_age(leads: ReadTable, as_of: datetime) -> None:
    """Warn where the newest date of a table is so old that the table is hardly current."""
    dates = leads.frame[list(FRESHNESS["leads"])]
    newest = max((day for day in (dates[c].max() for c in dates) if pd.notna(day)), default=None)
    if newest is not None:
        days = int(np.floor((pd.Timestamp(as_of) - newest) / pd.Timedelta(days=1)))
        if days > STALE_AFTER_DAYS:
            leads.reporter.issues.add(
                "stale_table",
                "leads",
                got=f"newest date {newest:%Y-%m-%d}, {days} days before as_of",
                allowed=f"at most {STALE_AFTER_DAYS} days",
            )

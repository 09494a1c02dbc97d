"""Checks pins: what they are, until when they hold, and whether they contradict each other."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from models.issues import label
from models.lists import lies_under, split_list
from models.nearest import nearest_advice

if TYPE_CHECKING:
    from datetime import datetime

    from models.validation.tables import ReadTable

FIXED, FORBIDDEN = PIN_KINDS = ("fixed", "forbidden")


TARGETS = ("rep_id", "team", "region")


def check_pins(pins: ReadTable, leads: ReadTable, reps: ReadTable, as_of: datetime) -> None:
    """Report unknown kinds and targets, expired pins, and pins that contradict each other."""
    several = (pins.frame[list(TARGETS)].notna().sum(axis=1) != 1).to_numpy()
    pins.reporter.cells("pin_target", "rep_id", several)
    _check_groups(pins, reps)
    kind, expires = pins.frame["kind"], pins.frame["expires"]
    unknown = (~kind.isin(PIN_KINDS) & kind.notna()).to_numpy()
    pins.reporter.cells(
        "unknown_choice",
        "kind",
        unknown,
        kind,
        allowed=" or ".join(PIN_KINDS),
        fix=lambda value: nearest_advice(value, PIN_KINDS),
    )
    expired = has_expired(expires, as_of)
    if expired.any():
        written = pins.reporter.raw.frame["expires"]
        pins.reporter.cells("expired_pin", "expires", expired.to_numpy(), written)
    _check_conflicts(pins, leads, ~expired)


def _check_groups(pins: ReadTable, reps: ReadTable) -> None:
    """Report teams and regions that no active rep is in, or covers."""
    active = reps.frame[reps.frame["active"] != 0]
    teams = active["team"].dropna().unique().tolist()
    covered = [path for cell in active["regions"].dropna().unique() for path in split_list(cell)]
    team, region = pins.frame["team"], pins.frame["region"]
    places = [
        name for name in region.dropna().unique() if any(lies_under(name, path) for path in covered)
    ]
    for column, cells, known, names in (
        ("team", team, teams, teams),
        ("region", region, places, covered),
    ):
        unknown = (~cells.isin(known) & cells.notna()).to_numpy(bool)
        pins.reporter.cells(
            "unknown_group", column, unknown, cells, fix=partial(nearest_advice, known=names)
        )


def has_expired(expires: pd.Series, as_of: datetime) -> pd.Series:
    """Return whether each time lies at or before as_of; a missing one never comes."""
    return expires <= pd.Timestamp(as_of)


def _check_conflicts(pins: ReadTable, leads: ReadTable, holds: pd.Series) -> None:
    """Report leads, or families by their own column, that pins draw to two reps or nowhere."""
    frame = pins.frame[holds & pins.frame[["lead_id", "rep_id"]].notna().all(axis=1)]
    if not (frame["kind"] == FIXED).any():
        return
    named = leads.frame.dropna(subset=["lead_id"]).drop_duplicates("lead_id")
    family = named.set_index("lead_id")["family"].reindex(frame["lead_id"]).set_axis(frame.index)
    together = ("family " + family).fillna("lead " + frame["lead_id"])
    in_conflict = together.isin(_conflicting(frame.assign(who=together)))
    for who, members in frame[in_conflict].groupby(together[in_conflict], sort=True):
        fixed = set(members.loc[members["kind"] == FIXED, "rep_id"])
        barred = fixed & set(members.loc[members["kind"] == FORBIDDEN, "rep_id"])
        got = f"{who} fixed to {', '.join(sorted(fixed))}"
        got += f", forbidden to {', '.join(sorted(barred))}" if barred else ""
        last = int(members.index[-1])
        pins.reporter.cell("conflicting_pins", "rep_id", last, got=label(got), count=len(members))


def _conflicting(pins: pd.DataFrame) -> set[str]:
    """Return who is fixed to several reps, or to one who is forbidden."""
    fixed, forbidden = (pins.loc[pins["kind"] == kind, ["who", "rep_id"]] for kind in PIN_KINDS)
    num_reps = fixed.groupby("who")["rep_id"].nunique()
    barred = fixed.merge(forbidden, on=["who", "rep_id"])
    return {*num_reps[num_reps > 1].index, *barred["who"]}

"""A company as it was known when a day began: nothing that was dated later."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from models.validation.validate import snapshot_from_frames

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from models.snapshot import Snapshot

MOMENT = pd.Timedelta(microseconds=1)
"""The resolution of every column of times."""


def as_it_was(
    snapshot: Snapshot,
    leads: pd.DataFrame,
    start: pd.Timestamp,
    owner: Mapping[str, str],
    keep: Mapping[str, Collection[str]],
) -> Snapshot:
    """Return the tables of the last moment before a day began.

    History holds what had closed, absences are those that had begun, and reps who were not hired
    yet are inactive.

    Parameters
    ----------
    leads : the deals that were open
    start : when the day began
    owner : rep_id by lead_id; who is not in it has no owner
    keep : further columns to keep, per table

    Raises
    ------
    InputError : the tables cannot be planned; with every fault
    """
    frames = {name: _present(snapshot, name) for name in ("reps", "history", "absences")}
    reps = frames["reps"].copy()
    active = snapshot.reps["active"].fillna(1.0)
    reps["active"] = np.where(snapshot.reps["hired"] >= start, 0.0, active)
    given = frames | {
        "leads": with_owners(snapshot, leads, owner),
        "reps": reps,
        "history": frames["history"][snapshot.history["closed_on"] < start],
        "absences": frames["absences"][snapshot.absences["starts"] < start],
    }
    as_of = (start - MOMENT).to_pydatetime()
    return _validated(snapshot, given, as_of, keep)


def as_it_is(
    snapshot: Snapshot, leads: pd.DataFrame, keep: Mapping[str, Collection[str]]
) -> Snapshot:
    """Return the tables with all that is known at the end, and any leads; raises as `as_it_was`."""
    given = {name: _present(snapshot, name) for name in ("reps", "history", "absences")}
    given["leads"] = with_owners(snapshot, leads, {})
    return _validated(snapshot, given, snapshot.as_of, keep)


def with_owners(snapshot: Snapshot, leads: pd.DataFrame, owner: Mapping[str, str]) -> pd.DataFrame:
    """Return deals as a table of leads: the columns that the company's has, and their owners."""
    columns = [*_present(snapshot, "leads").columns]
    owners = leads["lead_id"].map(owner).astype("str")
    return leads[columns].assign(owner=owners).reset_index(drop=True)


def _present(snapshot: Snapshot, name: str) -> pd.DataFrame:
    """Return a table with the columns that its source had."""
    frame = snapshot.tables[name]
    known = snapshot.present.get(name, frozenset())
    return frame[[column for column in frame if column in known]]


def _validated(
    snapshot: Snapshot,
    frames: Mapping[str, pd.DataFrame],
    as_of: datetime,
    keep: Mapping[str, Collection[str]],
) -> Snapshot:
    header = snapshot.header.model_copy(update={"as_of": as_of})
    filled = {name: frame for name, frame in frames.items() if len(frame.columns) and len(frame)}
    columns = {name: {*names, *header.keep.get(name, ())} for name, names in keep.items()}
    return snapshot_from_frames(filled, header, keep=columns)

"""Every lead that ever was, with when it came, when it closed, and how: what a replay goes through.

Only what holds of a lead all its life is taken from the tables, since they tell the end of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from models.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.snapshot import Snapshot

STATE = (
    *("owner", "owned_since", "last_activity", "open_task", "stage", "status", "urgency"),
    "win_probability",
)
"""Cells of leads that change while a lead is open: what they hold at the end was not known before.
"""
NAMED_AT_MOST = 5


@dataclass(frozen=True, eq=False)
class Deals:
    """Leads, closed ones and open ones, whose beginning is known.

    Attributes
    ----------
    table : one row per deal: the columns of leads, those of STATE empty; closed_on (NaT: open),
        won (0 or 1), brought (money), recorded (the rep_id of who worked it; NaN for nobody)
    notes : what the tables do not tell, in sentences
    """

    table: pd.DataFrame
    notes: tuple[str, ...]

    def open_at(self, start: pd.Timestamp) -> pd.DataFrame:
        """Return the deals that had come, and not closed, when a day began."""
        closed_on = self.table["closed_on"]
        is_open = (self.table["created"] < start) & (closed_on.isna() | (closed_on >= start))
        return self.table[is_open]


def deals_of(snapshot: Snapshot) -> Deals:
    """Return the deals of a company.

    Raises
    ------
    UsageError : no past deal tells when it began, or one lead_id stands for several at a time
    """
    history = snapshot.history
    if "created" not in snapshot.present.get("history", ()) or history["created"].isna().all():
        raise UsageError(
            "history does not tell when its leads were made, so no week can be replayed; "
            "add its column `created`"
        )
    together = pd.concat([_closed(snapshot), _open(snapshot)], ignore_index=True)
    notes = list(_notes(together, snapshot))
    backwards = together["closed_on"] < together["created"]
    table = together[together["created"].notna() & ~backwards].reset_index(drop=True)
    _refuse_twice(table)
    return Deals(table, tuple(notes))


def _closed(snapshot: Snapshot) -> pd.DataFrame:
    leads, history = snapshot.leads, snapshot.history
    rows = history.reindex(columns=leads.columns)
    rows["amount"] = history["expected_amount"]
    rows = rows.astype(leads.dtypes.to_dict())
    rows[list(STATE)] = leads[list(STATE)].iloc[:0].reindex(rows.index)
    return rows.assign(
        closed_on=history["closed_on"],
        won=history["won"],
        brought=history["amount"].where(history["won"] == 1, 0.0).fillna(0.0),
        recorded=history["rep_id"],
    )


def _open(snapshot: Snapshot) -> pd.DataFrame:
    leads = snapshot.leads
    rows = leads.copy()
    rows[list(STATE)] = leads[list(STATE)].iloc[:0].reindex(leads.index)
    return rows.assign(
        closed_on=snapshot.history["closed_on"].iloc[:0].reindex(leads.index),
        won=float("nan"),
        brought=0.0,
        recorded=leads["owner"],
    )


def _notes(deals: pd.DataFrame, snapshot: Snapshot) -> Iterator[str]:
    """Yield what the tables leave open."""
    is_open, undated = deals["closed_on"].isna(), deals["created"].isna()
    for which, what in ((~is_open, "closed deals"), (is_open, "open leads")):
        if count := int((undated & which).sum()):
            yield f"{count:,} {what} do not tell when they began; no plan sees them."
    if count := int((deals["closed_on"] < deals["created"]).sum()):
        yield f"{count:,} deals closed before they began; no plan sees them."
    if "pins" in snapshot.present:
        yield "Pins are left out: they do not tell since when they hold."
    blank = [name for name in STATE if name != "owner" and snapshot.leads[name].notna().any()]
    if blank:
        yield f"Of leads, {', '.join(blank)} are left out: the tables tell them as of the end."


def _refuse_twice(deals: pd.DataFrame) -> None:
    """Raise UsageError where two deals of one lead_id are open at the same time."""
    several = deals[deals["lead_id"].duplicated(keep=False)].sort_values(["lead_id", "created"])
    # Who is still open closes after all others.
    until = several.groupby("lead_id")["closed_on"].shift()
    follows = several["lead_id"].duplicated()
    overlap = several[follows & (until.isna() | (several["created"] < until))]
    if len(overlap):
        ids = ", ".join(overlap["lead_id"].unique()[:NAMED_AT_MOST])
        raise UsageError(
            f"{len(overlap):,} deals are open while another with their lead_id is ({ids}); "
            "give each deal a lead_id of its own"
        )

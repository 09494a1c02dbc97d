"""What is in a snapshot before any plan: the pool, and records and conversions by source."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from models.snapshot import Snapshot

NO_SOURCE = "(none)"


def pool(snapshot: Snapshot) -> pd.DataFrame:
    """Return the leads that nobody owns, the most valuable first (R09)."""
    leads = snapshot.leads
    unowned = leads[leads["owner"].isna()]
    return unowned.sort_values("amount", ascending=False, kind="stable").reset_index(drop=True)


def sources(snapshot: Snapshot) -> pd.DataFrame:
    """Return one row per source channel: leads, past outcomes, won ones, conversion (R02).

    `conversion` is the won share of past outcomes; NaN where there are none.
    """
    leads = snapshot.leads["source"].fillna(NO_SOURCE)
    history = snapshot.history
    past = history["source"].fillna(NO_SOURCE)
    table = pd.DataFrame(
        {
            "leads": leads.value_counts(),
            "outcomes": past.value_counts(),
            "won": history["won"].groupby(past).sum(),
        }
    )
    table = table.fillna(0).astype("int64")
    table["conversion"] = table["won"] / table["outcomes"].where(table["outcomes"] > 0)
    table = table.rename_axis("source").reset_index()
    return table.sort_values(["leads", "source"], ascending=[False, True], ignore_index=True)

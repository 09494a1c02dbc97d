"""A small company whose past is dated: who worked which deal, since when, and how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from models.snapshot import SnapshotHeader
from models.validation.validate import snapshot_from_frames

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.snapshot import Snapshot

REPS = ("R1", "R2", "R3", "R4")
FIRST = pd.Timestamp("2026-01-05", tz="UTC")
"""A Monday; nine weeks follow."""
DAYS = 63
NUM_DEALS = 90
ZONE = "America/New_York"


def frames(seed: int = 0) -> dict[str, pd.DataFrame]:
    """Return the tables: some 60 deals that have closed, and some 30 that are open."""
    random = np.random.default_rng(seed)
    created = np.sort(random.integers(0, DAYS - 2, NUM_DEALS))
    closed = created + random.integers(1, 40, NUM_DEALS)
    is_open = closed >= DAYS
    product = random.choice(["crm", "erp"], NUM_DEALS)
    rep = random.choice(REPS, NUM_DEALS)
    # R1 is good at one product and R2 at the other.
    good = ((rep == "R1") & (product == "crm")) | ((rep == "R2") & (product == "erp"))
    won = random.random(NUM_DEALS) < np.where(good, 0.8, 0.3)
    price = np.where(product == "crm", 1000.0, 400.0) + random.integers(0, 50, NUM_DEALS)
    deals = pd.DataFrame(
        {
            "lead_id": [f"D{at:02}" for at in range(NUM_DEALS)],
            "product": product,
            "created": [_day(at) for at in created],
            "price": price,
        }
    )
    history = deals.rename(columns={"price": "expected_amount"}).assign(
        rep_id=rep,
        closed_on=[_day(at) for at in closed],
        won=won.astype(int),
        amount=np.where(won, price, 0.0),
    )
    leads = deals.rename(columns={"price": "amount"}).assign(owner=rep, stage="negotiation")
    reps = pd.DataFrame(
        {"rep_id": REPS, "regions": "*", "max_leads": 20, "hired": [_day(-99)] * 3 + [_day(40)]}
    )
    away = pd.DataFrame({"rep_id": ["R3"], "starts": [_day(50)], "ends": [_day(60)]})
    return {
        "leads": leads[is_open].reset_index(drop=True),
        "history": history[~is_open].reset_index(drop=True),
        "reps": reps,
        "absences": away,
    }


def snapshot_of(tables: Mapping[str, pd.DataFrame]) -> Snapshot:
    """Return the snapshot, at the end of the nine weeks."""
    header = SnapshotHeader.model_validate(
        {"schema": 1, "as_of": f"{_day(DAYS)}T12:00:00Z", "timezone": ZONE, "currency": "USD"}
    )
    return snapshot_from_frames(tables, header)


def _day(number: int) -> str:
    return str((FIRST + pd.Timedelta(days=int(number))).date())

"""What a snapshot holds before any plan: the pool (R09) and sources (R02)."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
import pytest

from models.overview import pool, sources
from models.snapshot import Snapshot, SnapshotHeader
from models.validation.validate import snapshot_from_frames


@pytest.fixture
def snapshot() -> Snapshot:
    """Return four leads from two channels, two of them unowned."""
    header = SnapshotHeader(schema=1, as_of=datetime(2026, 11, 20, 18, tzinfo=UTC), currency="USD")
    leads = pd.DataFrame(
        {
            "lead_id": ["L1", "L2", "L3", "L4"],
            "source": ["web", "web", "fair", None],
            "owner": ["R1", None, None, "R1"],
            "amount": [1.0, 2.0, 3.0, 4.0],
        }
    )
    reps = pd.DataFrame({"rep_id": ["R1"], "regions": ["*"]})
    history = pd.DataFrame(
        {
            "lead_id": ["H1", "H2", "H3"],
            "rep_id": "R1",
            "closed_on": "2026-10-01",
            "won": [1, 0, 1],
            "source": ["web", "web", "mail"],
        }
    )
    return snapshot_from_frames({"leads": leads, "reps": reps, "history": history}, header)


def test_the_pool_lists_every_lead_without_an_owner(snapshot: Snapshot) -> None:
    assert pool(snapshot)["lead_id"].tolist() == ["L3", "L2"]


def test_sources_count_records_and_conversions(snapshot: Snapshot) -> None:
    table = sources(snapshot).set_index("source")
    assert table["leads"].to_dict() == {"web": 2, "(none)": 1, "fair": 1, "mail": 0}
    assert table["won"].to_dict() == {"web": 1, "(none)": 0, "fair": 0, "mail": 1}
    assert table.loc["web", "conversion"] == 0.5
    assert table["conversion"].isna().tolist() == [False, True, True, False]

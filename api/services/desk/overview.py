"""What tables hold, in figures, before any plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from models.files.kept_tables import read_kept_tables
from models.overview import sources

if TYPE_CHECKING:
    from pathlib import Path

    from models.snapshot import Snapshot


@dataclass(frozen=True)
class Figure:
    """A figure that labels itself; attributes as `api.schemas.metrics.MetricGiven`."""

    name: str
    title: str
    description: str
    unit: str
    value: float
    better: str = ""


@dataclass(frozen=True)
class Overview:
    """Figures, and what came from each source channel."""

    metrics: tuple[Figure, ...]
    sources: tuple[dict[str, Any], ...]


def overview(tables: Path) -> Overview:
    """Return what the tables of a directory hold."""
    snapshot = read_kept_tables(tables)
    channels = sources(snapshot).astype(object)
    rows = channels.where(channels.notna(), None).itertuples(index=False, name=None)
    told = tuple(dict(zip(map(str, channels.columns), row, strict=True)) for row in rows)
    return Overview(tuple(_figures(snapshot)), told)


def _figures(snapshot: Snapshot) -> list[Figure]:
    leads, reps = snapshot.leads, snapshot.reps
    unowned = leads["owner"].isna()
    amount = leads["amount"]
    return [
        Figure("leads", "Leads", "Leads to be shared out.", "leads", len(leads)),
        Figure("pool", "Pool", "Leads that nobody owns.", "leads", int(unowned.sum())),
        Figure(
            "amount",
            "Amount",
            "What all leads would bring if they were won; empty amounts count as nothing.",
            "money",
            float(amount.sum()),
        ),
        Figure(
            "amount_missing",
            "Without an amount",
            "Leads of which nobody knows what they would bring.",
            "leads",
            int(amount.isna().sum()),
            better="less",
        ),
        Figure(
            "duplicates",
            "Duplicates",
            "Leads that are exact copies of another one.",
            "leads",
            int(len(leads) - len(set(snapshot.duplicates.tolist()))),
            better="less",
        ),
        Figure("reps", "Reps", "Reps of the company.", "reps", len(reps)),
        Figure(
            "active_reps",
            "Active reps",
            "Reps who have not left.",
            "reps",
            int((reps["active"].fillna(1) != 0).sum()),
        ),
        Figure("outcomes", "Outcomes", "Leads won or lost before.", "leads", len(snapshot.history)),
    ]

"""Random small companies, full of nasty values, and hand-made ones.

A random company comes from a seed, so that its snapshot, which takes some 50 ms to validate, is
made once. `tests.policies` has policies that fit every one of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from hypothesis import settings
from hypothesis import strategies as st

from models.snapshot import SnapshotHeader
from models.validation.validate import snapshot_from_frames

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.snapshot import Snapshot

    Cells = list[Any]

POOL = 60
"""How many companies the strategies draw from in an ordinary run; a hard one knows no limit."""
ORDINARY_EXAMPLES = 200

# Clocks change in the week after each of these; Lord Howe's by half an hour.
MOMENTS = (
    ("2026-11-20T18:00:00Z", "America/New_York"),
    ("2026-10-29T23:30:00Z", "America/New_York"),
    ("2026-03-26T08:00:00Z", "Europe/Berlin"),
    ("2026-10-02T22:00:00+09:00", "Australia/Lord_Howe"),
    ("2024-02-28T12:00:00Z", "Asia/Kathmandu"),
)
REGIONS = ("US", "US/West", "US/West/CA", "US / West/CA", "US/Western", "DE/Bayern", "日本/関東")
INDUSTRIES = ("tech", "Bank", "bank", "Ärzte & Co", "a/b", "nan", "*")
PRODUCTS = ("crm", "erp", "Café", "0")
SKILLS = ("audit", "cloud", "Ünïcode", "nan")
LANGUAGES = ("en", "es", "zh-Hant")
GRADES = ("A", "B", "C", "Ω")
STAGES = ("new", "negotiation", "won")
COMPANIES = ("ACME, Inc.", "acme", "Acme Ltd", "n/a", "Bond", "Łódź GmbH", "?")
EMAILS = ("ann@acme.example", "bob@gmail.com", "cy@bond.example", "dee@BOND.example")
TEAMS = ("west", "east", "Ost & Süd")
TIERS = ("gold", "silver", "1", "1.5")
DATES = ("2023-12-31", "2024-01-15T23:30:00Z", "2024-02-01", "2023-03-26 02:30", "2021-11-07 01:30")
HOURS = ("Mon-Fri 09:00-17:00", "Mon-Wed 08:00-12:00", "Sat-Sun 00:00-24:00", "Fri 13:00-14:00")
ZONES = ("America/New_York", "Asia/Tokyo", "Europe/Berlin")
KEEP = {"leads": ("tier", "margin"), "reps": ("tiers", "most_value"), "history": ("tier",)}
"""Columns that only a policy knows."""


@dataclass(frozen=True)
class Company:
    """Tables of a company, and the moment of which they are."""

    header: SnapshotHeader
    frames: dict[str, pd.DataFrame]

    def snapshot(self) -> Snapshot:
        """Return the snapshot."""
        return snapshot_from_frames(self.frames, self.header, keep=KEEP)


def header(moment: int = 0) -> SnapshotHeader:
    """Return the header of a snapshot of one of the moments."""
    as_of, zone = MOMENTS[moment]
    data = {"schema": 1, "as_of": as_of, "timezone": zone, "currency": "USD"}
    return SnapshotHeader.model_validate(data)


def random_company(
    rng: np.random.Generator,
    num_leads: int,
    num_reps: int,
    *,
    num_pins: int,
    everything: float = 0.1,
) -> Company:
    """Return a company in which every cell that may be empty sometimes is.

    Parameters
    ----------
    everything : how often a rep's list is `*`
    """
    make = _Maker(rng, everything)
    rep_ids = [
        ("R1", "Ørsted", "R 3", "007", "R5", "R6", "R7", "R8")[i % 8] for i in range(num_reps)
    ]
    leads = make.leads(num_leads, rep_ids)
    frames = {
        "leads": leads,
        "reps": make.reps(rep_ids),
        "history": make.history(3 * num_leads, rep_ids),
        "absences": make.absences(num_reps, rep_ids),
        # Two pins in one family may contradict each other, which no snapshot may hold.
        "pins": make.pins(num_pins, leads["lead_id"][leads["family"].isna()].tolist(), rep_ids),
    }
    frames["pins"] = _some_to_groups(rng, frames["pins"], frames["reps"])
    return Company(header(int(rng.integers(len(MOMENTS)))), frames)


def _some_to_groups(
    rng: np.random.Generator, pins: pd.DataFrame, reps: pd.DataFrame
) -> pd.DataFrame:
    """Return pins of which some are to the rep's team, or to a region of theirs, instead."""
    known = {rep["rep_id"]: rep for rep in reps.to_dict("records") if rep["active"] != 0}
    records = pins.to_dict("records")
    for pin in records:
        rep, chosen = known.get(pin["rep_id"]), rng.random()
        pin |= {"team": None, "region": None}
        if rep is not None and chosen < 0.3 and isinstance(rep["team"], str):
            pin |= {"rep_id": None, "team": rep["team"]}
        elif rep is not None and chosen > 0.7 and isinstance(rep["regions"], str):
            place = rep["regions"].split(";")[0].strip()
            pin |= {} if place in ("", "*") else {"rep_id": None, "region": f"{place}/x"}
    return pd.DataFrame(records, columns=[*pins.columns, "team", "region"])


class _Maker:
    """Makes random cells; about one in six that may be missing is."""

    def __init__(self, rng: np.random.Generator, everything: float) -> None:
        self.rng, self.everything = rng, everything

    def some(self, size: int, values: Sequence[Any], missing: float = 0.17) -> Cells:
        """Return cells out of a few values."""
        return [
            None if self.rng.random() < missing else values[int(self.rng.integers(len(values)))]
            for _ in range(size)
        ]

    def lists(self, size: int, values: Sequence[str], everything: float | None = None) -> Cells:
        """Return list cells: some parts in any order, sometimes `*`, with needless spaces."""
        return [
            "*"
            if self.rng.random() < (self.everything if everything is None else everything)
            else "; ".join(self.rng.permutation(values)[: int(self.rng.integers(len(values) + 1))])
            for _ in range(size)
        ]

    def leads(self, size: int, rep_ids: list[str]) -> pd.DataFrame:
        """Return leads, the last of which are copies of others in all but the id."""
        ids = [f"{'Lł'[i % 2]}{i * 7 % 100:02}" for i in range(size)]
        owners = self.some(size, rep_ids, 0.4)
        frame = pd.DataFrame(
            {
                "lead_id": ids,
                "region": self.some(size, REGIONS),
                "industry": self.some(size, INDUSTRIES),
                "product": self.some(size, PRODUCTS),
                "needs": self.lists(size, SKILLS, 0.03),
                "language": self.some(size, LANGUAGES, 0.3),
                "grade": self.some(size, GRADES),
                "stage": self.some(size, STAGES),
                "company": self.some(size, COMPANIES, 0.4),
                "email": self.some(size, EMAILS, 0.5),
                "amount": self.some(size, (0, 0.01, 99.99, 1000, 25_000, 1e9)),
                "win_probability": self.some(size, (0, 0.25, 0.5, 1)),
                "effort_hours": self.some(size, (0, 0.5, 1, 7.25, 40)),
                "urgency": self.some(size, (-1, 0, 3.5, 4, 5)),
                "owner": owners,
                "owned_since": self.some(size, DATES),
                "created": self.some(size, DATES),
                "open_task": self.some(size, (0, 1)),
                "family": self.some(size, ("F1", "F2", "F3"), 0.75),
                "latitude": self.some(size, (-90, 90, 0, 37.77, 37.7701)),
                "longitude": self.some(size, (-180, 180, 0, -122.42)),
                "tier": self.some(size, TIERS),
                "margin": self.some(size, ("-5", "0", "12.5", "1e3")),
            }
        )
        frame.loc[0, "amount"] = 1000
        for copy in range(size // 6):
            frame.iloc[-1 - copy, 1:] = frame.iloc[copy, 1:]
        return frame

    def reps(self, rep_ids: list[str]) -> pd.DataFrame:
        """Return reps; those who are active have their limits."""
        size = len(rep_ids)
        return pd.DataFrame(
            {
                "rep_id": rep_ids,
                "regions": self.lists(size, REGIONS),
                "industries": self.lists(size, INDUSTRIES[:-1]),
                "products": self.lists(size, PRODUCTS),
                "skills": self.lists(size, SKILLS),
                "languages": self.lists(size, LANGUAGES),
                "level": self.some(size, (0, 1, 2, 3)),
                "capacity_hours": self.some(size, (0, 4, 12.5, 40), 0),
                "max_leads": self.some(size, (0, 1, 3, 3.5, 10), 0),
                "base_hours": self.some(size, (0, 2.5, 50), 0.5),
                "base_leads": self.some(size, (0, 1, 4), 0.5),
                "timezone": self.some(size, ZONES),
                "working_hours": self.some(size, HOURS),
                "latitude": self.some(size, (-90, 37.77, 0)),
                "longitude": self.some(size, (-122.42, 180, 0)),
                "active": self.some(size, (1, 1, 1, 0)),
                "tiers": self.lists(size, TIERS),
                "most_value": self.some(size, ("0", "500", "2e4", "1e9"), 0),
                "team": self.some(size, TEAMS),
                "hired": self.some(size, DATES),
            }
        )

    def history(self, size: int, rep_ids: list[str]) -> pd.DataFrame:
        """Return past outcomes."""
        return pd.DataFrame(
            {
                "lead_id": [f"H{i}" for i in range(size)],
                "rep_id": self.some(size, rep_ids, 0),
                "closed_on": self.some(size, DATES, 0),
                "won": self.some(size, (0, 1, 1), 0),
                "amount": self.some(size, (0, 100, 1e6)),
                "product": self.some(size, PRODUCTS),
                "industry": self.some(size, INDUSTRIES),
                "grade": self.some(size, GRADES),
                "company": self.some(size, COMPANIES, 0.6),
                "family": self.some(size, ("F1", "F2", "F9"), 0.7),
                "tier": self.some(size, TIERS),
            }
        )

    def absences(self, size: int, rep_ids: list[str]) -> pd.DataFrame:
        """Return absences around the moments, some of which overlap."""
        starts, ends = [], []
        for _ in range(size):
            day = pd.Timestamp(MOMENTS[int(self.rng.integers(len(MOMENTS)))][0]).tz_convert("UTC")
            day = day.normalize() + pd.Timedelta(days=int(self.rng.integers(-3, 10)))
            length = pd.Timedelta(hours=int(self.rng.choice([1, 12, 60, 240])))
            starts.append((day + pd.Timedelta(hours=int(self.rng.integers(24)))).isoformat())
            ends.append((pd.Timestamp(starts[-1]) + length).isoformat())
        kinds = self.some(size, ("vacation", "sick", "departure"))
        return pd.DataFrame(
            {"rep_id": self.some(size, rep_ids, 0), "starts": starts, "ends": ends, "kind": kinds}
        )

    def pins(self, size: int, lead_ids: list[str], rep_ids: list[str]) -> pd.DataFrame:
        """Return pins, at most one a lead, some of which have expired."""
        size = min(size, len(lead_ids))
        return pd.DataFrame(
            {
                "lead_id": self.rng.permutation(lead_ids)[:size],
                "rep_id": self.some(size, rep_ids, 0),
                "kind": self.some(size, ("fixed", "forbidden", "forbidden"), 0),
                "expires": self.some(size, ("2020-01-01", "2030-01-01"), 0.5),
            }
        )


def hand_made(
    leads: dict[str, Cells], reps: dict[str, Cells] | None = None, **tables: dict[str, Cells]
) -> Snapshot:
    """Return the snapshot of leads L1, L2 ... and reps R1, R2 ..., who cover every region.

    Every lead brings 100 with a chance of 0.5, if its columns do not say otherwise. It is Friday,
    20 November 2026, 13:00 in New York.
    """
    num_leads = len(next(iter(leads.values())))
    reps = reps or {"level": [1, 1]}
    num_reps = len(next(iter(reps.values())))
    frames: dict[str, dict[str, Cells]] = {
        "leads": {
            "lead_id": [f"L{at + 1}" for at in range(num_leads)],
            "amount": [100] * num_leads,
            "win_probability": [0.5] * num_leads,
            **leads,
        },
        "reps": {
            "rep_id": [f"R{at + 1}" for at in range(num_reps)],
            "regions": ["*"] * num_reps,
            **reps,
        },
        **tables,
    }
    made = {name: pd.DataFrame(frame) for name, frame in frames.items()}
    return Company(header(), made).snapshot()


@lru_cache(maxsize=10 * POOL)
def company(seed: int) -> Snapshot:
    """Return the snapshot of a random company, the same for the same seed."""
    rng = np.random.default_rng(seed)
    num_leads, num_reps = int(rng.integers(1, 13)), int(rng.integers(1, 6))
    num_pins = max(0, int(rng.integers(-2, 3)))
    return random_company(rng, num_leads, num_reps, num_pins=num_pins).snapshot()


def seeds() -> st.SearchStrategy[int]:
    """Draw a seed: out of a pool in ordinary runs, so that what is made of it is made once."""
    now = settings.default
    is_hard = now is not None and now.max_examples > ORDINARY_EXAMPLES
    return st.integers(0, 2**32 - 1 if is_hard else POOL - 1)


def snapshots() -> st.SearchStrategy[Snapshot]:
    """Draw the snapshot of a random company."""
    return seeds().map(company)

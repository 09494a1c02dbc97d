"""Random small companies and policies, full of nasty values: for tests of rules, compile, checker.

Companies come from seeds, so that a snapshot, which takes some 30 ms to validate, is made once:
`snapshots()` and `policies()` are hypothesis strategies, `company(seed)` and `policy_text(seed)`
what they draw.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import yaml
from hypothesis import settings
from hypothesis import strategies as st

from models.errors import PolicyError
from models.snapshot import SnapshotHeader
from models.validation.validate import snapshot_from_frames
from planner.policy import policy_from_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.snapshot import Snapshot
    from planner.policy import Policy

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
    rng: np.random.Generator, num_leads: int = 10, num_reps: int = 4, *, num_pins: int = 2
) -> Company:
    """Return a company in which every cell that may be empty sometimes is."""
    make = _Maker(rng)
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
    return Company(header(int(rng.integers(len(MOMENTS)))), frames)


class _Maker:
    """Makes random cells; about one in six that may be missing is."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng

    def some(self, size: int, values: Sequence[Any], missing: float = 0.17) -> Cells:
        """Return cells out of a few values."""
        return [
            None if self.rng.random() < missing else values[int(self.rng.integers(len(values)))]
            for _ in range(size)
        ]

    def lists(self, size: int, values: Sequence[str], everything: float = 0.1) -> Cells:
        """Return list cells: some parts in any order, sometimes `*`, with needless spaces."""
        return [
            "*"
            if self.rng.random() < everything
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
                "regions": self.lists(size, REGIONS, 0.2),
                "industries": self.lists(size, INDUSTRIES[:-1]),
                "products": self.lists(size, PRODUCTS),
                "skills": self.lists(size, SKILLS, 0.2),
                "languages": self.lists(size, LANGUAGES, 0.2),
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
                "tiers": self.lists(size, TIERS, 0.2),
                "most_value": self.some(size, ("0", "500", "2e4", "1e9"), 0),
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

    As of Friday 20 November 2026, 13:00 in New York; columns of 100 and 0.5 are amount and chance.
    """
    num_leads = len(next(iter(leads.values())))
    reps = reps or {"level": [None, None]}
    num_reps = len(next(iter(reps.values())))
    frames = {
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
    return Company(header(), {name: pd.DataFrame(frame) for name, frame in frames.items()}).snapshot()


BASE = """\
version: 1
name: test
currency: USD
value:
  amount: {missing: 100}
  win_probability: {column: win_probability, missing: 0.5}
"""
"""The first six lines of a policy that fits every company here; `prefer` may follow."""


def faults_of(text: str, snapshot: Snapshot | None = None) -> list[str]:
    """Return what is wrong with a policy, by itself or, if it is sound, with a snapshot."""
    try:
        read = policy_from_text(text)
        if snapshot is not None:
            read.check(snapshot)
    except PolicyError as error:
        return list(error.faults)
    return []


def policy_data(**parts: Any) -> dict[str, Any]:
    """Return the data of a small policy that fits every random company; parts replace its own."""
    value = {
        "amount": {"missing": 100},
        "win_probability": {"column": "win_probability", "missing": 0.5},
    }
    data = {"version": 1, "name": "test", "currency": "USD", "value": value}
    value |= {
        name: parts.pop(name) for name in ("amount", "win_probability", "prefer") if name in parts
    }
    return data | parts


def policy(**parts: Any) -> Policy:
    """Return the policy of `policy_data`, by way of its YAML."""
    return policy_from_text(yaml_text(policy_data(**parts)))


def yaml_text(data: Any) -> str:
    """Return data as YAML."""
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True)


def random_policy(rng: np.random.Generator) -> dict[str, Any]:
    """Return the data of a policy that fits every random company; every kind of rule occurs."""
    make = _PolicyMaker(rng)
    return policy_data(
        amount=make.one_of(
            {"missing": 100.5},
            {"column": "amount", "missing": {"median_by": "grade"}},
            {"missing": {"median_by": ["product", "tier"]}},
            {"column": "margin", "missing": 0},
        ),
        win_probability=make.win_probability(),
        prefer=make.several(
            {"match": {"lead": "industry", "rep": "industries", "bonus": "10%"}},
            {"match": {"lead": "tier", "rep": "tiers", "bonus": "100%"}},
            {"past_contact": {"bonus": "15%"}},
            {"distance": {"half_at_km": make.one_of(0.5, 300, 3000)}},
            {"urgency": {"at_least": make.one_of(-1, 4), "bonus": "20%"}},
        ),
        must=[make.with_where(rule) for rule in make.must()],
        capacity=make.capacity(),
        families=make.one_of({}, {"by": "company"}),
        unassigned=make.one_of({}, {"cost": "0%"}, {"cost": "150%"}, {"cost": "50%"}),
        period=make.one_of(
            {},
            {"starts": "next sunday", "length": "2 weeks"},
            {"starts": "as_of", "length": "36 hours"},
            {"starts": "as_of", "length": "10 days"},
        ),
    )


class _PolicyMaker:
    """Makes random parts of a policy."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng

    def one_of(self, *choices: Any) -> Any:
        """Return one of some choices."""
        return choices[int(self.rng.integers(len(choices)))]

    def several(self, *choices: Any) -> list[Any]:
        """Return some of the choices, in any order, about half of them."""
        chosen = [choice for choice in choices if self.rng.random() < 0.5]
        return [chosen[int(at)] for at in self.rng.permutation(len(chosen))]

    def must(self) -> list[Any]:
        """Return rules that forbid pairs."""
        return self.several(
            {"region": None},
            {"skills": {}},
            {"match": {"lead": "language", "rep": "languages"}},
            {"match": {"lead": "tier", "rep": "tiers"}},
            {"level": {"by": "grade", "least": {"A": 2, "B": 1, "Ω": 9.5}}},
            {
                "available": {
                    "at_least": self.one_of("0%", "50%", "100%"),
                    "cover": self.one_of(True, False),
                }
            },
        )

    def with_where(self, rule: dict[str, Any]) -> dict[str, Any]:
        """Return a rule, sometimes with a filter."""
        ((name, parameters),) = rule.items()
        return (
            rule
            if self.rng.random() < 0.6
            else {name: {**(parameters or {}), "where": self.where()}}
        )

    def where(self) -> dict[str, Any]:
        """Return a filter of leads."""
        conditions = self.several(
            {"grade": self.one_of("A", ["A", "Ω"], {"not": "B"}, {"missing": True})},
            {"region": self.one_of({"under": "US"}, {"under": "US/West"}, "DE/Bayern")},
            {
                "amount": self.one_of(
                    {"at_least": 99.99}, {"at_most": 1000}, 25_000, {"not": [0, 0.01]}
                )
            },
            {
                "created": self.one_of(
                    {"at_least": "2023-12-31"}, {"at_most": "2023-12-31"}, "2024-01-15"
                )
            },
            {"owner": {"missing": self.one_of(True, False)}},
            {"tier": self.one_of(1, 1.5, {"not": ["gold", 1]})},
            {"open_task": self.one_of(True, 0)},
        )
        chosen = conditions[:2] or [{"stage": ["new", "negotiation"]}]
        return {name: condition for part in chosen for name, condition in part.items()}

    def win_probability(self) -> dict[str, Any]:
        """Return how chances are known."""
        return self.one_of(
            {"column": "win_probability", "missing": 0.3},
            {"history": {}},
            {"history": {"by": "product", "per_rep": False, "prior_strength": 0.5}},
            {"history": {"by": ["product", "grade"], "prior_strength": 5}},
            {"history": {"by": ["tier"], "where": {"closed_on": {"at_least": "2021-01-01"}}}},
        )

    def capacity(self) -> list[Any]:
        """Return limits, each of another measure or filter."""
        limits = self.several(
            {"measure": "effort_hours", "at_most": self.one_of("capacity_hours", 20)},
            {"measure": "count", "at_most": self.one_of("max_leads", 3)},
            {"measure": "count", "at_most": 2, "where": self.where()},
            {"measure": "effort_hours", "at_most": 8.5, "where": self.where()},
            {"measure": "amount", "at_most": self.one_of("most_value", 30_000)},
            {"measure": "expected_value", "at_most": 20_000},
        )
        labels = {(limit["measure"], str(limit.get("where"))): limit for limit in limits}
        return [
            limit | ({"reserve": "15%"} if self.rng.random() < 0.4 else {})
            for limit in labels.values()
        ]


@lru_cache(maxsize=10 * POOL)
def company(seed: int) -> Snapshot:
    """Return the snapshot of a random company, the same for the same seed."""
    rng = np.random.default_rng(seed)
    num_leads, num_reps = int(rng.integers(1, 13)), int(rng.integers(1, 6))
    num_pins = max(0, int(rng.integers(-2, 3)))
    return random_company(rng, num_leads, num_reps, num_pins=num_pins).snapshot()


@lru_cache(maxsize=10 * POOL)
def random_policy_of(seed: int) -> Policy:
    """Return a random policy, the same for the same seed."""
    return policy_from_text(yaml_text(random_policy(np.random.default_rng(seed))))


def seeds() -> st.SearchStrategy[int]:
    """Draw a seed: out of a pool in ordinary runs, so that what is made of it is made once."""
    is_hard = settings.default.max_examples > ORDINARY_EXAMPLES
    return st.integers(0, 2**32 - 1 if is_hard else POOL - 1)


def snapshots() -> st.SearchStrategy[Snapshot]:
    """Draw the snapshot of a random company."""
    return seeds().map(company)


def policies() -> st.SearchStrategy[Policy]:
    """Draw a random policy that fits every random company."""
    return seeds().map(random_policy_of)


def wheres() -> st.SearchStrategy[dict[str, Any] | None]:
    """Draw a filter of leads, or none."""
    made = seeds().map(lambda seed: _PolicyMaker(np.random.default_rng(seed)).where())
    return st.none() | made

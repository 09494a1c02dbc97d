"""The table of the reps of a synthetic company."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from scenarios.synthetic import texts
from scenarios.synthetic import vocabulary as vocab
from scenarios.synthetic.spec import CompanySpec, Stream, generator

if TYPE_CHECKING:
    from scenarios.synthetic.reps import Staff

EVERYTHING = "*"
TIGHT_SHARE = 0.15
"""Share of the reps whose number of leads, rather than their hours, is what limits them."""


def reps_table(spec: CompanySpec, staff: Staff) -> pa.Table:
    """Return the table of reps."""
    random = generator(spec, Stream.REPS, 1)
    num_reps = spec.num_reps
    places = [
        territory.places[random.choice(len(territory.places), p=territory.place_shares())]
        for territory in (staff.territories[index] for index in staff.home)
    ]
    capacity = staff.capacity_hours
    free = capacity - staff.base_hours
    fair_leads = spec.num_leads * free / max(staff.net_hours.sum(), 1.0)
    base_leads = np.floor(fair_leads * random.uniform(0.0, 0.08, num_reps)).astype(int)
    tight = random.random(num_reps) < TIGHT_SHARE
    room = np.where(tight, random.uniform(0.8, 1.0, num_reps), random.uniform(1.5, 2.0, num_reps))
    max_leads = np.ceil(fair_leads * room).astype(int) + base_leads + 1
    quota = 10_000 * np.round(capacity / 40 * (15 + 10 * staff.level))
    names = random.permutation(len(vocab.FIRST_NAMES) * len(vocab.LAST_NAMES))
    first, last = np.divmod(names[np.arange(num_reps) % len(names)], len(vocab.LAST_NAMES))
    return pa.table(
        {
            "rep_id": pa.array(staff.ids),
            "name": texts.concatenated(
                texts.words(vocab.FIRST_NAMES, first), " ", texts.words(vocab.LAST_NAMES, last)
            ),
            "team": _teams(staff),
            "regions": _regions(staff),
            "industries": _some(vocab.INDUSTRIES, 1, 3, 0.10, num_reps, random),
            "products": _some(vocab.PRODUCTS, 2, 4, 0.30, num_reps, random),
            "skills": _lists(vocab.SKILLS, staff.skilled, staff.knows_all),
            "languages": _lists(staff.languages, staff.speaks),
            "level": staff.level,
            "capacity_hours": capacity,
            "max_leads": max_leads,
            "base_hours": staff.base_hours,
            "base_leads": base_leads,
            "quota": quota.astype(int),
            "hired": texts.dates(staff.hired),
            "timezone": pa.array([place.time_zone for place in places]),
            "working_hours": pa.array([week.text for week in staff.weeks]),
            "latitude": _scattered([place.latitude for place in places], random),
            "longitude": _scattered([place.longitude for place in places], random),
            "active": staff.active.astype(int),
        }
    )


def _teams(staff: Staff) -> pa.Array:
    """Name the teams: about ten reps each, so that a large territory has several."""
    names = []
    for home, rank in zip(staff.home, staff.rank, strict=True):
        territory = staff.territories[home]
        num_teams = max(1, round(territory.num_reps / 10))
        number = f" {1 + rank % num_teams}" if num_teams > 1 else ""
        names.append(territory.name + number)
    return pa.array(names)


def _regions(staff: Staff) -> pa.Array:
    regions = [territory.regions for territory in staff.territories]
    return pa.array(
        [
            ";".join(regions[home] + (regions[second] if second >= 0 else ()))
            for home, second in zip(staff.home, staff.second, strict=True)
        ]
    )


def _some(
    choices: tuple[str, ...],
    least: int,
    most: int,
    chance_of_all: float,
    num_reps: int,
    random: np.random.Generator,
) -> pa.Array:
    """Draw a list of several choices for each rep, or all of them."""
    order = random.random((num_reps, len(choices))).argsort(axis=1).argsort(axis=1)
    chosen = order < random.integers(least, most + 1, num_reps)[:, None]
    return _lists(choices, chosen, random.random(num_reps) < chance_of_all)


def _lists(
    choices: tuple[str, ...], chosen: np.ndarray, everything: np.ndarray | None = None
) -> pa.Array:
    everything = np.zeros(len(chosen), dtype=bool) if everything is None else everything
    return pa.array(
        [
            EVERYTHING if every else ";".join(np.array(choices)[row])
            for row, every in zip(chosen, everything, strict=True)
        ]
    )


def _scattered(degrees: list[float], random: np.random.Generator) -> np.ndarray:
    return np.round(np.array(degrees) + random.normal(0, 0.15, len(degrees)), 4)

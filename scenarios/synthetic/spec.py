"""What synthetic company is asked for, and the random streams that make it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum

import numpy as np


@dataclass(frozen=True)
class CompanySpec:
    """What makes one synthetic company; the same spec gives the same bytes.

    Attributes
    ----------
    num_leads, num_reps : at least 1
    seed : at least 0
    dirty : share of the lead rows that carry a planted fault, 0 to 0.5
    as_of : the moment that the tables show, in UTC
    timezone : the company's, an IANA name
    currency : of every amount, ISO 4217

    Raises
    ------
    ValueError
        If a value lies outside its range.
    """

    num_leads: int = 2000
    num_reps: int = 40
    seed: int = 7
    dirty: float = 0.0
    as_of: datetime = datetime(2026, 11, 20, 18, tzinfo=UTC)
    timezone: str = "America/New_York"
    currency: str = "USD"

    def __post_init__(self) -> None:
        for field, value, least in (
            ("num_leads", self.num_leads, 1),
            ("num_reps", self.num_reps, 1),
            ("seed", self.seed, 0),
        ):
            if value < least:
                raise ValueError(f"CompanySpec.{field} must be at least {least}, got {value}.")
        if not 0 <= self.dirty <= 0.5:
            raise ValueError(f"CompanySpec.dirty must be a share from 0 to 0.5, got {self.dirty}.")
        if self.as_of.utcoffset() != timedelta(0):
            raise ValueError(
                f"CompanySpec.as_of must be in UTC, got {self.as_of.isoformat()}.\n"
                "Give it tzinfo=UTC, converted from local time if need be."
            )


class Stream(IntEnum):
    """The independent random streams of one company, so that no table disturbs another."""

    REPS = 1
    ABSENCES = 2
    WIN_RATES = 3
    LEADS = 4
    HISTORY = 5
    PINS = 6
    FAULTS = 7


def generator(spec: CompanySpec, stream: Stream, chunk: int = 0) -> np.random.Generator:
    """Return the random generator of one chunk of one stream."""
    return np.random.Generator(np.random.PCG64([spec.seed, stream, chunk]))


def as_datetime64(time: datetime) -> np.datetime64:
    """Return a UTC time to the second, as numpy keeps it."""
    return np.datetime64(time.replace(tzinfo=None), "s")

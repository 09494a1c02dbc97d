"""Working weeks, absences and the share of the plan's week that each rep is there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from scenarios.synthetic import texts
from scenarios.synthetic.spec import CompanySpec, Stream, generator

if TYPE_CHECKING:
    from collections.abc import Sequence

ABSENT_SHARE = 0.10
DEPARTURE_FROM_REPS = 30
DEPARTURE = "departure"
"""A company of this size has somebody leaving."""


@dataclass(frozen=True, slots=True)
class WorkingWeek:
    """A contract: the text in the table and the hours of each day, Monday first."""

    text: str
    hours: tuple[float, ...]

    @property
    def capacity(self) -> float:
        """Hours a week."""
        return sum(self.hours)


WORKING_WEEKS = (
    WorkingWeek("Mon-Fri 09:00-17:00", (8, 8, 8, 8, 8, 0, 0)),
    WorkingWeek("Mon-Thu 09:00-17:00;Fri 09:00-13:00", (8, 8, 8, 8, 4, 0, 0)),
    WorkingWeek("Mon-Thu 09:00-17:00", (8, 8, 8, 8, 0, 0, 0)),
    WorkingWeek("Mon-Tue 09:00-17:00;Wed 09:00-13:00", (8, 8, 4, 0, 0, 0, 0)),
)
WORKING_WEEK_SHARES = (0.60, 0.15, 0.10, 0.15)


@dataclass(frozen=True, slots=True)
class Absence:
    """Whole days on which a rep is away, the last one included."""

    rep: int
    starts: np.datetime64
    ends: np.datetime64
    kind: str


def first_day(spec: CompanySpec) -> np.datetime64:
    """Return the Monday after as_of, in the company's time zone: where the plan's week starts."""
    local = spec.as_of.astimezone(ZoneInfo(spec.timezone))
    return np.datetime64((local + timedelta(days=7 - local.weekday())).date(), "D")


def draw_absences(spec: CompanySpec, candidates: np.ndarray) -> tuple[Absence, ...]:
    """Draw who of the candidates is away, for what and when, around the plan's week."""
    random = generator(spec, Stream.ABSENCES)
    num_absent = min(round(ABSENT_SHARE * spec.num_reps), len(candidates))
    absent = np.sort(random.choice(candidates, num_absent, replace=False))
    monday = first_day(spec)
    leaver = random.integers(num_absent) if spec.num_reps >= DEPARTURE_FROM_REPS else -1
    return tuple(
        _departure(int(rep), monday) if index == leaver else _absence(int(rep), monday, random)
        for index, rep in enumerate(absent)
    )


def _departure(rep: int, monday: np.datetime64) -> Absence:
    # The table wants a last day even of somebody who does not come back.
    return Absence(rep, monday + 2, monday + 2 + 365, DEPARTURE)


def _absence(rep: int, monday: np.datetime64, random: np.random.Generator) -> Absence:
    kind = random.choice(["vacation", "sick", "training"], p=[0.5, 0.25, 0.25])
    if kind == "vacation":
        starts = monday + 7 * int(random.choice([-1, 0, 1, 2], p=[0.1, 0.6, 0.2, 0.1]))
        return Absence(rep, starts, starts + 7 * int(random.integers(1, 3)) - 1, kind)
    if kind == "sick":
        starts = monday - int(random.integers(3, 7))
        return Absence(rep, starts, starts + int(random.integers(3, 12)), kind)
    starts = monday + int(random.integers(0, 3))
    return Absence(rep, starts, starts + int(random.integers(0, 2)), "training")


def present_shares(
    spec: CompanySpec, weeks: Sequence[WorkingWeek], absences: tuple[Absence, ...]
) -> np.ndarray:
    """Return the share of the plan's week that each rep works, shape (n_reps,).

    Who leaves for good within the week counts as gone: a plan gives them nothing.
    """
    hours = np.array([week.hours for week in weeks])
    days = first_day(spec) + np.arange(7)
    worked = hours.copy()
    for absence in absences:
        away = (days >= absence.starts) & (days <= absence.ends)
        if absence.kind == DEPARTURE and away.any():
            away[:] = True
        worked[absence.rep, away] = 0
    return np.asarray(worked.sum(axis=1) / hours.sum(axis=1))


def absences_table(absences: tuple[Absence, ...], rep_ids: Sequence[str]) -> pa.Table:
    """Return the table of absences."""
    return pa.table(
        {
            "rep_id": pa.array([rep_ids[absence.rep] for absence in absences], pa.string()),
            "starts": texts.dates(np.array([a.starts for a in absences], "datetime64[D]")),
            "ends": texts.dates(np.array([a.ends for a in absences], "datetime64[D]")),
            "kind": pa.array([absence.kind for absence in absences], pa.string()),
        }
    )

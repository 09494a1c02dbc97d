"""What a plan is worth by grade, region and team."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from models.lists import split_path
from models.plan import GroupKpi
from planner.measures import effort_hours

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from planner.compile import Compiled

REGION_DEPTH = 2
"""Regions are told apart by so many parts of their paths: US/West holds US/West/CA."""
NONE = ""


def group_kpis(compiled: Compiled, rep_of_lead: NDArray[np.int64]) -> tuple[GroupKpi, ...]:
    """Return what each grade, region and team has of a plan, by name; cells may be empty."""
    leads, reps = compiled.snapshot.leads, compiled.snapshot.reps
    region = leads["region"]
    short = {path: "/".join(split_path(path)[:REGION_DEPTH]) for path in region.dropna().unique()}
    team = pd.Series(reps["team"].array.take(rep_of_lead, allow_fill=True))
    found: list[GroupKpi] = []
    for by, names in (("grade", leads["grade"]), ("region", region.map(short)), ("team", team)):
        of_whom = rep_of_lead >= 0 if by == "team" else np.ones(len(names), bool)
        found += _by(compiled, rep_of_lead, by, names.astype("str"), of_whom)
    return tuple(found)


def _by(
    compiled: Compiled,
    rep_of_lead: NDArray[np.int64],
    by: str,
    names: pd.Series,
    counted: NDArray[np.bool_],
) -> Iterator[GroupKpi]:
    """Yield the figures of each group, by name.

    Parameters
    ----------
    names : (n_leads,) the group of each lead
    counted : (n_leads,) whether the lead is in any
    """
    names = names[counted]
    if names.isna().all():
        return
    number, known = pd.factorize(names.fillna(NONE), sort=True)
    lead = np.flatnonzero(counted)
    rep = rep_of_lead[lead]
    is_assigned = rep >= 0
    value, hours = np.zeros(len(lead)), np.zeros(len(lead))
    at = np.flatnonzero(is_assigned)
    value[at] = compiled.valuation.expected_value(lead[at], rep[at])
    hours[at] = effort_hours(compiled.facts)[lead[at]]
    moved = compiled.ownership.moved(rep_of_lead)[lead]
    columns = (np.ones(len(lead)), is_assigned, value, hours, moved)
    sums = [np.bincount(number, column, len(known)) for column in columns]
    for name, leads, assigned, total, effort, moves in zip(known, *sums, strict=True):
        yield GroupKpi(
            by=by,
            name=str(name),
            leads=int(leads),
            assigned=int(assigned),
            expected_value=float(total),
            effort_hours=float(effort),
            moves=int(moves),
        )

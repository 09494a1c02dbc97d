"""Leads that no rep may work, by the rules that would have to give way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.explanation import WithoutRep
from planner.explain.bans import relaxations

if TYPE_CHECKING:
    from models.explanation import Relaxation
    from planner.compile import Compiled


def without_reps(compiled: Compiled) -> tuple[WithoutRep, ...]:
    """Return the leads that no rep may work, together where the same sets of rules would help.

    The group with the largest amount comes first.
    """
    eligible, row_of_lead = compiled.eligibility, compiled.row_of_lead
    leads = np.flatnonzero(eligible.counts()[row_of_lead] == 0)
    size = np.bincount(row_of_lead)
    known: dict[int, tuple[Relaxation, ...]] = {}
    groups: dict[tuple[tuple[str, ...], ...], list[int]] = {}
    first: dict[tuple[tuple[str, ...], ...], tuple[Relaxation, ...]] = {}
    for lead in leads.tolist():
        row = int(row_of_lead[lead])
        # Leads of one class are barred by the same rules from the same reps.
        alike = int(eligible.row_class[row]) if size[row] == 1 else -1 - lead
        if alike not in known:
            family = np.flatnonzero(row_of_lead == row) if size[row] > 1 else np.array([lead])
            known[alike] = relaxations(compiled, family, lead)
        key = tuple(relaxation.sentences for relaxation in known[alike])
        groups.setdefault(key, []).append(lead)
        first.setdefault(key, known[alike])
    amount = compiled.valuation.amount
    lead_ids = compiled.snapshot.leads["lead_id"].astype(str).to_numpy()
    found = [
        WithoutRep(
            lead_ids=tuple(lead_ids[members]),
            amount=float(amount[members].sum()),
            relaxations=first[key],
        )
        for key, members in groups.items()
    ]
    return tuple(sorted(found, key=lambda group: -group.amount))

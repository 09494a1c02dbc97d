"""Cumulative proportional split: running totals follow running shares (baselines P11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.engines.baselines.desk import Desk
from planner.engines.ties import rep_ties

if TYPE_CHECKING:
    from models.arrays import Ints
    from planner.engines.baselines.intake import Intake

DIGITS = 9
"""Remainders that differ by less are a tie."""


def proportional(intake: Intake, seed: int = 0) -> Ints:
    """Return (n_rows,) pairs: each lead to the rep whose running share has the largest remainder.

    As a lead arrives, its one is split over those who may work it and have room, by their weights,
    and added to what is due to each; whoever is owed most gets it. So weights that change, and reps
    who join, fill up or leave, count from then on and never backwards. Ties go by chance.
    """
    desk = Desk(intake)
    weight = intake.reps.weight.tolist()
    tie = rep_ties(intake.problem, seed).tolist()
    owed = [0.0] * intake.problem.num_reps
    for row in desk.waiting:
        if takers := desk.takers(row):
            total = sum(weight[rep] for rep in takers)
            for rep in takers:
                owed[rep] += weight[rep] / total if total > 0 else 1.0 / len(takers)
            rep = min(takers, key=lambda rep: (-round(owed[rep], DIGITS), tie[rep]))
            owed[rep] -= 1.0
            desk.give(row, rep)
    return desk.assignment()

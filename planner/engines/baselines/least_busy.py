"""Least busy: leads as they arrive, each to the rep who has the fewest open ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.engines.baselines.desk import Desk
from planner.engines.ties import rep_ties

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.arrays import Ints
    from planner.engines.baselines.intake import Intake


def least_busy(intake: Intake, seed: int = 0) -> Ints:
    """Return (n_rows,) pairs: ties go by chance, so that no name comes first (baselines P8)."""
    return to_the_least_busy(intake, rep_ties(intake.problem, seed).tolist())


def to_the_least_busy(intake: Intake, tie: Sequence[int]) -> Ints:
    """Return (n_rows,) pairs: each row to the rep with room who has the fewest open leads.

    Parameters
    ----------
    tie : (n_reps,) of reps with equally many, the one with the smallest number here is taken
    """
    desk = Desk(intake)
    for row in desk.waiting:
        if takers := desk.takers(row):
            desk.give(row, min(takers, key=lambda rep: (desk.held[rep], tie[rep])))
    return desk.assignment()

"""What cal.com's fair round robin does (baselines P7).

An event type's hosts are all reps at work, and a lead is a booking. A host's priority, the credit
of one who returns, and the optional limit on how far one may be ahead have no counterpart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from planner.engines.baselines.desk import Desk
from planner.engines.ties import rep_ties

if TYPE_CHECKING:
    from models.arrays import Floats, Ints
    from planner.engines.baselines.intake import Intake

NEW_DAYS = 30
"""For so long a host is new: bookings count from the start of about a month."""
DIGITS = 9
"""Shortfalls that differ by less are a tie."""


def cal_fair(intake: Intake, seed: int = 0) -> Ints:
    """Return (n_rows,) pairs: each lead to the host who is furthest below the weighted share.

    Then to the one served least recently, at first in random order. Bookings are the leads that a
    rep has so far, and credits: see `credits_of`.
    """
    desk = Desk(intake)
    weight = np.where(intake.reps.at_work, intake.reps.weight, 0.0)
    share: list[float] = (weight / (weight.sum() or 1.0)).tolist()
    credit: list[float] = credits_of(intake, np.array(desk.held)).tolist()
    served = np.argsort(np.argsort(rep_ties(intake.problem, seed))).tolist()
    turn = len(served)
    total = sum(desk.held) + sum(credit)

    def shortfall(rep: int) -> float:
        return round(total * share[rep] - desk.held[rep] - credit[rep], DIGITS)

    for row in desk.waiting:
        if takers := desk.takers(row):
            rep = min(takers, key=lambda rep: (-shortfall(rep), served[rep]))
            served[rep] = turn
            turn += 1
            before = desk.held[rep]
            desk.give(row, rep)
            total += desk.held[rep] - before
    return desk.assignment()


def credits_of(intake: Intake, booked: Floats) -> Floats:
    """Return (n_reps,) bookings that new hosts are credited with, so as not to absorb everything.

    A new host's credit is (bookings + credits of those who were there before) / (sum of their
    weights) x the own weight.

    Parameters
    ----------
    booked : (n_reps,) the bookings of each
    """
    reps = intake.reps
    credit = np.zeros(len(booked))
    # Who was hired at an unknown time has always been there.
    tenure = np.nan_to_num(reps.days_since_hired, nan=np.inf)
    new = np.flatnonzero(reps.at_work & (tenure < NEW_DAYS))
    for rep in new[np.argsort(-tenure[new], kind="stable")]:
        before = reps.at_work & (tenure > tenure[rep])
        weight = reps.weight[before].sum()
        if weight > 0:
            credit[rep] = (booked + credit)[before].sum() / weight * reps.weight[rep]
    return credit

"""Which of two plans is better by a number, and where their gaps leave that open."""

from __future__ import annotations

import math
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.plan import PlanTables
    from scenarios.compare.metrics import Metric

TOLERANCE = 1e-9
"""Sums of the same numbers in another order differ by no more, as a share of them."""


class Mark(StrEnum):
    """What a plan is by a number, against the first plan."""

    BETTER = "better"
    WORSE = "worse"
    SAME = "same"
    WITHIN_GAP = "within gap"
    """The difference is no more than what solving on may still bring both plans."""
    NONE = ""
    """Neither side is better, or a plan has no such number."""


def mark(metric: Metric, before: float | None, after: float | None, open_money: float) -> Mark:
    """Return what the second of two values is.

    Parameters
    ----------
    open_money : what `open_money` returns for their plans
    """
    if before is None or after is None or not metric.better:
        return Mark.NONE
    if math.isclose(before, after, rel_tol=TOLERANCE, abs_tol=TOLERANCE):
        return Mark.SAME
    if metric.gap_counts and abs(after - before) <= open_money:
        return Mark.WITHIN_GAP
    return Mark.BETTER if (after > before) == (metric.better == "more") else Mark.WORSE


def open_money(before: PlanTables, after: PlanTables) -> float:
    """Return how much money of a difference two gaps leave open: their sum.

    It is 0 where both plans are of the same tables and policy. Which of them is better is then a
    fact, whatever is still to be found; between two questions, a difference may be that of the
    questions or of how well each was solved.
    """
    one, other = before.record, after.record
    if all(one.hashes[name] == other.hashes[name] for name in ("snapshot", "policy")):
        return 0.0
    return (one.gap_money or 0.0) + (other.gap_money or 0.0)

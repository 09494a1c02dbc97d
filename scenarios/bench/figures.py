"""The three figures by which plans and simple policies are compared, and what beats what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from planner.kpis import gini

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from scenarios.bench.contenders import Contender

CENT = 0.005
"""Money that is no difference."""
ROUNDING = 1e-9
"""Of a Gini coefficient."""


@dataclass(frozen=True)
class Figures:
    """What an assignment is worth.

    Attributes
    ----------
    value : money, expected with the chances of the later half of the past
    gini : of the books' expected values, each divided by the rep's weight
    moves : owned leads that their owner does not keep
    assigned : leads with a rep, which the comparison leaves aside
    """

    value: float
    gini: float
    moves: int
    assigned: int = 0

    def dominates(self, other: Figures) -> bool:
        """Whether these are no worse in any of the three, and better in value or in fairness."""
        return (
            self.value >= other.value - CENT
            and self.gini <= other.gini + ROUNDING
            and self.moves <= other.moves
            and (self.value > other.value + CENT or self.gini < other.gini - ROUNDING)
        )

    def shortfall(self, other: Figures) -> float:
        """Return how far these are from dominating, as shares: of value, of moves, and of Gini."""
        return (
            max(0.0, other.value - self.value) / max(abs(other.value), CENT)
            + max(0.0, self.gini - other.gini)
            + max(0, self.moves - other.moves) / max(other.moves, 1)
        )


def figures(company: Contender, rep_of_lead: NDArray[np.int64]) -> Figures:
    """Return the figures of an assignment.

    Parameters
    ----------
    rep_of_lead : (n_leads,) position of each lead's rep; -1 for nobody
    """
    lead = np.flatnonzero(rep_of_lead >= 0)
    rep, weight = rep_of_lead[lead], company.weight
    value = company.judge.valuation.expected_value(lead, rep)
    books = np.bincount(rep, value, minlength=len(weight))
    due = weight > 0
    return Figures(
        value=float(value.sum()),
        gini=gini(books[due] / weight[due]),
        moves=int(company.judge.ownership.moved(rep_of_lead).sum()),
        assigned=len(lead),
    )


def best_dominating(others: Sequence[Figures], one: Figures) -> int | None:
    """Return which of others dominates with the highest value; None if none does."""
    found = [at for at, each in enumerate(others) if each.dominates(one)]
    return max(found, key=lambda at: (others[at].value, -others[at].gini), default=None)


def nearest(others: Sequence[Figures], one: Figures) -> int:
    """Return which of others comes nearest to dominating."""
    return min(range(len(others)), key=lambda at: others[at].shortfall(one))

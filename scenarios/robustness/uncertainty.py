"""What is not known when a plan is made, and how uncertain it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

WORKDAYS = 5
"""A week."""


MOST_ARRIVALS = 100_000


@dataclass(frozen=True)
class Uncertainty:
    """How much inputs may differ from what the plan took them for.

    Attributes
    ----------
    strength : how many outcomes each win probability is worth, at least 1; infinite: it is exact.
        A probability p becomes a draw from Beta(p strength, (1 - p) strength).
    by : columns of leads that make classes: a class with a rep has one error, common to all its
        leads. None: the columns that the policy learns win rates by, else `grade` if there is one.
    outcomes : whether each lead is won or lost, rather than counted with its probability
    arrivals : leads a week that come on average (Poisson), like those of the company
    absence : probability that a rep is away some days of the period, 0 to 1
    days_absent : the most working days of such an absence; each number from 1 on is as likely
    """

    strength: float = 50.0
    by: tuple[str, ...] | None = None
    outcomes: bool = True
    arrivals: float = 0.0
    absence: float = 0.0
    days_absent: int = WORKDAYS

    def __post_init__(self) -> None:
        faults = list(self._faults())
        if faults:
            raise UsageError("; ".join(faults))

    def _faults(self) -> Iterator[str]:
        if not self.strength >= 1:
            yield f"strength is {self.strength:g} outcomes; it must be at least 1, or infinite"
        if not 0 <= self.arrivals <= MOST_ARRIVALS:
            yield f"arrivals is {self.arrivals:g} leads a week; give 0 to {MOST_ARRIVALS:,}"
        if not 0 <= self.absence <= 1:
            yield f"absence is {self.absence:g}; a probability lies between 0 and 1 (0 % and 100 %)"
        if not self.days_absent >= 1:
            yield f"days_absent is {self.days_absent} working days; it must be at least 1"

"""What a solver can answer, in one vocabulary for all of them."""

from __future__ import annotations

from enum import StrEnum


class Answer(StrEnum):
    """What a solver says about a problem; each solver's module maps its own words to these."""

    OPTIMAL = "optimal"
    """It has a best solution."""
    FEASIBLE = "feasible"
    """It has a solution, which need not be the best."""
    NOTHING = "nothing"
    """It has no solution and no proof that there is none: mostly, its time was over."""
    INFEASIBLE = "infeasible"
    """It proved that there is no solution."""
    FAILED = "failed"
    """It refused the model or lost its way in the numbers."""

"""The numbers told of every plan in every draw."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """A number told of a plan in a draw.

    Attributes
    ----------
    title : for people
    unit : money, leads, share or ""
    better : "more", "less" or "" where neither is better
    """

    name: str
    title: str
    unit: str
    better: str


EXPECTED = Figure("expected_value", "Expected value", "money", "more")
REALIZED = Figure("realized_value", "Realized value", "money", "more")
ARRIVALS = Figure("arrivals", "Arrivals", "leads", "")
PLACED = Figure("arrivals_placed", "Arrivals with a rep", "leads", "more")
ARRIVALS_VALUE = Figure("arrivals_value", "Expected value of arrivals", "money", "more")
VALUE = Figure("value", "Realized value and arrivals", "money", "more")
FULLEST = Figure("fullest", "Fullest book, of its cap", "share", "less")
BROKEN = Figure("promises_broken", "Promises broken", "", "less")

FIGURES = (EXPECTED, REALIZED, ARRIVALS, PLACED, ARRIVALS_VALUE, VALUE, FULLEST, BROKEN)
"""`promises_broken` counts rules, not reps; soft bands, which may be left at a cost, are not in it.
"""
OF_ARRIVALS = (ARRIVALS, PLACED, ARRIVALS_VALUE, VALUE)
"""Those that say nothing where no lead comes."""
COMPARED = (EXPECTED, REALIZED, VALUE, BROKEN)
"""Those in which plans are set against each other."""

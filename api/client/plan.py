"""What a plan can be asked, wherever it is: notebooks that need no more work with any plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from models.plan import PlanTables

if TYPE_CHECKING:
    from models.explanation import WhyNot, WhyRep

OTHERS = 3


class AnyPlan(PlanTables, Protocol):
    """A plan of this machine or of a service.

    Everything in `scenarios.compare` takes any mixture of them.
    """

    def why(self, lead_id: str, *, others: int = OTHERS) -> WhyRep:
        """Return why a lead is where the plan has it, and what some other reps would bring."""

    def why_not(self, lead_id: str, rep_id: str) -> WhyNot:
        """Return why a lead is not with a rep, or what that would cost."""

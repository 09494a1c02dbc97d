"""Why a plan has a lead where it is, and what another rep would cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.services.desk.planned import planned_of
from planner.explain.why import why
from planner.explain.why_not import why_not

if TYPE_CHECKING:
    from api.services.desk.planned import Sources
    from models.explanation import WhyNot, WhyRep


def why_of(
    sources: Sources, lead_id: str, others: int, reps: frozenset[str] | None = None
) -> WhyRep:
    """Return why a lead is where the plan has it; arguments and errors as `why`, `planned_of`."""
    return why(planned_of(sources), lead_id, others=others, reps=reps)


def why_not_of(sources: Sources, lead_id: str, rep_id: str) -> WhyNot:
    """Return why a lead is not with a rep; raises as `why_not` and `planned_of`."""
    return why_not(planned_of(sources), lead_id, rep_id)

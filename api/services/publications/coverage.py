"""Which leads the company would have after a publication that it has not now, and which not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from api.errors import LeavesOutError
from api.services.desk.foresee import foresee_leads
from api.services.publications.drafts import get_feasible_plan
from api.services.publications.prepare import newer_tables, true_at
from api.store.tables import CurrentRow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from api.schemas.publications import Part
    from api.services.service import Service
    from api.store.columns import Json

MOST = 0.5
"""Share of the current publication's leads: who drops more must say that it is meant."""


def foresee(service: Service, plan_id: str, part: Part | None) -> Json:
    """Return what the publication of a plan would bring and drop as things are now.

    Raises
    ------
    NotFoundError : there is no such plan
    InvalidRequestError : it breaks rules
    """
    with service.database.reading() as session:
        plan = get_feasible_plan(session, plan_id)
        current = session.scalars(select(CurrentRow)).one()
        newest = newer_tables(session, service, true_at(plan))
    directory = None
    if current.publication_id is not None:
        directory = service.copies.directory(current.publication_id)
    told = service.desk.ask(
        foresee_leads,
        service.copies.directory(plan_id),
        directory,
        None if newest is None else newest.directory,
        is_part=part is not None,
    )
    return {"against": current.number, **told}


def refuse_most_gone(counts: Mapping[str, int], *, allowed: bool) -> None:
    """Raise LeavesOutError where most leads of the current publication would be gone, unless that
    was said to be meant.
    """
    held, gone = counts["leads"] - counts["new"] + counts["gone"], counts["gone"]
    if allowed or gone <= MOST * held:
        return
    raise LeavesOutError(
        f"{gone:,} of the {held:,} leads that the current publication has are neither in the plan "
        "nor in newer tables, so nobody would have them any more. If it is not the plan of another "
        "company, submit a draft of it with drop_most_leads: true"
    )

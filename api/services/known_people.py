"""What the processes that recommend must be told of a plan's customers, if anything."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from sqlalchemy import select

from api.services.desk.routing import People
from api.store.files import PEOPLE_FILE, read_file
from api.store.tables import PlanRow, SnapshotRow
from models.files.plan_files import POLICY
from planner.policy import policy_from_text

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from api.services.desk.planned import Sources


def counts_companies(sources: Sources) -> bool:
    """Return whether a plan's policy counts customers by company, so that their names matter."""
    return _by_company((sources.plan / POLICY).read_text(encoding="utf-8"))


def erasures_of(session: Session, plan_id: str) -> int:
    """Return how many persons were erased from the personal data of a plan's tables."""
    asked = select(SnapshotRow.erasures).join(PlanRow, PlanRow.snapshot_id == SnapshotRow.id)
    return session.scalars(asked.where(PlanRow.id == plan_id)).one()


def people_behind(session: Session, plan_id: str) -> People:
    """Return the personal data of a plan's tables; NotFoundError if retention took it away."""
    plan = session.get_one(PlanRow, plan_id)
    content = b"".join(read_file(session, str(plan.snapshot_id), PEOPLE_FILE))
    return People(erasures_of(session, plan_id), content)


# A plan that is named is asked often, and reading a policy takes longer than a ranking.
@lru_cache(64)
def _by_company(text: str) -> bool:
    return policy_from_text(text).families.by == "company"

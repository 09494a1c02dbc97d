"""Plans that are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from api.errors import ConflictError, NotFoundError
from api.jobs.tasks.task import Pin
from api.services.desk.planned import Sources
from api.services.policies import get_policy
from api.services.snapshots import get_snapshot
from api.store.tables import CurrentRow, PlanRow, PublicationRow, ScenarioRow, SnapshotRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from api.store.copies import Copies


def get_plan(session: Session, plan_id: str) -> PlanRow:
    """Return a plan; NotFoundError if there is none."""
    row = session.get(PlanRow, plan_id)
    if row is None:
        raise NotFoundError(f"there is no plan {plan_id!r}")
    return row


class Standing(NamedTuple):
    """What is current: a publication by its id and number, and the plan behind it."""

    publication_id: str
    number: int
    plan_id: str


def current_standing(session: Session) -> Standing | None:
    """Return what is current; None before the first publication.

    A publication that rolls back has the plan of the one that it restores.
    """
    columns = (PublicationRow.plan_id, PublicationRow.restores)
    current = session.execute(
        select(PublicationRow.id, PublicationRow.number, *columns).join(
            CurrentRow, CurrentRow.publication_id == PublicationRow.id
        )
    ).one_or_none()
    if current is None:
        return None
    plan_id, restores = current.plan_id, current.restores
    while plan_id is None:
        asked = select(*columns).where(PublicationRow.number == restores)
        plan_id, restores = session.execute(asked).one()
    return Standing(current.id, current.number, plan_id)


def sources_of(session: Session, copies: Copies, plan: PlanRow) -> Sources:
    """Return what a plan was made from.

    Raises
    ------
    ConflictError : it was made from tables that the service never had
    NotFoundError : they were removed
    """
    if plan.snapshot_id is None:
        raise ConflictError(
            f"plan {plan.id} was not made from a snapshot of this service, so it cannot be "
            "explained here; send its tables and plan again"
        )
    get_snapshot(session, plan.snapshot_id)
    return _sources(session, copies, plan, plan.snapshot_id)


def kept_sources(session: Session, copies: Copies, plan: PlanRow) -> Sources | None:
    """Return what a plan was made from; None where its tables are not kept any more."""
    tables = None if plan.snapshot_id is None else session.get(SnapshotRow, plan.snapshot_id)
    if tables is None or tables.removed_at is not None:
        return None
    return _sources(session, copies, plan, tables.id)


def _sources(session: Session, copies: Copies, plan: PlanRow, tables: str) -> Sources:
    policy = scenario = None
    if plan.scenario_id is not None and plan.policy_id is not None:
        policy = get_policy(session, plan.policy_id).text
        scenario = session.get_one(ScenarioRow, plan.scenario_id).text
    pins = tuple(Pin.model_validate(told) for told in (plan.origin or {}).get("pins", ()))
    return Sources(copies.directory(plan.id), copies.directory(tables), policy, scenario, pins)

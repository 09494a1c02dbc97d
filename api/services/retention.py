"""Removes what is older than an installation keeps: files of snapshots and plans, answers,
sessions. Rows of snapshots and plans stay, so that what was published keeps its origin and totals.

Publications that nobody went on with are rejected, or they would keep their files for ever.
"""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, exists, or_, select

from api.services.publications.approval import turn_down
from api.services.publications.steps import ON_THE_WAY
from api.store.audit import append_audit, lock_audit
from api.store.copies import remove_left
from api.store.dialect import now
from api.store.files import remove_files
from api.store.tables import (
    AnswerRow,
    CurrentRow,
    FileRow,
    LoginFailureRow,
    PlanRow,
    PublicationRow,
    RunRow,
    RunStatus,
    SessionRow,
    SignInRow,
    SnapshotRow,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Delete
    from sqlalchemy.orm import Session

    from api.services.service import Service
    from api.settings import Settings

LOG = logging.getLogger(__name__)
ACTOR = "retention"
OVER = timedelta(days=1)
"""For how long what is over is kept, so that somebody may still ask what it was."""
AT_WORK = (RunStatus.CREATED, RunStatus.QUEUED, RunStatus.SOLVING)


@dataclass(frozen=True)
class Removed:
    """How much was removed, and how many publications that nobody went on with were rejected."""

    publications: int
    snapshots: int
    plans: int
    answers: int
    sessions: int
    sign_ins: int
    login_failures: int


def retain(session: Session, settings: Settings) -> Removed:
    """Remove what is too old, in the caller's transaction; any number of workers may do it."""
    # The second of two at the same moment waits, and then finds nothing to do.
    lock_audit(session)
    moment = now(session)
    before = moment - timedelta(days=settings.retention_days)
    answered = AnswerRow.created_at < moment - timedelta(days=settings.answer_days)
    over = moment - OVER
    ended = or_(SessionRow.expires_at < over, SessionRow.ended_at < over)
    left = _left_publications(session, moment, before)
    for publication in left:
        why = f"nobody published it within the {settings.retention_days} days that its plan is kept"
        turn_down(session, publication, ACTOR, why)
    session.flush()
    plans, snapshots = _old_plans(session, before), _old_snapshots(session, before)
    for row in snapshots:
        row.removed_at = moment
    for owner in (*plans, *(row.id for row in snapshots)):
        remove_files(session, owner)
    removed = Removed(
        publications=len(left),
        snapshots=len(snapshots),
        plans=len(plans),
        answers=_deleted(session, delete(AnswerRow).where(answered)),
        sessions=_deleted(session, delete(SessionRow).where(ended)),
        sign_ins=_deleted(session, delete(SignInRow).where(SignInRow.expires_at < over)),
        login_failures=_deleted(
            session, delete(LoginFailureRow).where(LoginFailureRow.since < over)
        ),
    )
    if any(asdict(removed).values()):
        told = {"snapshots": [row.id for row in snapshots], "plans": plans}
        append_audit(session, ACTOR, "removed", ACTOR, {"counts": asdict(removed), **told})
    return removed


def retain_now(service: Service) -> Removed:
    """Remove what is too old, also from this machine's copies; to be called once an hour.

    Raises
    ------
    UnavailableError : the database does not answer; the next call does what this one did not
    """
    with service.database.writing() as session:
        removed = retain(session, service.settings)
    service.copies.forget_removed()
    remove_left(service.scratch, lambda _: True)
    if any(asdict(removed).values()):
        LOG.info("removed what is too old: %s", asdict(removed))
    return removed


def _left_publications(
    session: Session, moment: datetime, before: datetime
) -> Sequence[PublicationRow]:
    """Return the old ones that are not published, and whose date is not still to come: each holds
    its plan and its tables, with all that they tell of people.
    """
    return session.scalars(
        select(PublicationRow)
        .where(
            PublicationRow.status.in_(ON_THE_WAY),
            PublicationRow.created_at < before,
            or_(PublicationRow.effective_at.is_(None), PublicationRow.effective_at <= moment),
        )
        .order_by(PublicationRow.id)
        # What somebody is deciding about is looked at the next time.
        .with_for_update(skip_locked=True)
    ).all()


def _old_plans(session: Session, before: datetime) -> list[str]:
    """Return the plans with files that nobody needs any more."""
    found = session.scalars(
        select(PlanRow.id)
        .where(PlanRow.created_at < before, exists().where(FileRow.owner_id == PlanRow.id))
        .order_by(PlanRow.id)
    ).all()
    return _without(found, _needed_plans(session) | _named_by_runs(session, found))


def _old_snapshots(session: Session, before: datetime) -> list[SnapshotRow]:
    """Return the snapshots with files that nobody needs any more: never the newest that counts."""
    rows = session.scalars(
        select(SnapshotRow)
        .where(SnapshotRow.removed_at.is_(None))
        .order_by(SnapshotRow.as_of.desc(), SnapshotRow.created_at.desc())
    ).all()
    newest = next((row for row in rows if row.withdrawn_at is None), None)
    old = {row.id: row for row in rows if row is not newest and row.created_at < before}
    behind = session.scalars(
        select(PlanRow.snapshot_id).where(PlanRow.id.in_(_needed_plans(session)))
    )
    needed = {one for one in behind if one is not None} | _named_by_runs(session, old)
    return [old[one] for one in _without(old, needed)]


def _needed_plans(session: Session) -> set[str]:
    """Return the plans of the current publication, and of those that may become it."""
    open_ = session.scalars(
        select(PublicationRow.plan_id).where(
            PublicationRow.status.in_(ON_THE_WAY), PublicationRow.plan_id.is_not(None)
        )
    )
    return {plan for plan in (*open_, _current_plan(session)) if plan is not None}


def _current_plan(session: Session) -> str | None:
    current = session.scalars(
        select(PublicationRow).join(CurrentRow, CurrentRow.publication_id == PublicationRow.id)
    ).one_or_none()
    # One that rolls back has the plan of the one that it goes back to, which may do so, too.
    while current is not None and current.plan_id is None:
        current = session.scalars(
            select(PublicationRow).where(PublicationRow.number == current.restores)
        ).one_or_none()
    return None if current is None else current.plan_id


def _named_by_runs(session: Session, ids: Iterable[str]) -> set[str]:
    """Return those of some ids that runs name which have not ended."""
    asked = json.dumps(
        session.scalars(select(RunRow.payload).where(RunRow.status.in_(AT_WORK))).all()
    )
    return {one for one in ids if one in asked}


def _without(ids: Iterable[str], needed: set[str]) -> list[str]:
    return [one for one in ids if one not in needed]


def _deleted(session: Session, statement: Delete) -> int:
    """Delete rows; return how many there were."""
    return session.connection().execute(statement).rowcount

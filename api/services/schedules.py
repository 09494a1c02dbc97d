"""Schedules: added, changed, removed, and fired by hand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from api.errors import ConflictError, ForbiddenError, InvalidRequestError, NotFoundError
from api.jobs.cron import Cron
from api.jobs.slots import caller_of, fire_by_hand, next_slot
from api.schemas.schedules import ScheduleGiven, Then
from api.services.access.roles import Right
from api.services.policies import newest_policy
from api.services.runs import refuse_more
from api.store.audit import append_audit
from api.store.columns import new_id
from api.store.dialect import now
from api.store.tables import ScheduleRow
from models.files.mapping_reader import mapping_from_text
from scenarios.acceptance_file import rules_from_text

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from api.schemas.schedules import NewSchedule, Rebalance, ScheduleEdit
    from api.services.access.principal import Principal
    from api.settings import Settings
    from api.store.columns import Json


def given(row: ScheduleRow) -> ScheduleGiven:
    """Return a schedule as it is told."""
    return ScheduleGiven.of(row, explained=Cron(row.cron, row.timezone).explain())


def add_schedule(
    session: Session, settings: Settings, new: NewSchedule, who: Principal
) -> ScheduleRow:
    """Add a schedule.

    Raises
    ------
    InvalidRequestError, PolicyError, InputError : what it says cannot be done, with every fault
    ForbiddenError : who adds it may not publish, and it would
    ConflictError : the name is taken
    """
    cron = Cron.parse(new.cron, new.timezone)
    _check(session, settings, new.task, who)
    _refuse_taken(session, new.name)
    moment = now(session)
    row = ScheduleRow(
        id=new_id(),
        name=new.name,
        cron=cron.text,
        timezone=cron.zone,
        task=new.task.model_dump(mode="json"),
        enabled=new.enabled,
        version=1,
        looked_at=moment,
        created_at=moment,
        created_by=who.id,
        person=sorted(who.person),
    )
    row.next_at = next_slot(session, row, moment) if row.enabled else None
    session.add(row)
    detail = {"name": row.name, "cron": row.cron, "timezone": row.timezone, "task": row.task}
    append_audit(session, who.id, "schedule_added", row.id, detail)
    return row


def edit_schedule(
    session: Session, settings: Settings, row: ScheduleRow, edit: ScheduleEdit, who: Principal
) -> None:
    """Change a schedule; raises as `add_schedule`.

    One that publishes is changed by who may publish; to switch it off, the right to plan suffices.
    """
    changes = edit.model_dump(mode="json", exclude_unset=True, exclude_none=True)
    if not changes:
        raise InvalidRequestError("nothing is to be changed; name what is, such as enabled")
    cron = Cron.parse(edit.cron or row.cron, edit.timezone or row.timezone)
    if changes != {"enabled": False}:
        _refuse_publishing(row.task, who)
    if edit.task is not None:
        _check(session, settings, edit.task, who)
    if edit.name is not None and edit.name != row.name:
        _refuse_taken(session, edit.name)
    before = {name: getattr(row, name) for name in changes}
    for name, value in {**changes, "cron": cron.text, "timezone": cron.zone}.items():
        setattr(row, name, value)
    row.person = sorted({*row.person, *who.person})
    row.version += 1
    moment = now(session)
    row.next_at = next_slot(session, row, moment) if row.enabled else None
    row.looked_at = moment
    detail = {"before": before, "after": changes}
    append_audit(session, who.id, "schedule_changed", row.id, detail)


def remove_schedule(session: Session, row: ScheduleRow, actor: str) -> None:
    """Remove a schedule; its runs and slots stay, and its name is free again."""
    append_audit(session, actor, "schedule_removed", row.id, {"name": row.name})
    row.removed_at, row.enabled, row.next_at = now(session), False, None
    row.name = f"{row.id} {row.name}"[:255]
    row.version += 1


def fire_schedule(session: Session, settings: Settings, row: ScheduleRow, who: Principal) -> str:
    """Begin a run of a schedule at once, besides its slots; return its id.

    Raises
    ------
    ForbiddenError : its plan would be published, and the caller may not publish
    QuotaError : as many of its runs as are allowed wait or are under way
    """
    _refuse_publishing(row.task, who)
    refuse_more(session, caller_of(row), settings)
    return fire_by_hand(session, row, who.id)


def get_schedule(session: Session, schedule_id: str, *, locked: bool = False) -> ScheduleRow:
    """Return a schedule; NotFoundError if there is none."""
    query = select(ScheduleRow).where(
        ScheduleRow.id == schedule_id, ScheduleRow.removed_at.is_(None)
    )
    row = session.scalars(query.with_for_update() if locked else query).one_or_none()
    if row is None:
        raise NotFoundError(f"there is no schedule {schedule_id!r}")
    return row


def allowed_folder(settings: Settings, folder: str) -> Path:
    """Return a folder that exports may be read from; InvalidRequestError for any other."""
    path = Path(folder)
    roots = [root.resolve() for root in settings.import_folders]
    if not path.is_absolute() or not any(path.resolve().is_relative_to(root) for root in roots):
        raise InvalidRequestError(
            f"the folder {folder!r} is none that exports are read from; name one that lies under a "
            "folder of the setting FAIRLEAD_IMPORT_FOLDERS"
        )
    return path.resolve()


def _check(session: Session, settings: Settings, task: Rebalance, who: Principal) -> None:
    """Refuse a task that could never be done, or that its author may not do."""
    _refuse_publishing(task.model_dump(), who)
    if task.seconds > settings.max_run_seconds:
        raise InvalidRequestError(
            f"task.seconds is {task.seconds:,}; this installation allows "
            f"{settings.max_run_seconds:,}"
        )
    newest_policy(session, task.policy)
    if task.acceptance is not None:
        rules_from_text(task.acceptance, "acceptance")
    if task.mapping is not None:
        mapping_from_text(task.mapping)
    if task.folder is not None:
        allowed_folder(settings, task.folder)


def _refuse_publishing(task: Json, who: Principal) -> None:
    """Raise ForbiddenError if a task publishes, and somebody may not."""
    if task.get("then") == Then.PUBLISH and Right.APPROVE not in who.rights:
        raise ForbiddenError(
            f"the role {who.role} may not publish, and this schedule would; let it submit its plans"
        )


def _refuse_taken(session: Session, name: str) -> None:
    if session.scalar(select(ScheduleRow.id).where(ScheduleRow.name == name)) is not None:
        raise ConflictError(f"there is a schedule of the name {name!r}; give this one another")

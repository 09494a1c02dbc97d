"""Fires schedules: each slot begins one run, however many workers look.

A clock that is set back makes no slot come twice, and one that ran ahead for a while loses none.

Of slots that were missed, because nobody worked, only the newest one runs; the others are recorded.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from api.jobs.cron import Cron
from api.jobs.queue import add_run
from api.jobs.run import NewRun
from api.jobs.tasks.task import REBALANCE
from api.store.dialect import now
from api.store.tables import ScheduleRow, SlotRow, SlotStatus

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from api.store.database import Database
    from api.store.tables import RunRow

MISSED_AT_MOST = 10_000
"""Of missed slots, so many are recorded: a week of every minute."""
SCHEDULE = "schedule:"
"""What callers that are schedules begin with."""


def fire_due(database: Database) -> list[str]:
    """Begin a run for each schedule that is due; return the ids of the runs.

    Each schedule has a transaction of its own: a fault of one holds up no other.
    """
    began: list[str] = []
    passed_over: set[str] = set()
    while True:
        with database.writing() as session:
            moment = now(session)
            schedule = _due(session, moment, passed_over)
            if schedule is None:
                return began
            passed_over.add(schedule.id)
            run_id = _fire(session, schedule, moment)
            if run_id is not None:
                began.append(run_id)


def next_slot(session: Session, schedule: ScheduleRow, moment: datetime) -> datetime | None:
    """Return the first slot after a moment that was not fired yet; None if none ever comes."""
    # Only after the clock was set back are there later slots that were.
    fired = _known(session, schedule, after=moment, status=SlotStatus.FIRED)
    return next((slot for slot in _cron(schedule).after(moment) if slot not in fired), None)


def _due(session: Session, moment: datetime, passed_over: set[str]) -> ScheduleRow | None:
    """Return a schedule to look at, locked; what other workers look at is passed over."""
    query = select(ScheduleRow).where(
        ScheduleRow.enabled,
        ScheduleRow.removed_at.is_(None),
        ScheduleRow.id.not_in(passed_over),
        or_(ScheduleRow.next_at <= moment, ScheduleRow.looked_at > moment),
    )
    query = query.order_by(ScheduleRow.next_at).limit(1).with_for_update(skip_locked=True)
    return session.scalars(query).one_or_none()


def _fire(session: Session, schedule: ScheduleRow, moment: datetime) -> str | None:
    """Record the slots of a schedule up to a moment and begin the newest one's run."""
    run_id = None
    due = _slots_up_to(schedule, moment)
    if due:
        known = _known(session, schedule, after=due[0] - timedelta(seconds=1))
        due = [slot for slot in due if known.get(slot) != SlotStatus.FIRED]
        if due:
            missed = [slot for slot in due[:-1] if slot not in known]
            run_id = _begin(session, schedule, missed, due[-1], moment)
    schedule.next_at = next_slot(session, schedule, moment)
    schedule.looked_at = moment
    return run_id


def _slots_up_to(schedule: ScheduleRow, moment: datetime) -> list[datetime]:
    """Return the slots from the one that comes next to a moment, at most so many, and the last."""
    if schedule.next_at is None or schedule.next_at > moment:
        return []
    found = [schedule.next_at]
    for slot in _cron(schedule).after(schedule.next_at):
        if slot > moment:
            break
        found.append(slot)
    return found[-MISSED_AT_MOST:]


def _known(
    session: Session, schedule: ScheduleRow, *, after: datetime, status: SlotStatus | None = None
) -> dict[datetime, str]:
    query = select(SlotRow).where(SlotRow.schedule_id == schedule.id, SlotRow.at > after)
    if status is not None:
        query = query.where(SlotRow.status == status)
    return {row.at: row.status for row in session.scalars(query)}


def fire_by_hand(session: Session, schedule: ScheduleRow, actor: str) -> str:
    """Begin a run of a schedule now, besides its slots; return its id."""
    return _run_of(session, schedule, now(session), key=None, actor=actor).id


def caller_of(schedule: ScheduleRow) -> str:
    """Return who asks for the runs of a schedule."""
    return f"{SCHEDULE}{schedule.id}"


def _begin(
    session: Session,
    schedule: ScheduleRow,
    missed: list[datetime],
    newest: datetime,
    moment: datetime,
) -> str:
    # The key keeps two runs of a slot apart even where two schedulers find it free.
    run = _run_of(session, schedule, newest, key=newest.isoformat())
    for slot in missed:
        row = SlotRow(
            schedule_id=schedule.id, at=slot, status=SlotStatus.MISSED, run_id=None, fired_at=moment
        )
        session.add(row)
    row = SlotRow(
        schedule_id=schedule.id, at=newest, status=SlotStatus.FIRED, run_id=run.id, fired_at=moment
    )
    # A clock that ran ahead for a while may have had it recorded as missed.
    session.merge(row)
    return run.id


def _run_of(
    session: Session,
    schedule: ScheduleRow,
    slot: datetime,
    *,
    key: str | None,
    actor: str | None = None,
) -> RunRow:
    payload = {"schedule": schedule.id, "slot": slot.isoformat(), "task": schedule.task}
    publishes = schedule.task.get("then") == "publish"
    new = NewRun(REBALANCE, payload, caller_of(schedule), key, publishes=publishes)
    run = add_run(session, new, actor=actor)
    # Slots refer to it.
    session.flush()
    return run


def _cron(schedule: ScheduleRow) -> Cron:
    return Cron(schedule.cron, schedule.timezone)

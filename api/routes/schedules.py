"""/v1/schedules"""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.routes.one_turn import OneTurn
from api.routes.requests import ChangeOf, Expected, PageOf, Reading, etag, refuse_stale
from api.schemas.common import Id, Page
from api.schemas.schedules import NewSchedule, ScheduleEdit, ScheduleGiven, SlotGiven
from api.services.changes import Answer
from api.services.paging import newest_first
from api.services.schedules import (
    add_schedule,
    edit_schedule,
    fire_schedule,
    get_schedule,
    given,
    remove_schedule,
)
from api.store.tables import ScheduleRow, SlotRow

router = APIRouter(prefix="/v1/schedules", tags=["schedules"], route_class=OneTurn)


@router.post("", status_code=201, response_model=ScheduleGiven)
def post(new: NewSchedule, change: ChangeOf) -> JSONResponse:
    """Add a schedule."""

    def make(session: Session) -> Answer:
        row = add_schedule(session, change.service.settings, new, change.who)
        location = f"/v1/schedules/{row.id}"
        return Answer.of(given(row), 201, Location=location, ETag=etag(row.version))

    return change.make(make)


@router.get("")
def get_all(session: Reading, page: PageOf) -> Page[ScheduleGiven]:
    """List schedules, newest first."""
    query = select(ScheduleRow).where(ScheduleRow.removed_at.is_(None))
    rows, following = newest_first(session, query, ScheduleRow, page)
    return Page(items=[given(row) for row in rows], next=following)


@router.get("/{schedule_id}")
def get(schedule_id: Id, session: Reading, response: Response) -> ScheduleGiven:
    """Give a schedule."""
    row = get_schedule(session, schedule_id)
    response.headers["ETag"] = etag(row.version)
    return given(row)


@router.patch("/{schedule_id}", response_model=ScheduleGiven)
def patch(schedule_id: Id, edit: ScheduleEdit, version: Expected, change: ChangeOf) -> JSONResponse:
    """Change a schedule."""

    def make(session: Session) -> Answer:
        row = get_schedule(session, schedule_id, locked=True)
        refuse_stale(row, version)
        edit_schedule(session, change.service.settings, row, edit, change.who)
        return Answer.of(given(row), ETag=etag(row.version))

    return change.make(make)


@router.delete("/{schedule_id}", response_model=ScheduleGiven)
def delete(schedule_id: Id, version: Expected, change: ChangeOf) -> JSONResponse:
    """Remove a schedule; a run of it that is under way leaves a plan, which goes no further."""

    def make(session: Session) -> Answer:
        row = get_schedule(session, schedule_id, locked=True)
        refuse_stale(row, version)
        told = given(row)
        remove_schedule(session, row, change.who.id)
        return Answer.of(told)

    return change.make(make)


@router.post("/{schedule_id}/fire", status_code=202)
def fire(schedule_id: Id, change: ChangeOf) -> JSONResponse:
    """Begin a run at once, besides the slots."""

    def make(session: Session) -> Answer:
        row = get_schedule(session, schedule_id, locked=True)
        run_id = fire_schedule(session, change.service.settings, row, change.who)
        return Answer(202, {"run_id": run_id}, {"Location": f"/v1/runs/{run_id}"})

    return change.make(make)


@router.get("/{schedule_id}/slots")
def slots(schedule_id: Id, session: Reading, page: PageOf) -> Page[SlotGiven]:
    """List the slots of a schedule, newest first."""
    get_schedule(session, schedule_id)
    query = select(SlotRow).where(SlotRow.schedule_id == schedule_id)
    rows, following = newest_first(session, query, SlotRow, page, moment="at", tie="schedule_id")
    return Page(items=[SlotGiven.model_validate(row) for row in rows], next=following)

"""/v1/runs"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.jobs.about import company_of
from api.jobs.payload import SolvePayload
from api.jobs.tasks.task import SOLVE
from api.routes.one_turn import OneTurn
from api.routes.requests import Caller, Change, ChangeOf, PageOf, Reading
from api.schemas.common import Id, Page
from api.schemas.runs import Kind, NewRun, RunGiven
from api.services.changes import Answer
from api.services.desk.runs import company_faults
from api.services.paging import newest_first
from api.services.runs import ask, get_run, note_checked, refuse_more, solve_payload, stop, told
from api.store.tables import RunRow, RunStatus

if TYPE_CHECKING:
    from collections.abc import Callable

router = APIRouter(prefix="/v1/runs", tags=["runs"], route_class=OneTurn)


@router.post("", status_code=202, response_model=RunGiven)
def post(new: NewRun, change: ChangeOf) -> JSONResponse:
    """Ask for a plan; with `validate_only`, only whether it could be made."""
    settings = change.service.settings
    faults = _faults(new, change) if new.validate_only else None

    def make(session: Session) -> Answer:
        payload = solve_payload(session, new, settings)
        if faults is None:
            row = ask(session, SOLVE, payload, change.who, settings)
        else:
            row = note_checked(session, SOLVE, payload, faults, change.who)
        return accepted(session, row, change)

    return change.make(make, refuse=at_quota(change) if faults is None else None)


def at_quota(change: Change) -> Callable[[Session], None]:
    """Return what refuses a caller who has as many runs as are allowed."""
    return lambda session: refuse_more(session, change.who.id, change.service.settings)


def accepted(session: Session, row: RunRow, change: Change) -> Answer:
    """Return the answer to a request for a run: where to look for it."""
    session.flush()
    (run,) = told(session, [row], change.who)
    return Answer.of(run, 202, Location=f"/v1/runs/{run.id}")


def _faults(new: NewRun, change: Change) -> list[str]:
    """Return every fault of what a run is asked about."""
    service = change.service
    with service.database.reading() as session:
        payload: SolvePayload = solve_payload(session, new, service.settings)
    tables = service.copies.directory(payload.snapshot_id)
    with service.database.reading() as session:
        company = company_of(session, payload, tables, service.settings.max_pairs)
    return service.clerk.ask(company_faults, company)


@router.get("")
def get_all(
    session: Reading,
    who: Caller,
    page: PageOf,
    status: Annotated[RunStatus | None, Query(description="only runs of this status")] = None,
    kind: Annotated[Kind | None, Query(description="only runs of this kind")] = None,
) -> Page[RunGiven]:
    """List runs, newest first."""
    query = select(RunRow)
    if status is not None:
        query = query.where(RunRow.status == status)
    if kind is not None:
        query = query.where(RunRow.kind == kind)
    rows, following = newest_first(session, query, RunRow, page)
    return Page(items=told(session, rows, who), next=following)


@router.get("/{run_id}")
def get(run_id: Id, session: Reading, who: Caller) -> RunGiven:
    """Give a run; while it solves, with the figures of its best plan so far."""
    return told(session, [get_run(session, run_id)], who)[0]


@router.post("/{run_id}/stop", response_model=RunGiven)
def post_stop(run_id: Id, change: ChangeOf) -> JSONResponse:
    """Stop a run; the best plan so far is kept."""

    def make(session: Session) -> Answer:
        row = stop(session, run_id, change.who)
        session.flush()
        return Answer.of(told(session, [row], change.who)[0])

    return change.make(make)

"""/v1/publications: drafts, and the steps until one is current."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Header, Query
from fastapi.responses import JSONResponse, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.routes.aside import PUBLISHING, aside
from api.routes.one_turn import OneTurn
from api.routes.requests import (
    Caller,
    Change,
    ChangeOf,
    Expected,
    PageOf,
    Reading,
    ServiceOf,
    etag,
    refuse_stale,
)
from api.schemas.common import Id, Page
from api.schemas.publications import (
    BreachGiven,
    DraftChange,
    NewPublication,
    PublicationGiven,
    Rejection,
    RollBack,
    Submission,
)
from api.services.access.principal import Principal
from api.services.changes import Answer
from api.services.holdings import Holdings
from api.services.paging import decode_cursor, encode_cursor, newest_first
from api.services.publications.approval import approve, judge, reject, submit
from api.services.publications.breaches import Judged, seen
from api.services.publications.coverage import foresee
from api.services.publications.drafts import add_draft, edit_draft, refuse_faulty_part
from api.services.publications.prepare import Prepared
from api.services.publications.publish import publish, take_effect
from api.services.publications.roll_back import roll_back, take_back
from api.services.publications.scope import (
    concerns,
    publication_given,
    refuse_beyond,
    refuse_unseen,
)
from api.services.publications.steps import get_publication, lock_publication
from api.store.tables import PublicationRow, PublicationStatus

router = APIRouter(prefix="/v1/publications", tags=["publications"], route_class=OneTurn)
ACCEPTED = 202


def given(row: PublicationRow, who: Principal, status: int = 200, **headers: str) -> Answer:
    """Return the answer that tells a publication."""
    return Answer.of(publication_given(row, who), status, ETag=etag(row.version), **headers)


@router.post("", status_code=201, response_model=PublicationGiven)
def post(new: NewPublication, change: ChangeOf) -> JSONResponse:
    """Draft the publication of a plan, or of a part of it."""
    refuse_faulty_part(change.service, new.plan, new.part, change.who)
    foreseen = foresee(change.service, new.plan, new.part)

    def make(session: Session) -> Answer:
        row = add_draft(session, new, change.who, foreseen)
        session.flush()
        return given(row, change.who, 201, Location=f"/v1/publications/{row.id}")

    return change.make(make)


@router.get("")
def get_all(
    session: Reading,
    who: Caller,
    page: PageOf,
    status: Annotated[PublicationStatus | None, Query(description="only of this status")] = None,
) -> Page[PublicationGiven]:
    """List publications, newest first; those of other teams are left out, so pages may be short."""
    query = select(PublicationRow)
    if status is not None:
        query = query.where(PublicationRow.status == status)
    rows, following = newest_first(session, query, PublicationRow, page)
    seen = [publication_given(row, who) for row in rows if concerns(who, row.part)]
    return Page(items=seen, next=following)


@router.get("/current", response_model=PublicationGiven, responses={304: {"model": None}})
def current(
    session: Reading,
    service: ServiceOf,
    who: Caller,
    if_none_match: Annotated[
        str | None, Header(alias="If-None-Match", max_length=1000, description="ETags you have")
    ] = None,
) -> Response:
    """Give the current publication; its ETag is its number."""
    now = Holdings.of(session, service.copies)
    tag = f'"{now.number}"'
    known = {part.strip().removeprefix("W/") for part in (if_none_match or "").split(",")}
    if tag in known or "*" in known:
        return Response(status_code=304, headers={"ETag": tag})
    told = publication_given(get_publication(session, now.publication_id), who)
    return JSONResponse(told.model_dump(mode="json"), headers={"ETag": tag})


@router.get("/{publication_id}", response_model=PublicationGiven)
def get(publication_id: Id, session: Reading, who: Caller) -> JSONResponse:
    """Give a publication."""
    row = get_publication(session, publication_id)
    refuse_unseen(who, row)
    answer = given(row, who)
    return JSONResponse(answer.body, headers=answer.headers)


@router.get("/{publication_id}/breaches")
def get_breaches(
    publication_id: Id, session: Reading, who: Caller, page: PageOf
) -> Page[BreachGiven]:
    """List the rules that a publication breaks, those of its own choice first; at most 1000."""
    row = get_publication(session, publication_id)
    refuse_unseen(who, row)
    start = 0 if page.cursor is None else decode_cursor(page.cursor, int)[0]
    listed = [] if row.breaches is None else seen(who, Judged.of_row(row.breaches).breaches.listed)
    items = [BreachGiven.model_validate(one) for one in listed[start : start + page.limit]]
    end = start + len(items)
    return Page(items=items, next=encode_cursor(end) if items and end < len(listed) else None)


@router.patch("/{publication_id}", response_model=PublicationGiven)
def patch(
    publication_id: Id, new: DraftChange, change: ChangeOf, version: Expected
) -> JSONResponse:
    """Change a draft: its part, its note, its date."""
    plan_id, foreseen = _seen_plan(change, publication_id), None
    if plan_id is not None and "part" in new.model_fields_set:
        refuse_faulty_part(change.service, plan_id, new.part, change.who)
        foreseen = foresee(change.service, plan_id, new.part)

    def edit(session: Session, row: PublicationRow) -> None:
        refuse_stale(row, version)
        edit_draft(session, row, new, change.who, foreseen)

    return _step(change, publication_id, edit)


@router.post("/{publication_id}/submit", response_model=PublicationGiven)
@aside(PUBLISHING)
def post_submit(
    publication_id: Id, change: ChangeOf, said: Submission | None = None
) -> JSONResponse:
    """Have the plan checked once more, with all that stays as it is, and ask for approval."""
    _seen_plan(change, publication_id)
    verdict = judge(change.service, publication_id)
    drop_most = said is not None and said.drop_most_leads

    def step(session: Session, row: PublicationRow) -> None:
        submit(session, row, change.who, verdict, drop_most=drop_most)

    return _step(change, publication_id, step)


@router.post("/{publication_id}/approve", response_model=PublicationGiven)
def post_approve(publication_id: Id, change: ChangeOf) -> JSONResponse:
    """Approve a submitted publication; it takes effect by hand, or at its date."""
    four_eyes = change.service.settings.four_eyes
    return _step(
        change,
        publication_id,
        lambda session, row: approve(session, row, change.who, four_eyes=four_eyes),
    )


@router.post("/{publication_id}/reject", response_model=PublicationGiven)
def post_reject(publication_id: Id, why: Rejection, change: ChangeOf) -> JSONResponse:
    """Reject what is not published; who plans takes back drafts and what they submitted."""
    return _step(
        change, publication_id, lambda session, row: reject(session, row, change.who, why.reason)
    )


@router.post(
    "/{publication_id}/publish",
    response_model=PublicationGiven,
    responses={ACCEPTED: {"model": PublicationGiven, "description": "it will be at its date"}},
)
@aside(PUBLISHING)
def post_publish(publication_id: Id, change: ChangeOf) -> JSONResponse:
    """Make an approved publication the current one; before its date, have it become so then."""

    def finish(ready: Prepared | None) -> JSONResponse:
        def make(session: Session) -> Answer:
            row = get_publication(session, publication_id)
            refuse_unseen(change.who, row)
            refuse_beyond(change.who, row.part)
            row = take_effect(session, publication_id, change.who.id, ready, change.who)
            return given(row, change.who, 200 if row.number is not None else ACCEPTED)

        return change.make(make)

    return publish(change.service, publication_id, finish)


@router.post("/{publication_id}/roll-back", status_code=201, response_model=PublicationGiven)
@aside(PUBLISHING)
def post_roll_back(
    publication_id: Id, change: ChangeOf, remark: RollBack | None = None
) -> JSONResponse:
    """Publish the assignment of an earlier publication again, as a new one."""

    def finish(ready: Prepared | None) -> JSONResponse:
        def make(session: Session) -> Answer:
            note = "" if remark is None else remark.note
            row = take_back(session, publication_id, note, change.who, ready)
            return given(row, change.who, 201, Location=f"/v1/publications/{row.id}")

        return change.make(make)

    return roll_back(change.service, publication_id, finish)


def _seen_plan(change: Change, publication_id: str) -> str | None:
    """Return the plan of a publication that the caller sees, before anything of it is told."""
    with change.service.database.reading() as session:
        row = get_publication(session, publication_id)
        refuse_unseen(change.who, row)
        return row.plan_id


def _step(
    change: Change, publication_id: str, step: Callable[[Session, PublicationRow], None]
) -> JSONResponse:
    """Take a step of a publication that nobody else changes meanwhile."""

    def make(session: Session) -> Answer:
        row = lock_publication(session, publication_id)
        refuse_unseen(change.who, row)
        step(session, row)
        return given(row, change.who)

    return change.make(make)

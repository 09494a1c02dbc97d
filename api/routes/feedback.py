"""/v1/feedback"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.routes.one_turn import OneTurn
from api.routes.requests import Caller, ChangeOf, PageOf, Reading, ServiceOf
from api.schemas.common import Key, Page
from api.schemas.feedback import FeedbackGiven, FeedbackSummary, FeedbackVerdict, NewFeedback
from api.services.changes import Answer
from api.services.feedback import add_feedback, summary
from api.services.holdings import Holdings
from api.services.paging import newest_first
from api.services.sight import Sight
from api.store.tables import FeedbackRow

router = APIRouter(prefix="/v1/feedback", tags=["feedback"], route_class=OneTurn)


@router.post("", status_code=201, response_model=FeedbackGiven)
def post(new: NewFeedback, change: ChangeOf) -> JSONResponse:
    """Say whether it is right who has a lead: a rep of the own leads, others of those they see."""

    def make(session: Session) -> Answer:
        now = Holdings.of(session, change.service.copies)
        row = add_feedback(session, now, new, change.who)
        return Answer.of(FeedbackGiven.model_validate(row), 201)

    return change.make(make)


@router.get("")
def get_all(
    session: Reading,
    service: ServiceOf,
    who: Caller,
    page: PageOf,
    lead_id: Annotated[Key | None, Query(description="only about this lead")] = None,
    verdict: Annotated[FeedbackVerdict | None, Query(description="only of this verdict")] = None,
) -> Page[FeedbackGiven]:
    """List feedback, newest first; that on leads of others is left out, so pages may be short."""
    query = select(FeedbackRow)
    if lead_id is not None:
        query = query.where(FeedbackRow.lead_id == lead_id)
    if verdict is not None:
        query = query.where(FeedbackRow.verdict == verdict)
    rows, following = newest_first(session, query, FeedbackRow, page)
    seen = Sight(session, service.copies, who).of({row.lead_id for row in rows})
    items = [FeedbackGiven.model_validate(row) for row in rows if row.lead_id in seen]
    return Page(items=items, next=following)


@router.get("/summary")
def get_summary(session: Reading, service: ServiceOf, who: Caller) -> FeedbackSummary:
    """Count feedback by rep, publication and verdict."""
    return FeedbackSummary(items=summary(session, Sight(session, service.copies, who)))

"""The leads of publications, as tables: assignments, what was refused, what changed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from api.errors import NotFoundError
from api.routes.lead_tables import KINDS, answer_table
from api.routes.requests import Caller, PageOf, Reading, ServiceOf
from api.schemas.common import Id, Page
from api.schemas.publications import AssignmentGiven, ChangeGiven, RefusedGiven
from api.services.access.visibility import visible
from api.services.desk.publication_files import ASSIGNMENT_FILE, REFUSED_FILE
from api.services.holdings import Holdings
from api.services.publications.differences import differences, get_number, seen_changes
from api.services.publications.steps import get_publication

router = APIRouter(prefix="/v1/publications", tags=["publications"])


@router.get("/current/assignments", response_model=Page[AssignmentGiven], responses=KINDS)
def current_assignments(
    request: Request, session: Reading, service: ServiceOf, who: Caller, page: PageOf
) -> Response:
    """List who has which lead now: the current publication, and what changed hands since."""
    now = Holdings.of(session, service.copies)
    return answer_table(
        request,
        now.path,
        page,
        who,
        AssignmentGiven,
        scratch=service.scratch,
        seen=lambda rows: visible(who, now.amended(rows)),
    )


@router.get("/changes", response_model=Page[ChangeGiven], responses=KINDS)
def changes(
    request: Request,
    session: Reading,
    service: ServiceOf,
    who: Caller,
    page: PageOf,
    since: Annotated[int, Query(ge=1, le=2**31 - 1, description="number of a publication")],
) -> Response:
    """List the leads that have another rep than they had in an earlier publication."""
    now = Holdings.of(session, service.copies)
    path = differences(service, get_number(session, since), now)
    return answer_table(
        request,
        path,
        page,
        who,
        ChangeGiven,
        scratch=service.scratch,
        seen=lambda rows: seen_changes(who, rows),
    )


@router.get("/{publication_id}/assignments", response_model=Page[AssignmentGiven], responses=KINDS)
def assignments(
    request: Request,
    publication_id: Id,
    session: Reading,
    service: ServiceOf,
    who: Caller,
    page: PageOf,
) -> Response:
    """List the whole assignment that a publication made current, as it was then."""
    refuse_unpublished(session, publication_id)
    path = service.copies.directory(publication_id) / ASSIGNMENT_FILE
    return answer_table(request, path, page, who, AssignmentGiven, scratch=service.scratch)


@router.get("/{publication_id}/refused", response_model=Page[RefusedGiven], responses=KINDS)
def refused(
    request: Request,
    publication_id: Id,
    session: Reading,
    service: ServiceOf,
    who: Caller,
    page: PageOf,
) -> Response:
    """List the leads that kept an owner whom the plan did not know."""
    refuse_unpublished(session, publication_id)
    path = service.copies.directory(publication_id) / REFUSED_FILE
    return answer_table(request, path, page, who, RefusedGiven, scratch=service.scratch)


def refuse_unpublished(session: Session, publication_id: str) -> None:
    """Raise NotFoundError unless there is such a publication, and it was published."""
    row = get_publication(session, publication_id)
    if row.number is None:
        raise NotFoundError(
            f"publication {publication_id} is {row.status} and has no leads yet; look at its plan"
        )

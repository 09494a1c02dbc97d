"""The leads of publications, as tables: assignments, what was refused, what changed."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response
from sqlalchemy.orm import Session

from api.errors import NotFoundError
from api.routes.one_turn import OneTurn
from api.routes.requests import Caller, Reading, ServiceOf
from api.routes.tables import FORMS, NamesOf, Wanted, WantedOf, version_of
from api.schemas.common import Id, Page
from api.schemas.publications import ChangeGiven, NamedPublishedLead, PublishedLead, RefusedGiven
from api.services.access.principal import Principal
from api.services.access.visibility import is_visible
from api.services.desk.publication_files import ASSIGNMENT_FILE, REFUSED_FILE
from api.services.holdings import Holdings
from api.services.publications.differences import differences, get_number, seen_changes
from api.services.publications.origin import origin_of
from api.services.publications.scope import refuse_unseen
from api.services.publications.steps import get_publication
from api.services.service import Service
from api.services.tables.names import adding_names
from api.services.tables.rows import Change, Rows

router = APIRouter(prefix="/v1/publications", tags=["publications"], route_class=OneTurn)


Leads = Page[PublishedLead] | Page[NamedPublishedLead]


@router.get("/current/assignments", response_model=Leads, responses=FORMS)
def current_assignments(
    session: Reading, service: ServiceOf, who: Caller, wanted: WantedOf, named: NamesOf
) -> Response:
    """List who has which lead now: the current publication, and what changed hands since."""
    now = Holdings.of(session, service.copies)
    kind, add = _kind_of(session, service, who, now.publication_id, named=named)

    def rows() -> Rows:
        columns, seen = tuple(kind.model_fields), partial(is_visible, who)
        return Rows(now.path, amend=now.amended, where=seen, columns=columns, add=add)

    return wanted.answer("current", kind, rows, version=version_of(now.version, named=named))


@router.get("/current/refused", response_model=Page[RefusedGiven], responses=FORMS)
def current_refused(
    session: Reading, service: ServiceOf, who: Caller, wanted: WantedOf
) -> Response:
    """List the leads of the current publication that kept their owner, as when it was made."""
    now = Holdings.of(session, service.copies)
    return _refused(service, who, wanted, now.publication_id)


@router.get("/changes", response_model=Page[ChangeGiven], responses=FORMS)
def changes(
    session: Reading,
    service: ServiceOf,
    who: Caller,
    wanted: WantedOf,
    since: Annotated[int, Query(ge=1, le=2**31 - 1, description="number of a publication")],
) -> Response:
    """List the leads that have another rep than in an earlier publication, or are in only one."""
    now = Holdings.of(session, service.copies)
    path = differences(service, get_number(session, since), now)

    def rows() -> Rows:
        columns, seen = tuple(ChangeGiven.model_fields), partial(seen_changes, who)
        return Rows(path, where=seen, columns=columns)

    return wanted.answer("changes", ChangeGiven, rows, version=now.version)


@router.get("/{publication_id}/assignments", response_model=Leads, responses=FORMS)
def assignments(
    publication_id: Id,
    session: Reading,
    service: ServiceOf,
    who: Caller,
    wanted: WantedOf,
    named: NamesOf,
) -> Response:
    """List who had which lead when a publication was made."""
    refuse_unpublished(session, publication_id, who)
    path = service.copies.directory(publication_id) / ASSIGNMENT_FILE
    kind, add = _kind_of(session, service, who, publication_id, named=named)

    def rows() -> Rows:
        columns, seen = tuple(kind.model_fields), partial(is_visible, who)
        return Rows(path, where=seen, columns=columns, add=add)

    return wanted.answer("assignments", kind, rows, version=version_of("", named=named))


@router.get("/{publication_id}/refused", response_model=Page[RefusedGiven], responses=FORMS)
def refused(
    publication_id: Id, session: Reading, service: ServiceOf, who: Caller, wanted: WantedOf
) -> Response:
    """List the leads that kept their owner: one whom the plan did not know, or because of a pin."""
    refuse_unpublished(session, publication_id, who)
    return _refused(service, who, wanted, publication_id)


def _refused(service: Service, who: Principal, wanted: Wanted, publication_id: str) -> Response:
    path = service.copies.directory(publication_id) / REFUSED_FILE

    def rows() -> Rows:
        columns, seen = tuple(RefusedGiven.model_fields), partial(is_visible, who)
        return Rows(path, where=seen, columns=columns)

    return wanted.answer("refused", RefusedGiven, rows, version=publication_id)


def _kind_of(
    session: Session, service: Service, who: Principal, publication_id: str, *, named: bool
) -> tuple[type[PublishedLead], Change | None]:
    """Return the kind of a publication's rows, and what adds the names to them, if wanted."""
    if not named:
        return PublishedLead, None
    origin = origin_of(session, publication_id)
    tables = None if origin is None else origin.tables
    return NamedPublishedLead, adding_names(service, who, tables)


def refuse_unpublished(session: Session, publication_id: str, who: Principal) -> None:
    """Raise NotFoundError unless there is such a publication, and it was published."""
    row = get_publication(session, publication_id)
    if row.number is None:
        refuse_unseen(who, row)
        raise NotFoundError(
            f"publication {publication_id} is {row.status} and has no leads yet; look at its plan"
        )

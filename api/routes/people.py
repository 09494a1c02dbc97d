"""/v1/snapshots/{id}/people, /v1/people/erase"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from api.routes.one_turn import OneTurn
from api.routes.requests import Caller, ChangeOf, PageOf, Reading, ServiceOf
from api.schemas.common import Id, Page, RecordId
from api.schemas.people import ErasedGiven, Erasure, PeopleTable, PersonGiven
from api.services.changes import Answer
from api.services.contacts import Contacts
from api.services.paging import MOST
from api.services.people import erase_person, people_of, people_page
from api.services.snapshots import get_snapshot

router = APIRouter(tags=["people"], route_class=OneTurn)


@router.get("/v1/snapshots/{snapshot_id}/people")
def get_people(
    snapshot_id: Id,
    session: Reading,
    service: ServiceOf,
    who: Caller,
    page: PageOf,
    table: PeopleTable,
    id: Annotated[
        list[RecordId] | None, Query(max_length=MOST, description="only these records")
    ] = None,
) -> Page[PersonGiven]:
    """List names and contacts, which are kept apart from the tables; a page may have fewer records
    than asked for where the caller does not see all.
    """
    get_snapshot(session, snapshot_id)
    if id is not None:
        found, following = people_of(session, snapshot_id, table, id), None
    else:
        found, following = people_page(session, snapshot_id, table, page)
    told = Contacts(session, service.copies, who, snapshot_id).told(table, found)
    items = [PersonGiven(id=one, values=found[one]) for one in found if one in told]
    return Page(items=items, next=following)


@router.post("/v1/people/erase", response_model=ErasedGiven)
def erase(person: Erasure, change: ChangeOf) -> JSONResponse:
    """Remove the names and contacts of one person from all snapshots, and the text of feedback and
    the reasons of pins and transfers on them; ids stay.
    """

    def make(session: Session) -> Answer:
        erased = erase_person(session, person.table, person.id, change.who.id)
        return Answer.of(ErasedGiven.model_validate(erased))

    answer = change.make(make)
    change.service.forget_people()
    return answer

"""/v1/pins"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.errors import NotFoundError
from api.jobs.about import pin_of
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
from api.schemas.common import Id, Key, Page
from api.schemas.pins import NewPin, PinChange, PinGiven
from api.services.changes import Answer
from api.services.paging import newest_first
from api.services.pinning import (
    look_around,
    refuse_contradicting,
    refuse_of_others,
    refuse_senseless,
)
from api.services.pins import (
    add_pin,
    change_pin,
    get_pin,
    lock_pin,
    pin_asked,
    remove_pin,
)
from api.services.sight import Sight
from api.services.turns import until_it_holds
from api.store.holding import holding_pins
from api.store.tables import PinRow

router = APIRouter(prefix="/v1/pins", tags=["pins"], route_class=OneTurn)


def given(row: PinRow, status: int = 200, **headers: str) -> Answer:
    """Return the answer that tells a pin."""
    return Answer.of(PinGiven.model_validate(row), status, ETag=etag(row.version), **headers)


@router.post("", status_code=201, response_model=PinGiven)
def post(new: NewPin, change: ChangeOf) -> JSONResponse:
    """Fix a lead to a rep, a team or a region, or keep it from one."""

    def attempt() -> JSONResponse:
        around = look_around(change.service, new.lead_id)

        def make(session: Session) -> Answer:
            sight = Sight(session, change.service.copies, change.who)
            sight.refuse_unknown(new.lead_id)
            refuse_senseless(sight, around, pin_asked(new))
            row = add_pin(session, new, change.who.id)
            return given(row, 201, Location=f"/v1/pins/{row.id}")

        return change.make(make)

    return until_it_holds(attempt)


@router.get("")
def get_all(
    session: Reading,
    service: ServiceOf,
    who: Caller,
    page: PageOf,
    lead_id: Annotated[Key | None, Query(description="only pins of this lead")] = None,
    holding: Annotated[
        bool, Query(description="only pins that were not removed and have not expired")
    ] = True,
) -> Page[PinGiven]:
    """List pins, newest first; those of leads of others are left out, so pages may be short."""
    query = holding_pins(session) if holding else select(PinRow)
    if lead_id is not None:
        query = query.where(PinRow.lead_id == lead_id)
    rows, following = newest_first(session, query, PinRow, page)
    seen = Sight(session, service.copies, who).of({row.lead_id for row in rows})
    items = [PinGiven.model_validate(row) for row in rows if row.lead_id in seen]
    return Page(items=items, next=following)


@router.get("/{pin_id}", response_model=PinGiven)
def get(pin_id: Id, session: Reading, service: ServiceOf, who: Caller) -> JSONResponse:
    """Give a pin."""
    row = get_pin(session, pin_id)
    refuse_unseen(Sight(session, service.copies, who), row)
    answer = given(row)
    return JSONResponse(answer.body, headers=answer.headers)


@router.patch("/{pin_id}", response_model=PinGiven)
def patch(pin_id: Id, new: PinChange, change: ChangeOf, version: Expected) -> JSONResponse:
    """Change the reason of a pin, or until when it holds."""

    lead_id = _own_pin(change, pin_id).lead_id

    def attempt() -> JSONResponse:
        around = look_around(change.service, lead_id)

        def make(session: Session) -> Answer:
            row = lock_pin(session, pin_id)
            sight = Sight(session, change.service.copies, change.who)
            refuse_unseen(sight, row)
            refuse_stale(row, version)
            if "expires_at" in new.model_fields_set and row.removed_at is None:
                later = pin_of(row).model_copy(update={"expires": new.expires_at})
                refuse_contradicting(sight, around, later)
            change_pin(session, row, new, change.who.id)
            return given(row)

        return change.make(make)

    return until_it_holds(attempt)


@router.delete("/{pin_id}", response_model=PinGiven)
def delete(pin_id: Id, change: ChangeOf, version: Expected) -> JSONResponse:
    """Remove a pin; that it was there stays known."""
    _own_pin(change, pin_id)

    def make(session: Session) -> Answer:
        row = lock_pin(session, pin_id)
        refuse_unseen(Sight(session, change.service.copies, change.who), row)
        refuse_stale(row, version)
        remove_pin(session, row, change.who.id)
        return given(row)

    return change.make(make)


def _own_pin(change: Change, pin_id: str) -> PinRow:
    """Return a pin that the caller sees and may change."""
    with change.service.database.reading() as session:
        row = get_pin(session, pin_id)
        refuse_unseen(Sight(session, change.service.copies, change.who), row)
    refuse_of_others(change.service, row, change.who)
    return row


def refuse_unseen(sight: Sight, row: PinRow) -> None:
    """Raise NotFoundError for a pin of a lead that the caller does not see."""
    if row.lead_id not in sight.of([row.lead_id]):
        raise NotFoundError(f"there is no pin {row.id!r}")

"""/v1/keys"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.routes.one_turn import OneTurn
from api.routes.requests import (
    Caller,
    ChangeOf,
    Expected,
    PageOf,
    Reading,
    etag,
    refuse_stale,
)
from api.schemas.common import Id, Page
from api.schemas.keys import KeyChange, KeyGiven, KeyMade, NewKey
from api.services.access.key_ring import change_key, get_key, make_key, revoke_key, sees
from api.services.access.unknown_limits import unknown_limits
from api.services.changes import Answer
from api.services.paging import newest_first
from api.store.tables import KeyRow

router = APIRouter(prefix="/v1/keys", tags=["keys"], route_class=OneTurn)

REPEATED = (
    "this request was sent before, and the key was told then: it is not kept, so it cannot be told "
    "again. Revoke this one and make another if its answer was lost"
)


@router.post("", status_code=201, response_model=KeyMade)
def post(new: NewKey, change: ChangeOf) -> JSONResponse:
    """Make a key, and tell it once; nobody can give what they have not."""

    with change.service.database.reading() as reading:
        warnings = unknown_limits(reading, change.service.copies, new)

    def make(session: Session) -> Answer:
        row, secret = make_key(session, new, change.who)
        told = {**_told(row), "key": None, "note": REPEATED, "warnings": warnings}
        made = KeyMade.model_validate(told)
        answer = Answer.of(made, 201, Location=f"/v1/keys/{row.id}", ETag=etag(row.version))
        # What is kept for a repeated request must not hold the key itself.
        return Answer(answer.status, answer.body, answer.headers, once={"key": secret, "note": ""})

    return change.make(make)


@router.get("")
def get_all(session: Reading, page: PageOf, who: Caller) -> Page[KeyGiven]:
    """List the keys that may no more than the caller, newest first, also revoked ones."""
    rows, following = newest_first(session, select(KeyRow), KeyRow, page)
    return Page(items=[given(row) for row in rows if sees(who, row)], next=following)


@router.get("/{key_id}")
def get(key_id: Id, session: Reading, who: Caller, response: Response) -> KeyGiven:
    """Give a key, but for the key itself."""
    row = get_key(session, key_id, who)
    response.headers["ETag"] = etag(row.version)
    return given(row)


@router.patch("/{key_id}", response_model=KeyGiven)
def patch(key_id: Id, new: KeyChange, change: ChangeOf, version: Expected) -> JSONResponse:
    """Give a key another name or expiry."""

    def make(session: Session) -> Answer:
        row = get_key(session, key_id, change.who, lock=True)
        refuse_stale(row, version)
        change_key(session, row, new, change.who)
        return Answer.of(given(row), ETag=etag(row.version))

    return change.make(make)


@router.delete("/{key_id}", response_model=KeyGiven)
def delete(key_id: Id, change: ChangeOf) -> JSONResponse:
    """Revoke a key, for ever and at once, with the sessions of browsers that signed in with it."""

    def make(session: Session) -> Answer:
        row = revoke_key(session, key_id, change.who)
        return Answer.of(given(row), ETag=etag(row.version))

    told = change.make(make)
    change.service.callers.forget()
    return told


def given(row: KeyRow) -> KeyGiven:
    """Return what is told of a key."""
    return KeyGiven.model_validate(_told(row))


def _told(row: KeyRow) -> dict[str, Any]:
    columns = {name: getattr(row, name) for name in KeyGiven.model_fields if hasattr(row, name)}
    limits = {name: row.limits.get(name) for name in ("rights", "teams", "regions", "rep_id")}
    return {**columns, **limits}

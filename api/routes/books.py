"""/v1/books: what a rep works now, and giving a lead by hand."""

from __future__ import annotations

import pyarrow.compute as pc
from fastapi import APIRouter
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session
from starlette.convertors import PathConvertor, register_url_convertor

from api.errors import NotFoundError
from api.routes.one_turn import OneTurn
from api.routes.requests import Caller, ChangeOf, PageOf, Reading, ServiceOf
from api.schemas.common import Key
from api.schemas.pool import BookGiven, BookLead, TransferGiven, Why
from api.services.access.roles import Right
from api.services.access.visibility import visible
from api.services.changes import Answer
from api.services.holdings import Holdings
from api.services.paging import decode_cursor, encode_cursor
from api.services.transfers.hands import override
from api.services.transfers.moving import refuse_unknown_rep


class _First(PathConvertor):
    """An id that ends where the next part of the address begins first: a lead's may hold that."""

    regex = ".*?"


register_url_convertor("first", _First())
router = APIRouter(prefix="/v1/books", tags=["books"], route_class=OneTurn)


@router.get("/{rep_id:path}")
def get(rep_id: Key, session: Reading, service: ServiceOf, who: Caller, page: PageOf) -> BookGiven:
    """Give the leads that a rep has now, by id: the own ones to a rep."""
    if Right.READ not in who.rights and rep_id != who.rep_id:
        raise NotFoundError(f"there is no book of {rep_id!r} for you; yours is {who.rep_id!r}")
    now = Holdings.of(session, service.copies)
    refuse_unknown_rep(now, who, rep_id)
    book = visible(who, now.book(rep_id)).sort_by("lead_id")
    start = 0 if page.cursor is None else decode_cursor(page.cursor, int)[0]
    items = [BookLead.model_validate(row) for row in book.slice(start, page.limit).to_pylist()]
    end = start + len(items)
    return BookGiven(
        rep_id=rep_id,
        team=now.team_of[rep_id],
        publication=now.number,
        leads=book.num_rows,
        expected_value=pc.sum(book["expected_value"]).as_py() or 0.0,
        items=items,
        next=encode_cursor(end) if items and end < book.num_rows else None,
    )


@router.post("/{rep_id:first}/leads/{lead_id:path}", response_model=TransferGiven)
def post(rep_id: Key, lead_id: Key, why: Why, change: ChangeOf) -> JSONResponse:
    """Give a lead to a rep by hand, whatever the rules say."""

    def make(session: Session) -> Answer:
        row = override(session, change.service.copies, lead_id, rep_id, why.reason, change.who)
        return Answer.of(TransferGiven.model_validate(row))

    return change.make(make)

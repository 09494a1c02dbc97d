"""/v1/pool: leads that nobody has, claims and returns."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from sqlalchemy.orm import Session

from api.routes.aside import CLAIMING, aside
from api.routes.one_turn import OneTurn
from api.routes.requests import Caller, ChangeOf, Reading, ServiceOf
from api.routes.tables import FORMS, WantedOf
from api.schemas.common import Key, Page
from api.schemas.pool import Claim, PoolLead, TransferGiven, Why
from api.services.access.visibility import is_visible
from api.services.changes import Answer
from api.services.holdings import Holdings
from api.services.tables.rows import Rows
from api.services.transfers.claims import Judged, claim, claimant, take
from api.services.transfers.hands import return_lead

router = APIRouter(prefix="/v1/pool", tags=["pool"], route_class=OneTurn)


@router.get("", response_model=Page[PoolLead], responses=FORMS)
def get(session: Reading, service: ServiceOf, who: Caller, wanted: WantedOf) -> Response:
    """List the leads that nobody has now."""
    now = Holdings.of(session, service.copies)

    def is_free(rows: pa.Table) -> pa.ChunkedArray:
        return pc.and_(pc.is_null(rows["rep_id"]), is_visible(who, rows))

    def rows() -> Rows:
        columns = tuple(PoolLead.model_fields)
        return Rows(now.path, amend=now.amended, where=is_free, columns=columns)

    return wanted.answer("pool", PoolLead, rows, version=now.version)


@router.post("/{lead_id:path}/claim", response_model=TransferGiven)
@aside(CLAIMING)
def post_claim(lead_id: Key, change: ChangeOf, wanted: Claim | None = None) -> JSONResponse:
    """Claim a lead: a rep for oneself, a planner for any rep."""
    service = change.service
    rep_id = claimant(change.who, None if wanted is None else wanted.rep_id)

    def finish(judged: Judged | None) -> JSONResponse:
        def make(session: Session) -> Answer:
            row = take(
                session, service.copies, service.settings, lead_id, rep_id, change.who, judged
            )
            return Answer.of(TransferGiven.model_validate(row))

        return change.make(make)

    return claim(service, lead_id, rep_id, finish)


@router.post("/{lead_id:path}/return", response_model=TransferGiven)
def post_return(lead_id: Key, why: Why, change: ChangeOf) -> JSONResponse:
    """Return a lead to the pool: a rep the own ones, a planner any."""

    def make(session: Session) -> Answer:
        row = return_lead(session, change.service.copies, lead_id, why.reason, change.who)
        return Answer.of(TransferGiven.model_validate(row))

    return change.make(make)

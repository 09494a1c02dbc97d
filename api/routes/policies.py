"""/v1/policies"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.routes.one_turn import OneTurn
from api.routes.requests import ChangeOf, PageOf, Reading, ServiceOf
from api.schemas.common import Id, Name, Page
from api.schemas.policies import NewPolicy, PolicyGiven, PolicyText, Sentences, Validity
from api.services.changes import Answer
from api.services.desk.policies import policy_faults
from api.services.paging import newest_first
from api.services.policies import add_policy, get_policy, parsed
from api.store.tables import PolicyRow

router = APIRouter(prefix="/v1/policies", tags=["policies"], route_class=OneTurn)


@router.post("", status_code=201, response_model=PolicyGiven)
def post(new: NewPolicy, change: ChangeOf) -> JSONResponse:
    """Keep a policy, as the next version of its name."""

    def make(session: Session) -> Answer:
        row = add_policy(session, new, change.who.id)
        session.flush()
        return Answer.of(PolicyGiven.model_validate(row), 201, Location=f"/v1/policies/{row.id}")

    return change.make(make)


@router.get("")
def get_all(
    session: Reading,
    page: PageOf,
    name: Annotated[Name | None, Query(description="only versions of this name")] = None,
) -> Page[PolicyGiven]:
    """List versions of policies, newest first."""
    query = select(PolicyRow)
    if name is not None:
        query = query.where(PolicyRow.name == name)
    rows, following = newest_first(session, query, PolicyRow, page)
    return Page(items=[PolicyGiven.model_validate(row) for row in rows], next=following)


@router.post("/validate")
def validate(text: PolicyText, service: ServiceOf) -> Validity:
    """Tell whether a policy can be used, and fits tables, without keeping it."""
    tables = None if text.snapshot is None else service.copies.directory(text.snapshot)
    faults, sentences = service.desk.ask(policy_faults, text.text, tables)
    return Validity(valid=not faults, faults=faults, sentences=sentences)


@router.get("/{policy_id}")
def get(policy_id: Id, session: Reading) -> PolicyGiven:
    """Give a version of a policy."""
    return PolicyGiven.model_validate(get_policy(session, policy_id))


@router.get("/{policy_id}/sentences")
def sentences(policy_id: Id, session: Reading) -> Sentences:
    """Tell a policy in plain English."""
    return Sentences(sentences=parsed(get_policy(session, policy_id)).describe())

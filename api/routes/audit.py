"""/v1/audit"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BeforeValidator

from api.routes.one_turn import OneTurn
from api.routes.requests import PageOf, Reading
from api.schemas.audit import AuditCheck, AuditGiven, AuditHead
from api.schemas.common import Moment, Name, Page
from api.services.audit import Wanted, audit_head, audit_page, check_audit

router = APIRouter(prefix="/v1/audit", tags=["audit"], route_class=OneTurn)


def _written_as_a_date(text: object) -> object:
    # A number would be taken for seconds since 1970.
    if isinstance(text, str) and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise ValueError("is no date; write it as YYYY-MM-DD")
    return text


Day = Annotated[date, BeforeValidator(_written_as_a_date)]


@router.get("")
def get_all(
    session: Reading,
    page: PageOf,
    subject: Annotated[Name | None, Query(description="the id of what was changed")] = None,
    actor: Annotated[Name | None, Query(description="who did it, as key:ID")] = None,
    action: Annotated[Name | None, Query(description="what was done")] = None,
    since: Annotated[Moment | None, Query(description="not before this moment")] = None,
    until: Annotated[Moment | None, Query(description="before this moment")] = None,
) -> Page[AuditGiven]:
    """List changes, newest first."""
    wanted = Wanted(subject, actor, action, since, until)
    rows, following = audit_page(session, wanted, page)
    return Page(items=[AuditGiven.model_validate(row) for row in rows], next=following)


@router.get("/head")
def head(
    session: Reading,
    day: Annotated[Day | None, Query(description="the last of this day, in UTC")] = None,
) -> AuditHead:
    """Give the newest row's hash, to be kept where this installation's owner cannot change it."""
    if day is None or day == date.max:
        return audit_head(session)
    return audit_head(session, datetime.combine(day, time(), UTC) + timedelta(days=1))


@router.get("/verify")
def verify(session: Reading) -> AuditCheck:
    """Tell whether the trail is as it was written, and name the first row that is not."""
    return check_audit(session)

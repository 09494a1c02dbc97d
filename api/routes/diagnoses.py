"""/v1/diagnoses"""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from api.jobs.tasks.task import DIAGNOSE
from api.routes.one_turn import OneTurn
from api.routes.requests import ChangeOf
from api.routes.runs import accepted, at_quota
from api.schemas.runs import NewDiagnosis, RunGiven
from api.services.changes import Answer
from api.services.runs import ask, diagnose_payload

router = APIRouter(prefix="/v1/diagnoses", tags=["diagnoses"], route_class=OneTurn)


@router.post("", status_code=202, response_model=RunGiven)
def post(new: NewDiagnosis, change: ChangeOf) -> JSONResponse:
    """Ask why there is no plan, and what to relax; the run's `result` will tell."""
    settings = change.service.settings

    def make(session: Session) -> Answer:
        payload = diagnose_payload(session, new, settings)
        return accepted(session, ask(session, DIAGNOSE, payload, change.who, settings), change)

    return change.make(make, refuse=at_quota(change))

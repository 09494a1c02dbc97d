"""/v1/scenarios"""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.routes.one_turn import OneTurn
from api.routes.requests import ChangeOf, PageOf, Reading
from api.schemas.common import Id, Page
from api.schemas.scenarios import NewScenario, ScenarioGiven
from api.services.changes import Answer
from api.services.paging import newest_first
from api.services.scenarios import add_scenario, get_scenario, told
from api.store.tables import ScenarioRow

router = APIRouter(prefix="/v1/scenarios", tags=["scenarios"], route_class=OneTurn)


@router.post("", status_code=201, response_model=ScenarioGiven)
def post(new: NewScenario, change: ChangeOf) -> JSONResponse:
    """Keep a scenario; runs plan it."""

    def make(session: Session) -> Answer:
        row = add_scenario(session, new, change.who.id)
        return Answer.of(told(row), 201, Location=f"/v1/scenarios/{row.id}")

    return change.make(make)


@router.get("")
def get_all(session: Reading, page: PageOf) -> Page[ScenarioGiven]:
    """List scenarios, newest first."""
    rows, following = newest_first(session, select(ScenarioRow), ScenarioRow, page)
    return Page(items=[told(row) for row in rows], next=following)


@router.get("/{scenario_id}")
def get(scenario_id: Id, session: Reading) -> ScenarioGiven:
    """Give a scenario."""
    return told(get_scenario(session, scenario_id))

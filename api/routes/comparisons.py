"""/v1/comparisons"""

from __future__ import annotations

from fastapi import APIRouter

from api.errors import InvalidRequestError
from api.routes.one_turn import OneTurn
from api.routes.requests import Caller, ServiceOf
from api.schemas.comparisons import ComparisonGiven, NewComparison
from api.services.desk.comparisons import compare_plans
from api.services.plans.plans import get_plan

router = APIRouter(prefix="/v1/comparisons", tags=["comparisons"], route_class=OneTurn)


@router.post("")
def post(new: NewComparison, service: ServiceOf, who: Caller) -> ComparisonGiven:
    """Tell what plans have in common and where they differ; nothing is kept of it."""
    if len(set(new.plans)) < len(new.plans):
        raise InvalidRequestError("a plan is named twice; name each plan once")
    with service.database.reading() as session:
        for plan_id in new.plans:
            get_plan(session, plan_id)
    directories = {plan_id: service.copies.directory(plan_id) for plan_id in new.plans}
    return service.desk.ask(compare_plans, directories, new.by, new.moves, who)

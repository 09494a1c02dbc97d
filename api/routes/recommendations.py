"""/v1/recommendations"""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from api.errors import ForbiddenError, NotFoundError
from api.routes.requests import Caller, ServiceOf
from api.schemas.recommendations import NewRecommendation, Recommendations
from api.services.desk.routing import prepare, rank
from api.services.plans.plans import current_plan_id, get_plan, sources_of

router = APIRouter(prefix="/v1/recommendations", tags=["recommendations"])


@router.post("", response_model=Recommendations)
def post(new: NewRecommendation, service: ServiceOf, who: Caller) -> Response:
    """Rank reps for new leads by a plan's prices, without solving again; nothing is kept of it."""
    if not who.sees_all:
        raise ForbiddenError(
            "a recommendation looks at all reps, so who is limited to teams or regions may not ask "
            "for one; use a key without such limits"
        )
    with service.database.reading() as session:
        current = current_plan_id(session)
        plan_id = new.plan or current
        if plan_id is None:
            raise NotFoundError("nothing is published yet; name a plan, or publish one")
        if plan_id != current:
            sources = sources_of(session, service.copies, get_plan(session, plan_id))
    if plan_id == current:
        told = service.routing.rank(plan_id, new.leads, new.top)
    else:
        service.desk.prepare(prepare, sources)
        told = service.desk.ask(rank, sources, new.leads, new.top)
    # It is JSON already.
    content = b'{"plan":"%b","rankings":%b}' % (plan_id.encode(), told)
    return Response(content, media_type="application/json")

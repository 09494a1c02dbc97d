"""/v1/recommendations"""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from api.errors import NotFoundError
from api.routes.one_turn import OneTurn
from api.routes.requests import ServiceOf
from api.schemas.recommendations import NewRecommendation, Recommendations
from api.services.desk.routing import prepare, rank
from api.services.plans.plans import get_plan, sources_of
from api.services.service import Service

router = APIRouter(prefix="/v1/recommendations", tags=["recommendations"], route_class=OneTurn)


@router.post("", response_model=Recommendations)
async def post(new: NewRecommendation, service: ServiceOf) -> Response:
    """Rank reps for new leads by a plan's prices, without solving again; nothing is kept of it."""
    current = await service.routing.current()
    plan_id = new.plan or current
    if plan_id is None:
        raise NotFoundError("nothing is published yet; name a plan, or publish one")
    if plan_id == current:
        told = await service.routing.rank(plan_id, new.leads, new.top)
    else:
        told = await run_in_threadpool(_ranked_by_another, service, plan_id, new)
    # It is JSON already.
    content = b'{"plan":"%b","rankings":%b}' % (plan_id.encode(), told)
    return Response(content, media_type="application/json")


def _ranked_by_another(service: Service, plan_id: str, new: NewRecommendation) -> bytes:
    with service.database.reading() as session:
        sources = sources_of(session, service.copies, get_plan(session, plan_id))
    service.desk.prepare(prepare, sources)
    return service.desk.ask(rank, sources, new.leads, new.top)

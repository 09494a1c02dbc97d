"""/v1/recommendations"""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from api.errors import BusyError, NotFoundError
from api.routes.one_turn import OneTurn
from api.routes.requests import ServiceOf
from api.schemas.recommendations import NewRecommendation, Recommendations
from api.services.desk.routing import Books, prepare, rank
from api.services.known_people import counts_companies, erasures_of, people_behind
from api.services.plans.plans import get_plan, sources_of
from api.services.service import Service

router = APIRouter(prefix="/v1/recommendations", tags=["recommendations"], route_class=OneTurn)


@router.post("", response_model=Recommendations)
async def post(new: NewRecommendation, service: ServiceOf) -> Response:
    """Rank reps for new leads by a plan's prices, without solving again; nothing is kept of it.

    The current plan is asked with books as they are now, any other one with its own.
    """
    current = await service.routing.current()
    if current is None and new.plan is None:
        raise NotFoundError("nothing is published yet; name a plan, or publish one")
    if current is not None and new.plan in (None, current.plan_id):
        plan_id = current.plan_id
        told = await service.routing.rank(current, new.leads, new.top)
    else:
        plan_id = str(new.plan)
        told = await run_in_threadpool(_ranked_by_another, service, plan_id, new)
    # It is JSON already.
    content = b'{"plan":"%b","rankings":%b}' % (plan_id.encode(), told)
    return Response(content, media_type="application/json")


def _ranked_by_another(service: Service, plan_id: str, new: NewRecommendation) -> bytes:
    with service.database.reading() as session:
        sources = sources_of(session, service.copies, get_plan(session, plan_id))
        erasures = erasures_of(session, plan_id) if counts_companies(sources) else None
    books = Books(sources)
    service.desk.prepare(prepare, books)
    told = service.desk.ask(rank, books, new.leads, new.top, erasures)
    if told is None:
        with service.database.reading() as session:
            people = people_behind(session, plan_id)
        service.desk.prepare(prepare, books, people)
        told = service.desk.ask(rank, books, new.leads, new.top, erasures)
    if told is None:
        # Others asked about another plan in between.
        raise BusyError(f"plan {plan_id} is being prepared; try again soon")
    return told

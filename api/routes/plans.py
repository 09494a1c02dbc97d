"""/v1/plans"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response
from sqlalchemy import select

from api.routes.one_turn import OneTurn
from api.routes.requests import Caller, PageOf, Reading, ServiceOf
from api.routes.tables import FORMS, LeadsOf, NamesOf, WantedOf, version_of
from api.schemas.common import Id, Page, RecordId
from api.schemas.plans import (
    AssignmentGiven,
    Explanation,
    KpisGiven,
    MoveGiven,
    NamedAssignment,
    PlanGiven,
    PlanSentence,
    PlanSentences,
    PlanSource,
    PriceGiven,
    RepGiven,
    UnassignedGiven,
)
from api.services.desk.explanations import why_not_of, why_of
from api.services.desk.planned import Sources, prepare_planned
from api.services.paging import newest_first
from api.services.plans.explained import held_now, why_not_seen, why_seen
from api.services.plans.figures import kpis_given, plan_given
from api.services.plans.plans import get_plan, sources_of
from api.services.plans.source import source_of
from api.services.plans.tables import (
    assignment_rows,
    move_rows,
    price_rows,
    refuse_hidden_lead,
    refuse_hidden_rep,
    rep_rows,
    unassigned_rows,
    visible_reps,
)
from api.services.service import Service
from api.services.tables.names import adding_names
from api.store.tables import PlanRow
from models.explanation import WhyNot
from models.plan import PlanRecord

router = APIRouter(prefix="/v1/plans", tags=["plans"], route_class=OneTurn)

LeadId = Annotated[RecordId, Path(description="of the company's own")]
MOST_OTHERS = 50


@router.get("")
def get_all(
    session: Reading,
    who: Caller,
    page: PageOf,
    run: Annotated[Id | None, Query(description="only what this run left")] = None,
    snapshot: Annotated[Id | None, Query(description="only of these tables")] = None,
    scenario: Annotated[Id | None, Query(description="only of this scenario")] = None,
) -> Page[PlanGiven]:
    """List plans, newest first."""
    query = select(PlanRow)
    wanted = ((PlanRow.run_id, run), (PlanRow.snapshot_id, snapshot))
    for column, value in (*wanted, (PlanRow.scenario_id, scenario)):
        if value is not None:
            query = query.where(column == value)
    rows, following = newest_first(session, query, PlanRow, page)
    return Page(items=[plan_given(row, who) for row in rows], next=following)


@router.get("/{plan_id}")
def get(plan_id: Id, session: Reading, who: Caller) -> PlanGiven:
    """Give a plan's header and figures."""
    return plan_given(get_plan(session, plan_id), who)


@router.get("/{plan_id}/kpis")
def kpis(plan_id: Id, session: Reading, who: Caller) -> KpisGiven:
    """Give a plan's figures: of the whole, per measure, and by grade, region and team."""
    return kpis_given(PlanRecord.model_validate(get_plan(session, plan_id).record), who)


@router.get("/{plan_id}/sentences")
def sentences(plan_id: Id, session: Reading, who: Caller) -> PlanSentences:
    """Tell a plan's rules in plain English, and whether it keeps them."""
    record = PlanRecord.model_validate(get_plan(session, plan_id).record)
    told = [PlanSentence.model_validate(sentence) for sentence in record.sentences]
    # They name leads and reps.
    breaches = list(record.breaches) if who.sees_all else []
    return PlanSentences(sentences=told, breaches=breaches)


@router.get("/{plan_id}/source")
def source(plan_id: Id, session: Reading, service: ServiceOf) -> PlanSource:
    """Give plan.json, the policy and the remarks, which with the tables are the whole plan."""
    return source_of(get_plan(session, plan_id), service.copies.directory(plan_id))


Assignments = Page[AssignmentGiven] | Page[NamedAssignment]


@router.get("/{plan_id}/assignments", response_model=Assignments, responses=FORMS)
def assignments(
    plan_id: Id,
    session: Reading,
    service: ServiceOf,
    who: Caller,
    wanted: WantedOf,
    leads: LeadsOf,
    named: NamesOf,
) -> Response:
    """Give who works each lead, by lead_id."""
    plan = get_plan(session, plan_id)
    directory = service.copies.directory(plan_id)
    kind = NamedAssignment if named else AssignmentGiven
    add = adding_names(service, who, plan.snapshot_id) if named else None
    return wanted.answer(
        "assignments",
        kind,
        lambda: assignment_rows(directory, who, leads, tuple(kind.model_fields), add),
        version=version_of("", named=named),
    )


@router.get("/{plan_id}/unassigned", response_model=Page[UnassignedGiven], responses=FORMS)
def unassigned(
    plan_id: Id,
    session: Reading,
    service: ServiceOf,
    who: Caller,
    wanted: WantedOf,
    leads: LeadsOf,
) -> Response:
    """Give the leads that nobody works, each with the reason, by lead_id."""
    get_plan(session, plan_id)
    directory = service.copies.directory(plan_id)
    return wanted.answer(
        "unassigned", UnassignedGiven, lambda: unassigned_rows(directory, who, leads)
    )


@router.get("/{plan_id}/moves", response_model=Page[MoveGiven], responses=FORMS)
def moves(
    plan_id: Id,
    session: Reading,
    service: ServiceOf,
    who: Caller,
    wanted: WantedOf,
    leads: LeadsOf,
) -> Response:
    """Give the owned leads that their owner does not keep, by lead_id."""
    get_plan(session, plan_id)
    directory = service.copies.directory(plan_id)
    return wanted.answer("moves", MoveGiven, lambda: move_rows(directory, who, leads))


@router.get("/{plan_id}/reps", response_model=Page[RepGiven], responses=FORMS)
def reps(
    plan_id: Id, session: Reading, service: ServiceOf, who: Caller, wanted: WantedOf
) -> Response:
    """Give the reps' loads, limits and prices."""
    get_plan(session, plan_id)
    directory = service.copies.directory(plan_id)
    return wanted.answer("reps", RepGiven, lambda: rep_rows(directory, who))


@router.get("/{plan_id}/prices", response_model=Page[PriceGiven], responses=FORMS)
def prices(
    plan_id: Id, session: Reading, service: ServiceOf, who: Caller, wanted: WantedOf
) -> Response:
    """Give what one more unit of each limit is worth."""
    get_plan(session, plan_id)
    directory = service.copies.directory(plan_id)
    return wanted.answer("prices", PriceGiven, lambda: price_rows(directory, who))


@router.get("/{plan_id}/leads/{lead_id:path}/why-not/{rep_id:path}")
def why_not(
    plan_id: Id,
    lead_id: LeadId,
    rep_id: Annotated[RecordId, Path(description="of the company's own")],
    service: ServiceOf,
    who: Caller,
) -> WhyNot:
    """Tell why a lead is not with a rep, or what that would cost."""
    sources = _sources(service, plan_id)
    refuse_hidden_lead(sources.plan, who, lead_id)
    refuse_hidden_rep(sources.plan, who, rep_id)
    service.desk.prepare(prepare_planned, sources)
    told = service.desk.ask(why_not_of, sources, lead_id, rep_id)
    return why_not_seen(told, sources.plan, who)


@router.get("/{plan_id}/leads/{lead_id:path}")
def explanation(
    plan_id: Id,
    lead_id: LeadId,
    service: ServiceOf,
    who: Caller,
    others: Annotated[
        int, Query(ge=0, le=MOST_OTHERS, description="how many other reps to tell of")
    ] = 3,
) -> Explanation:
    """Tell why a lead is where the plan has it, and who has it now."""
    sources = _sources(service, plan_id)
    refuse_hidden_lead(sources.plan, who, lead_id)
    service.desk.prepare(prepare_planned, sources)
    reps = None if who.sees_all else visible_reps(sources.plan, who)
    told = why_seen(service.desk.ask(why_of, sources, lead_id, others, reps), sources.plan, who)
    with service.database.reading() as session:
        now = held_now(session, service.copies, lead_id)
    return Explanation.model_validate({**told.model_dump(), "now": now})


def _sources(service: Service, plan_id: str) -> Sources:
    # The transaction ends here: an answer may take a while, and others wait for connections.
    with service.database.reading() as session:
        return sources_of(session, service.copies, get_plan(session, plan_id))

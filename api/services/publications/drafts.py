"""Drafts of publications."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from api.errors import InvalidRequestError, NotFoundError
from api.services.desk.parts import part_faults
from api.services.publications.scope import refuse_beyond
from api.services.publications.steps import Step, refuse_illegal
from api.services.snapshots import get_snapshot
from api.store.audit import append_audit
from api.store.columns import new_id
from api.store.dialect import now
from api.store.tables import PlanRow, PublicationRow, PublicationStatus
from api.store.withdrawal import refuse_withdrawn

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from api.schemas.publications import DraftChange, NewPublication, Part
    from api.services.access.principal import Principal
    from api.services.service import Service
    from api.store.columns import Json

FARTHEST = timedelta(days=366)
"""How far ahead a publication may be dated: it, its plan and their names are kept until then."""


def add_draft(
    session: Session, new: NewPublication, who: Principal, foreseen: Json | None = None
) -> PublicationRow:
    """Keep a draft.

    Parameters
    ----------
    foreseen : which leads it would bring and drop, where somebody wants to know

    Raises
    ------
    NotFoundError : there is no such plan
    InvalidRequestError : the plan breaks rules, or the date is too far ahead
    WithdrawnError : the tables that it was made from are withdrawn
    ForbiddenError : it reaches beyond the caller's teams or regions
    """
    _refuse_far(session, new.effective_at)
    plan = get_feasible_plan(session, new.plan)
    part = _told(new.part)
    refuse_beyond(who, part)
    row = PublicationRow(
        id=new_id(),
        plan_id=plan.id,
        status=PublicationStatus.DRAFT,
        version=1,
        part=part,
        note=new.note,
        effective_at=new.effective_at,
        foreseen=foreseen,
        created_at=now(session),
        created_by=who.id,
    )
    session.add(row)
    detail = {"plan": plan.id, "part": part, "effective_at": _text(row)}
    append_audit(session, who.id, "publication_drafted", row.id, detail)
    return row


def edit_draft(
    session: Session,
    row: PublicationRow,
    change: DraftChange,
    who: Principal,
    foreseen: Json | None = None,
) -> None:
    """Change what of a draft is given; the rest stays.

    Raises
    ------
    IllegalStepError : it is no draft any more
    InvalidRequestError : the date is too far ahead
    ForbiddenError : it reaches, or would reach, beyond the caller's teams or regions
    """
    refuse_illegal(row, Step.EDIT)
    refuse_beyond(who, row.part)
    before = {"part": row.part, "effective_at": _text(row)}
    given = change.model_fields_set
    if "part" in given:
        row.part, row.foreseen = _told(change.part), foreseen
        refuse_beyond(who, row.part)
    if "effective_at" in given:
        _refuse_far(session, change.effective_at)
        row.effective_at = change.effective_at
    if change.note is not None:
        row.note = change.note
    row.version += 1
    after = {"part": row.part, "effective_at": _text(row)}
    detail = {"before": before, "after": after, "note_changed": change.note is not None}
    append_audit(session, who.id, "publication_edited", row.id, detail)


def get_feasible_plan(session: Session, plan_id: str) -> PlanRow:
    """Return a plan that passed the checker when it was made.

    Raises
    ------
    NotFoundError : there is no such plan
    InvalidRequestError : it breaks rules
    WithdrawnError : the tables that it was made from are withdrawn
    """
    plan = session.get(PlanRow, plan_id)
    if plan is None:
        raise NotFoundError(f"there is no plan {plan_id!r}")
    if plan.record.get("feasible") is not True:
        breaches = "; ".join(plan.record.get("breaches", ())[:3])
        raise InvalidRequestError(
            f"plan {plan_id} breaks rules{f' ({breaches})' if breaches else ''}; only a plan that "
            "keeps every rule can be published"
        )
    if plan.snapshot_id is not None:
        refuse_withdrawn(get_snapshot(session, plan.snapshot_id))
    return plan


def refuse_unpublishable(session: Session, row: PublicationRow) -> None:
    """Raise as `get_feasible_plan` of a publication's plan; one that restores another has none."""
    if row.plan_id is not None:
        get_feasible_plan(session, row.plan_id)


def refuse_faulty_part(service: Service, plan_id: str, part: Part | None, who: Principal) -> None:
    """Raise InvalidRequestError if a part names teams or regions of which the plan has none.

    Raises
    ------
    NotFoundError : there is no such plan
    ForbiddenError : it reaches beyond the caller's teams or regions
    """
    # What the plan has beyond them is nothing to tell, not even as the nearest of a misspelt name.
    refuse_beyond(who, _told(part))
    if part is None:
        return
    with service.database.reading() as session:
        get_feasible_plan(session, plan_id)
    directory = service.copies.directory(plan_id)
    faults = service.desk.ask(part_faults, directory, part.teams, part.regions)
    if faults:
        raise InvalidRequestError(f"the part cannot be published: {' '.join(faults)}")


def _refuse_far(session: Session, effective_at: datetime | None) -> None:
    if effective_at is None:
        return
    last = now(session) + FARTHEST
    if effective_at > last:
        raise InvalidRequestError(
            f"effective_at is {effective_at:%Y-%m-%d}, and a publication may be dated at most "
            f"{FARTHEST.days} days ahead, until {last:%Y-%m-%d}. Is the year right? For later, "
            "make a plan of the tables of then"
        )


def _told(part: Part | None) -> Json | None:
    return None if part is None else part.model_dump()


def _text(row: PublicationRow) -> str | None:
    return None if row.effective_at is None else row.effective_at.isoformat()

"""Submitting a publication, and deciding about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.errors import ForbiddenError, InvalidRequestError
from api.services.access.roles import Right
from api.services.desk.checks import verdict_of
from api.services.plans.plans import kept_sources
from api.services.publications.breaches import refuse_broken
from api.services.publications.coverage import refuse_most_gone
from api.services.publications.drafts import get_feasible_plan, refuse_unpublishable
from api.services.publications.prepare import prepared
from api.services.publications.scope import refuse_beyond
from api.services.publications.steps import Step, get_publication, is_legal, refuse_illegal
from api.store.audit import append_audit
from api.store.dialect import now
from api.store.tables import PublicationStatus

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from api.services.access.principal import Principal
    from api.services.publications.prepare import Prepared
    from api.services.service import Service
    from api.store.tables import PublicationRow

SHOWN = 5


@dataclass(frozen=True)
class Verdict:
    """What the independent checker says of a plan as it is kept.

    Attributes
    ----------
    again : whether every rule was read again; not where the tables are no longer kept, and then
        what the checker said when the plan was made counts
    faults : what does not hold, in sentences
    ready : what would become current, and what it breaks; None if that is left until then
    """

    again: bool
    faults: tuple[str, ...]
    ready: Prepared | None = None


def judge(service: Service, publication_id: str) -> Verdict | None:
    """Have the plan of a draft checked once more, from the files that would be published, and held
    against its rules together with all that stays as it is.

    Returns
    -------
    verdict : None where it is no draft, so that there is nothing to judge
    """
    with service.database.reading() as session:
        row = get_publication(session, publication_id)
        if not is_legal(row, Step.SUBMIT) or row.plan_id is None:
            return None
        plan = get_feasible_plan(session, row.plan_id)
        sources = kept_sources(session, service.copies, plan)
    again, faults = service.clerk.ask(
        verdict_of, service.copies.directory(plan.id), plan.hash, sources
    )
    if faults:
        return Verdict(again, faults)
    with prepared(service, publication_id, Step.SUBMIT) as ready:
        return Verdict(again, (), ready)


def submit(
    session: Session,
    row: PublicationRow,
    who: Principal,
    verdict: Verdict | None,
    *,
    drop_most: bool = False,
) -> None:
    """Ask for approval; from here on it cannot change.

    Parameters
    ----------
    drop_most : whether most leads of the current publication may be gone afterwards

    Raises
    ------
    IllegalStepError : it is no draft
    InvalidRequestError : its plan does not pass the checker
    LeavesOutError : most leads would be gone, and that is not said to be meant
    BreachError : with all that stays as it is, it would break rules that hold today
    ForbiddenError : it reaches beyond the caller's teams or regions
    """
    refuse_illegal(row, Step.SUBMIT)
    refuse_beyond(who, row.part)
    if verdict is None or verdict.faults:
        faults = () if verdict is None else verdict.faults
        more = f" and {len(faults) - SHOWN:,} more" if len(faults) > SHOWN else ""
        raise InvalidRequestError(
            f"plan {row.plan_id} does not pass the checker: {'; '.join(faults[:SHOWN])}{more}. "
            "Plan again, and draft a publication of the new plan"
        )
    row.drops_most = drop_most
    if verdict.ready is not None:
        refuse_harmful(verdict.ready, who, drop_most=drop_most)
        _keep_outlook(row, verdict.ready)
    _move(row, PublicationStatus.SUBMITTED)
    row.submitted_at, row.submitted_by = now(session), who.id
    row.submitted_as = sorted(who.person)
    detail = {"plan": row.plan_id, "checked_again": verdict.again}
    append_audit(session, who.id, "publication_submitted", row.id, detail)


def refuse_harmful(ready: Prepared, who: Principal | None, *, drop_most: bool) -> None:
    """Raise the error that tells why a publication cannot be submitted as things are now, if any.

    Parameters
    ----------
    who : asks, and is told of what concerns others only that it is so; None is told all
    drop_most : whether most leads of the current publication may be gone afterwards

    Raises
    ------
    LeavesOutError : most leads would be gone, and that is not said to be meant
    BreachError : with all that stays as it is, it would break rules that hold today
    """
    refuse_most_gone(ready.assembled.counts, allowed=drop_most)
    if ready.judged is not None:
        refuse_broken(ready.judged, who)


def _keep_outlook(row: PublicationRow, ready: Prepared) -> None:
    """Keep what a publication would do as things are now."""
    told = {name: ready.assembled.counts[name] for name in ("leads", "new", "gone")}
    row.foreseen = {"against": ready.basis.number, **told}
    if ready.judged is not None:
        row.breaches = ready.judged.row()


def approve(session: Session, row: PublicationRow, who: Principal, *, four_eyes: bool) -> None:
    """Approve a submitted publication.

    Raises
    ------
    IllegalStepError : it is not submitted
    ForbiddenError : the person who calls submitted it, and another one must approve; or it reaches
        beyond the caller's teams or regions
    WithdrawnError : the tables of its plan are withdrawn
    """
    refuse_illegal(row, Step.APPROVE)
    refuse_beyond(who, row.part)
    refuse_unpublishable(session, row)
    if four_eyes and who.is_same_person(row.submitted_as or ()):
        raise ForbiddenError(
            "you submitted it yourself, if with another key or sign-in, or made the schedule that "
            "did, so somebody else must approve it"
        )
    _move(row, PublicationStatus.APPROVED)
    row.decided_at, row.decided_by = now(session), who.id
    append_audit(session, who.id, "publication_approved", row.id, {"plan": row.plan_id})


def reject(session: Session, row: PublicationRow, who: Principal, reason: str) -> None:
    """Reject a publication that is not published: a draft, what was submitted, what was approved.

    Raises
    ------
    IllegalStepError : it is published, or rejected already
    ForbiddenError : it reaches beyond the caller's teams or regions, or it is submitted by somebody
        else, or approved, and the caller approves nothing
    """
    refuse_illegal(row, Step.REJECT)
    refuse_beyond(who, row.part)
    if Right.APPROVE not in who.rights and not _may_take_back(row, who):
        raise ForbiddenError(
            f"publication {row.id} is {row.status}; who plans takes back drafts, and what they "
            "submitted themselves until it is approved. Ask somebody who approves to reject it"
        )
    turn_down(session, row, who.id, reason)


def _may_take_back(row: PublicationRow, who: Principal) -> bool:
    if row.status == PublicationStatus.SUBMITTED:
        return who.is_same_person(row.submitted_as or ())
    return row.status == PublicationStatus.DRAFT


def turn_down(session: Session, row: PublicationRow, actor: str, reason: str) -> None:
    """Reject a publication for whoever may."""
    _move(row, PublicationStatus.REJECTED)
    row.decided_at, row.decided_by, row.reason = now(session), actor, reason
    # It may have waited for its date.
    row.published_by = None
    append_audit(session, actor, "publication_rejected", row.id, {"plan": row.plan_id})


def _move(row: PublicationRow, status: PublicationStatus) -> None:
    row.status = status
    row.version += 1

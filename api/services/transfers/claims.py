"""Claiming a lead from the pool: whether the rules allow it is asked before, what may move is
looked at under the lock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import select

from api.errors import ConflictError, ForbiddenError, InvalidRequestError, NotFoundError
from api.services.access.roles import Right
from api.services.desk.claims import Asked, claim_faults
from api.services.holdings import Holdings
from api.services.pins import pins_of
from api.services.publications.origin import Origin, origin_of
from api.services.transfers.moving import held_lead, refuse_unknown_rep, transfer
from api.services.turns import MovedError, turn, until_it_holds
from api.store.current import lock_current
from api.store.dialect import now
from api.store.tables import TransferKind, TransferRow

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from api.services.access.principal import Principal
    from api.services.service import Service
    from api.settings import Settings
    from api.store.copies import Copies
    from api.store.tables import PinRow

Told = TypeVar("Told")


@dataclass(frozen=True)
class Judged:
    """Whether the rules let a rep have a lead, beside the book that the rep has.

    Attributes
    ----------
    number : of the current publication; book : the leads of the rep; pins : ids of the lead's
    faults : why not, in sentences
    """

    number: int
    book: frozenset[str]
    pins: frozenset[str]
    faults: tuple[str, ...]


def claimant(who: Principal, rep_id: str | None) -> str:
    """Return for which rep somebody claims.

    Raises
    ------
    InvalidRequestError : they are no rep, and name none
    ForbiddenError : they name another rep, and only planners may
    """
    wanted = rep_id or who.rep_id
    if wanted is None:
        raise InvalidRequestError("say for which rep: you are no rep yourself, so send rep_id")
    if wanted != who.rep_id and Right.PLAN not in who.rights:
        raise ForbiddenError("you may claim for yourself only; leave rep_id out")
    return wanted


def claim(
    service: Service, lead_id: str, rep_id: str, finish: Callable[[Judged | None], Told]
) -> Told:
    """Ask whether the rules allow a claim, and return what `finish` makes of it, which calls
    `take`.

    Parameters
    ----------
    finish : is called again with a new judgement if the rep's book moved meanwhile; it gets None
        where there is nothing to judge

    Raises
    ------
    ConflictError : something moved each time
    BusyError : others claim for too long
    """
    with turn(service.turns.claiming, service.settings.answer_seconds):
        return until_it_holds(lambda: finish(_judge(service, lead_id, rep_id)))


def take(
    session: Session,
    copies: Copies,
    settings: Settings,
    lead_id: str,
    rep_id: str,
    who: Principal,
    judged: Judged | None,
) -> TransferRow:
    """Give a lead of the pool to a rep.

    Raises
    ------
    NotFoundError : there is no such lead or rep, or not for the caller
    ConflictError : somebody has the lead, the rep returned it lately, has claimed enough, or the
        rules keep the rep from it
    MovedError : the rep's book has changed since it was judged
    """
    lock_current(session)
    holdings = Holdings.of(session, copies)
    refuse_unknown_rep(holdings, who, rep_id)
    lead = held_lead(holdings, who, lead_id)
    if lead.rep_id is not None:
        raise ConflictError(f"lead {lead_id!r} is not in the pool: somebody has it")
    _refuse_cooling(session, settings, lead_id, rep_id)
    _refuse_greedy(holdings, settings, rep_id)
    if judged is None or (judged.number, judged.book, judged.pins) != (
        holdings.number,
        _book(holdings, rep_id),
        frozenset(pin.id for pin in pins_of(session, lead_id)),
    ):
        raise MovedError
    if judged.faults:
        raise ConflictError(
            f"rep {rep_id!r} cannot have lead {lead_id!r}: {'; '.join(judged.faults)}"
        )
    return transfer(session, holdings, lead, rep_id, TransferKind.CLAIM, "", who.id)


def _judge(service: Service, lead_id: str, rep_id: str) -> Judged | None:
    with service.database.reading() as session:
        try:
            holdings = Holdings.of(session, service.copies)
        except NotFoundError:
            return None
        found = holdings.leads([lead_id]).to_pylist()
        if not found or found[0]["rep_id"] is not None or rep_id not in holdings.team_of:
            return None
        pins = pins_of(session, lead_id)
        origin = origin_of(session, holdings.publication_id)
    book = _book(holdings, rep_id)
    faults = _faults(service, origin, Asked(lead_id, rep_id, tuple(sorted(book)), _told(pins)))
    return Judged(holdings.number, book, frozenset(pin.id for pin in pins), tuple(faults))


def _faults(service: Service, origin: Origin | None, asked: Asked) -> list[str]:
    if origin is None:
        return [
            "the rules cannot be asked, because the tables of the plan behind the current "
            "publication are not kept any more; ask a planner to give it to you"
        ]
    tables, plan = (service.copies.directory(owner) for owner in (origin.tables, origin.plan))
    with TemporaryDirectory(dir=service.scratch) as scratch:
        return service.desk.ask(claim_faults, tables, plan, asked, Path(scratch))


def _told(pins: list[PinRow]) -> tuple[dict[str, str | None], ...]:
    return tuple(
        {
            "lead_id": pin.lead_id,
            "rep_id": pin.rep_id,
            "kind": pin.kind,
            "team": pin.team,
            "region": pin.region,
        }
        for pin in pins
    )


def _book(holdings: Holdings, rep_id: str) -> frozenset[str]:
    return frozenset(holdings.book(rep_id)["lead_id"].to_pylist())


def _refuse_cooling(session: Session, settings: Settings, lead_id: str, rep_id: str) -> None:
    """Raise ConflictError if a rep has returned a lead lately."""
    since = now(session) - timedelta(hours=settings.claim_cool_down_hours)
    returned = session.scalars(
        select(TransferRow.at)
        .where(
            TransferRow.lead_id == lead_id,
            TransferRow.from_rep == rep_id,
            TransferRow.kind == TransferKind.RETURN,
            TransferRow.at > since,
        )
        .order_by(TransferRow.at.desc())
        .limit(1)
    ).one_or_none()
    if returned is not None:
        free = returned + timedelta(hours=settings.claim_cool_down_hours)
        raise ConflictError(
            f"rep {rep_id!r} returned lead {lead_id!r} and may claim it again from "
            f"{free:%Y-%m-%d %H:%M} UTC; until then it is for others"
        )


def _refuse_greedy(holdings: Holdings, settings: Settings, rep_id: str) -> None:
    """Raise ConflictError if a rep has as many claimed leads as one may have."""
    claimed = sum(
        row.to_rep == rep_id and row.kind == TransferKind.CLAIM for row in holdings.moved.values()
    )
    if claimed >= settings.claims_per_rep:
        raise ConflictError(
            f"rep {rep_id!r} has claimed {claimed} leads since the last publication; at most "
            f"{settings.claims_per_rep} are allowed until the next one"
        )

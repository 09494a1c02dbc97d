"""What a publication is made from, as it stands: it holds only while none of it has moved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from api.services.desk.publication_files import Current, Moved
from api.services.snapshots import newest_or_none
from api.store.holding import holding_pins
from api.store.tables import CurrentRow, PinRow, TransferKind, TransferRow

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from api.store.copies import Copies


@dataclass(frozen=True)
class Basis:
    """What can move.

    Attributes
    ----------
    number, publication_id : of the current publication; 0 and None before the first
    transfers : ids of those that count
    newest : id of the newest tables
    pins : those that hold, each with its version
    """

    number: int
    publication_id: str | None
    transfers: tuple[str, ...]
    newest: str | None
    pins: tuple[str, ...] = ()


def basis_of(session: Session, as_of: datetime | None) -> Basis:
    """Return what a publication would be made from now.

    Parameters
    ----------
    as_of : of the plan's tables; None where no plan is published
    """
    current = session.scalars(select(CurrentRow)).one()
    newest = newest_or_none(session)
    moved = transfers_since(session, current.number, as_of)
    return Basis(
        number=current.number,
        publication_id=current.publication_id,
        transfers=tuple(row.id for row in moved),
        newest=None if newest is None else newest.id,
        pins=() if as_of is None else _pins(session),
    )


def _pins(session: Session) -> tuple[str, ...]:
    query = holding_pins(session).with_only_columns(PinRow.id, PinRow.version)
    return tuple(f"{pin_id} {version}" for pin_id, version in session.execute(query.order_by("id")))


def transfers_since(session: Session, number: int, as_of: datetime | None) -> list[TransferRow]:
    """Return what changed hands since a publication, or since tables were true, oldest first."""
    counts = TransferRow.publication_number == number
    if as_of is not None:
        counts = or_(counts, TransferRow.at > as_of)
    query = select(TransferRow).where(counts).order_by(TransferRow.at, TransferRow.id)
    return list(session.scalars(query))


def moved_of(rows: list[TransferRow]) -> tuple[Moved, ...]:
    """Return transfers as the desk takes them."""
    return tuple(
        Moved(
            row.lead_id,
            row.to_rep,
            row.at,
            row.publication_number,
            by_hand=row.kind == TransferKind.OVERRIDE,
        )
        for row in rows
    )


def current_of(basis: Basis, copies: Copies) -> Current | None:
    """Return the current publication with its files; None before the first."""
    if basis.publication_id is None:
        return None
    return Current(basis.number, copies.directory(basis.publication_id))

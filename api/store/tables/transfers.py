"""The table of leads that changed hands since the last publication, one by one."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from api.store.columns import ID_LENGTH, NAME_LENGTH, WORD_LENGTH, Table, one_of


class TransferKind(StrEnum):
    """How a lead changed hands."""

    CLAIM = "claim"
    RETURN = "return"
    OVERRIDE = "override"


class TransferRow(Table):
    """A lead that changed hands between two publications; the next one holds the outcome.

    Attributes
    ----------
    publication_number : the current one when it happened; only the current one's transfers count
    from_rep, to_rep : null is the pool
    """

    __tablename__ = "transfers"
    __table_args__ = (
        one_of("kind", TransferKind),
        Index(None, "publication_number", "lead_id"),
        Index(None, "at", "id"),
    )

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    publication_number: Mapped[int]
    lead_id: Mapped[str] = mapped_column(String(NAME_LENGTH))
    from_rep: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    to_rep: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    kind: Mapped[str] = mapped_column(String(WORD_LENGTH))
    reason: Mapped[str]
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(NAME_LENGTH))

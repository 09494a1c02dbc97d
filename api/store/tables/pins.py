"""The table of pins that people set one by one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from api.store.columns import ID_LENGTH, NAME_LENGTH, WORD_LENGTH, Table


class PinRow(Table):
    """A lead pinned to, or kept from, a rep, the reps of a team, or those who cover a region.

    Attributes
    ----------
    kind : fixed or forbidden
    rep_id, team, region : exactly one
    version : grows with each change, for ETags
    expires_at, removed_at : since when it holds no more; null while it does
    """

    __tablename__ = "pins"
    __table_args__ = (Index(None, "lead_id"), Index(None, "created_at", "id"))

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    lead_id: Mapped[str] = mapped_column(String(NAME_LENGTH))
    kind: Mapped[str] = mapped_column(String(WORD_LENGTH))
    rep_id: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    team: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    region: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    reason: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    expires_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(NAME_LENGTH))
    removed_at: Mapped[datetime | None]
    removed_by: Mapped[str | None] = mapped_column(String(NAME_LENGTH))

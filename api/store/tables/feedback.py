"""The table of what people say about assignments."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from api.store.columns import ID_LENGTH, NAME_LENGTH, WORD_LENGTH, Table


class FeedbackRow(Table):
    """What somebody says about a lead's assignment.

    Attributes
    ----------
    rep_id : who had the lead then; null for nobody
    publication_number : of the assignment
    verdict : good or bad
    """

    __tablename__ = "feedback"
    __table_args__ = (Index(None, "created_at", "id"),)

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    lead_id: Mapped[str] = mapped_column(String(NAME_LENGTH))
    rep_id: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    publication_number: Mapped[int]
    verdict: Mapped[str] = mapped_column(String(WORD_LENGTH))
    text: Mapped[str]
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(NAME_LENGTH))

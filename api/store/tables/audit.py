"""The tables of the audit trail."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from api.store.columns import HASH_LENGTH, NAME_LENGTH, WORD_LENGTH, Table


class AuditRow(Table):
    """An accepted change; each row's hash covers the one before it.

    Attributes
    ----------
    number : 1, 2, 3 ... without a gap
    actor, action, subject : who did what to which id
    detail : old and new values, never a name, a contact or a secret
    """

    __tablename__ = "audit"
    __table_args__ = (Index(None, "subject"),)

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(NAME_LENGTH))
    action: Mapped[str] = mapped_column(String(WORD_LENGTH))
    subject: Mapped[str] = mapped_column(String(NAME_LENGTH))
    detail: Mapped[dict[str, Any]]
    previous_hash: Mapped[str] = mapped_column(String(HASH_LENGTH))
    hash: Mapped[str] = mapped_column(String(HASH_LENGTH))


class AuditHeadRow(Table):
    """The end of the audit chain: one row, which whoever appends locks."""

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]
    hash: Mapped[str] = mapped_column(String(HASH_LENGTH))

"""The table of answers to requests that had an idempotency key."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from api.store.columns import HASH_LENGTH, NAME_LENGTH, Table


class AnswerRow(Table):
    """What a request was answered, written in the transaction of its effect.

    Attributes
    ----------
    caller, key : a caller's repeated key is the same request, and gets the same answer
    request_hash : tells another request with the same key
    status, headers, body : the answer
    """

    __tablename__ = "answers"
    __table_args__ = (Index(None, "created_at"),)

    caller: Mapped[str] = mapped_column(String(NAME_LENGTH), primary_key=True)
    key: Mapped[str] = mapped_column(String(NAME_LENGTH), primary_key=True)
    request_hash: Mapped[str] = mapped_column(String(HASH_LENGTH))
    status: Mapped[int]
    headers: Mapped[dict[str, Any]]
    body: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]

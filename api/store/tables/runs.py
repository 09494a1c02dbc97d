"""The table of runs."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.store.columns import HASH_LENGTH, ID_LENGTH, NAME_LENGTH, WORD_LENGTH, Table, one_of


class RunStatus(StrEnum):
    """Where a run is."""

    CREATED = "created"
    INVALID = "invalid"
    QUEUED = "queued"
    SOLVING = "solving"
    SOLVED = "solved"
    FAILED = "failed"
    CANCELLED = "cancelled"


class RunRow(Table):
    """One execution of an engine.

    Attributes
    ----------
    payload : what the kind of run needs; payload_hash : of it and the kind, tells a repeated
        request from another one with the same key
    publishes : whether its plan becomes the current one at its end
    caller, idempotency_key : who asked; a caller's repeated key is the same request
    attempts : how many workers have begun it; token : grows with each, and every write of a worker
        must name it, so that one who lost the run cannot write
    worker, beats : who has it, and how many signs of life there were of it
    progress : what the worker last told; cancel_requested : what it hears at its next beat
    result : what it found besides a plan; null without
    reason : why it ended or was put back
    created_at, queued_at, started_at, progressed_at, ended_at : asked for; ready to be taken; taken
        by its last worker; its first progress, when the problem is built; ended
    """

    __tablename__ = "runs"
    __table_args__ = (
        UniqueConstraint("caller", "idempotency_key"),
        one_of("status", RunStatus),
        Index(None, "status", "queued_at"),
        Index(None, "caller", "started_at"),
        Index(None, "created_at", "id"),
    )

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    kind: Mapped[str] = mapped_column(String(WORD_LENGTH))
    payload: Mapped[dict[str, Any]]
    payload_hash: Mapped[str] = mapped_column(String(HASH_LENGTH))
    publishes: Mapped[bool]
    caller: Mapped[str] = mapped_column(String(NAME_LENGTH))
    idempotency_key: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    status: Mapped[str] = mapped_column(String(WORD_LENGTH))
    attempts: Mapped[int] = mapped_column(default=0)
    token: Mapped[int] = mapped_column(default=0)
    worker: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    beats: Mapped[int] = mapped_column(default=0)
    progress: Mapped[dict[str, Any] | None]
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    result: Mapped[dict[str, Any] | None]
    reason: Mapped[str | None]
    created_at: Mapped[datetime]
    queued_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    progressed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

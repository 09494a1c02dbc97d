"""The tables of runs and of what they leave."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.store.columns import HASH_LENGTH, ID_LENGTH, NAME_LENGTH, WORD_LENGTH, Table


class RunStatus(StrEnum):
    """Where a run is."""

    CREATED = "created"
    QUEUED = "queued"
    SOLVING = "solving"
    SOLVED = "solved"
    FAILED = "failed"
    CANCELLED = "cancelled"


class PublicationStatus(StrEnum):
    """Where a publication is."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"


def _one_of(values: type[StrEnum]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"status IN ({listed})", name="status")


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
    worker, lease_until : who has it, and until when without another sign of life
    progress : what the worker last told; cancel_requested : what it hears at its next beat
    reason : why it ended or was put back
    created_at, queued_at, started_at, progressed_at, ended_at : asked for; ready to be taken; taken
        by its last worker; its first progress, when the problem is built; ended
    """

    __tablename__ = "runs"
    __table_args__ = (
        UniqueConstraint("caller", "idempotency_key"),
        _one_of(RunStatus),
        Index(None, "status", "queued_at"),
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
    lease_until: Mapped[datetime | None]
    progress: Mapped[dict[str, Any] | None]
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str | None]
    created_at: Mapped[datetime]
    queued_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    progressed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class PlanRow(Table):
    """What a solved run leaves: exactly one per run.

    Attributes
    ----------
    hash : of its assignments; record : its plan.json; directory : of its files, in the data
    """

    __tablename__ = "plans"
    __table_args__ = (UniqueConstraint("run_id"),)

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id"))
    hash: Mapped[str] = mapped_column(String(HASH_LENGTH))
    record: Mapped[dict[str, Any]]
    directory: Mapped[str]
    created_at: Mapped[datetime]


class PublicationRow(Table):
    """A plan on its way to being the current one.

    Attributes
    ----------
    number : 1, 2, 3 ... without a gap, given when it is published; null before
    """

    __tablename__ = "publications"
    __table_args__ = (
        UniqueConstraint("number"),
        _one_of(PublicationStatus),
        CheckConstraint(
            "(number IS NOT NULL) = (status IN ('published', 'superseded'))", name="number"
        ),
    )

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    plan_id: Mapped[str] = mapped_column(ForeignKey("plans.id"))
    number: Mapped[int | None]
    status: Mapped[str] = mapped_column(String(WORD_LENGTH))
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]


class CurrentRow(Table):
    """The pointer to the current publication: one row, which whoever publishes locks.

    Attributes
    ----------
    number : of the current publication; 0 before the first
    """

    __tablename__ = "current"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]
    publication_id: Mapped[str | None] = mapped_column(ForeignKey("publications.id"))


class AuditRow(Table):
    """An accepted change; each row's hash covers the one before it.

    Attributes
    ----------
    number : 1, 2, 3 ... without a gap
    actor, action, subject : who did what to which id
    """

    __tablename__ = "audit"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(NAME_LENGTH))
    action: Mapped[str] = mapped_column(String(WORD_LENGTH))
    subject: Mapped[str] = mapped_column(String(ID_LENGTH))
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

"""The tables of publications."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.store.columns import HASH_LENGTH, ID_LENGTH, NAME_LENGTH, WORD_LENGTH, Table, one_of


class PublicationStatus(StrEnum):
    """Where a publication is."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"


class PublicationRow(Table):
    """A plan, or a part of one, on its way to being the current assignment.

    Once published, the whole assignment, what changed and what was refused are kept as files under
    its id.

    Attributes
    ----------
    plan_id : what it publishes; restores : the number of the publication it rolls back to, instead
    number : 1, 2, 3 ... without a gap, given when it is published; null before
    version : grows with each step, for ETags
    part : {"teams": [...], "regions": [...]} that it is limited to; null is the whole plan
    effective_at : from when on it may be published; null at once
    submitted_by, decided_by, published_by : who took the step, and when; null before; who wants it
        published at its date stands in published_by ahead of it
    submitted_as : names of the person who submitted it
    reason : of a rejection, or why a schedule made it
    hash : of the whole assignment; counts : leads, assigned, taken, changed,
        refused, new, gone; both null before publishing
    foreseen : leads, new and gone as of when it was drafted, edited or submitted, and against which
        number; null where no person drafted it
    drops_most : whether most leads of the publication before may be gone afterwards
    breaches : which rules the whole would break, as it was found when it was submitted or, later,
        published; null before, and where it rolls back
    """

    __tablename__ = "publications"
    __table_args__ = (
        UniqueConstraint("number"),
        one_of("status", PublicationStatus),
        CheckConstraint(
            "(number IS NOT NULL) = (status IN ('published', 'superseded'))", name="number"
        ),
        CheckConstraint("(plan_id IS NULL) <> (restores IS NULL)", name="origin"),
        Index(None, "created_at", "id"),
    )

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    plan_id: Mapped[str | None] = mapped_column(ForeignKey("plans.id"))
    restores: Mapped[int | None]
    number: Mapped[int | None]
    status: Mapped[str] = mapped_column(String(WORD_LENGTH))
    version: Mapped[int] = mapped_column(default=1)
    part: Mapped[dict[str, Any] | None]
    note: Mapped[str] = mapped_column(default="")
    effective_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(NAME_LENGTH))
    submitted_at: Mapped[datetime | None]
    submitted_by: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    submitted_as: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    reason: Mapped[str | None]
    published_at: Mapped[datetime | None]
    published_by: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    hash: Mapped[str | None] = mapped_column(String(HASH_LENGTH))
    counts: Mapped[dict[str, Any] | None]
    foreseen: Mapped[dict[str, Any] | None]
    drops_most: Mapped[bool] = mapped_column(default=False)
    breaches: Mapped[dict[str, Any] | None]


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

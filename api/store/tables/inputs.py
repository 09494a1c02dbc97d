"""The tables of what a plan is made from: snapshots, policies and scenarios. None ever changes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.store.columns import HASH_LENGTH, ID_LENGTH, NAME_LENGTH, Table


class SnapshotRow(Table):
    """The company's tables at a moment. They are kept as files under its id.

    Attributes
    ----------
    as_of : when they were true; timezone, currency : as its header
    content_hash : of what is kept
    source : `upload`, or the schedule that read them
    summary : rows per table, and how many issues of each kind
    removed_at : when retention took the files away; the row stays, so that plans keep their origin
    erasures : how many persons were erased from its file of names and contacts
    withdrawn_at, withdrawn_by, withdrawn_why : since when nothing goes by it any more; null while
        it may
    """

    __tablename__ = "snapshots"
    __table_args__ = (Index(None, "created_at", "id"),)

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    as_of: Mapped[datetime]
    timezone: Mapped[str] = mapped_column(String(NAME_LENGTH))
    currency: Mapped[str] = mapped_column(String(3))
    content_hash: Mapped[str] = mapped_column(String(HASH_LENGTH))
    source: Mapped[str] = mapped_column(String(NAME_LENGTH))
    summary: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(NAME_LENGTH))
    removed_at: Mapped[datetime | None]
    erasures: Mapped[int] = mapped_column(default=0)
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    withdrawn_why: Mapped[str | None]


class PolicyRow(Table):
    """A version of a policy.

    Attributes
    ----------
    name, version : 1, 2, 3 ... of the same name
    text : the file; hash : SHA-256 of it
    """

    __tablename__ = "policies"
    __table_args__ = (UniqueConstraint("name", "version"), Index(None, "created_at", "id"))

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    version: Mapped[int]
    text: Mapped[str]
    hash: Mapped[str] = mapped_column(String(HASH_LENGTH))
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(NAME_LENGTH))


class ScenarioRow(Table):
    """A base and named changes.

    Attributes
    ----------
    text : the scenario file, in YAML
    """

    __tablename__ = "scenarios"
    __table_args__ = (Index(None, "created_at", "id"),)

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    snapshot_id: Mapped[str] = mapped_column(ForeignKey("snapshots.id"))
    policy_id: Mapped[str] = mapped_column(ForeignKey("policies.id"))
    text: Mapped[str]
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(NAME_LENGTH))

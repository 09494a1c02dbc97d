"""The tables of schedules and their slots."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.store.columns import ID_LENGTH, NAME_LENGTH, WORD_LENGTH, Table, one_of


class SlotStatus(StrEnum):
    """What became of a slot."""

    FIRED = "fired"
    MISSED = "missed"


class ScheduleRow(Table):
    """A run that is asked for again and again.

    Attributes
    ----------
    cron : five fields; timezone : IANA name of the zone they are read in
    task : what each run does
    next_at : the next slot; null while it is not enabled
    person : names of all who made or changed it
    looked_at : when that was found: a clock that shows less was set back since
    version : grows with each change, for ETags
    """

    __tablename__ = "schedules"
    __table_args__ = (UniqueConstraint("name"), Index(None, "next_at"))

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    cron: Mapped[str] = mapped_column(String(NAME_LENGTH))
    timezone: Mapped[str] = mapped_column(String(NAME_LENGTH))
    task: Mapped[dict[str, Any]]
    enabled: Mapped[bool]
    next_at: Mapped[datetime | None]
    looked_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(NAME_LENGTH))
    person: Mapped[list[str]]
    removed_at: Mapped[datetime | None]


class SlotRow(Table):
    """A moment at which a schedule was due: however many schedulers look, it is one row.

    Attributes
    ----------
    run_id : what it began; null where it was missed, because a later slot was due, too
    """

    __tablename__ = "slots"
    __table_args__ = (one_of("status", SlotStatus),)

    schedule_id: Mapped[str] = mapped_column(ForeignKey("schedules.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(String(WORD_LENGTH))
    run_id: Mapped[str | None] = mapped_column(ForeignKey("runs.id"))
    fired_at: Mapped[datetime]

"""The table of plans."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.store.columns import HASH_LENGTH, ID_LENGTH, Table


class PlanRow(Table):
    """What a solved run leaves: at most one per run. Its directory is kept as files under its id.

    Attributes
    ----------
    snapshot_id, policy_id, scenario_id : what it was made from; null where the run had none
    origin : what it was made from besides, that may change later: the pins in force
    hash : of its assignments; record : its plan.json
    """

    __tablename__ = "plans"
    __table_args__ = (UniqueConstraint("run_id"), Index(None, "created_at", "id"))

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id"))
    snapshot_id: Mapped[str | None] = mapped_column(ForeignKey("snapshots.id"))
    policy_id: Mapped[str | None] = mapped_column(ForeignKey("policies.id"))
    scenario_id: Mapped[str | None] = mapped_column(ForeignKey("scenarios.id"))
    origin: Mapped[dict[str, Any]] = mapped_column(default=dict)
    hash: Mapped[str] = mapped_column(String(HASH_LENGTH))
    record: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]

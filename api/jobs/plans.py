"""Keeps the plan that a run left."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from api.store.audit import append_audit
from api.store.columns import new_id
from api.store.dialect import now
from api.store.files import store_files
from api.store.tables import PlanRow
from models.files.plan_files import RECORD

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from api.store.columns import Json
    from api.store.tables import RunRow


@dataclass(frozen=True)
class Origin:
    """What a plan was made from; None where there was none.

    Attributes
    ----------
    further : what may change later, as the pins in force
    """

    snapshot_id: str | None = None
    policy_id: str | None = None
    scenario_id: str | None = None
    further: Json = field(default_factory=dict)


def add_plan(session: Session, run: RunRow, directory: Path, origin: Origin) -> PlanRow:
    """Keep the plan of a directory as what a run left, in the transaction of its end."""
    record = json.loads((directory / RECORD).read_text(encoding="utf-8"))
    row = PlanRow(
        id=new_id(),
        run_id=run.id,
        snapshot_id=origin.snapshot_id,
        policy_id=origin.policy_id,
        scenario_id=origin.scenario_id,
        origin=origin.further,
        hash=record["hashes"]["plan"],
        record=record,
        created_at=now(session),
    )
    session.add(row)
    session.flush()
    store_files(session, row.id, sorted(directory.iterdir()))
    append_audit(session, run.caller, "plan_made", row.id, {"run": run.id, "hash": row.hash})
    return row

"""Helpers of the tests of runs: requests, plans, and all rows of a database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from sqlalchemy import select

from api.jobs.leases import Leases
from api.jobs.run import Done, NewRun
from api.services.desk.publication_files import ASSIGNMENT_FILE
from api.store.columns import Table, new_id
from api.store.current import make_current
from api.store.dialect import now
from api.store.tables import FileRow, PlanRow, PublicationRow
from models.plan import plan_hash

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from api.store.database import Database
    from api.store.tables import RunRow


RECORD = {"feasible": True}


def add_plan(session: Session, run: RunRow) -> None:
    """Keep a plan of a run, and make it the current one if that was asked for."""
    plan = PlanRow(
        id=new_id(), run_id=run.id, hash="0" * 64, record=RECORD, created_at=now(session)
    )
    session.add(plan)
    session.flush()
    publish(session, run, plan)


def publish(session: Session, run: RunRow, plan: PlanRow) -> None:
    """Make a plan the current one if that was asked for and not cancelled."""
    if run.publishes and not run.cancel_requested:
        moment = now(session)
        table = pd.DataFrame({"lead_id": ["L1"], "rep_id": [run.id]})
        new = PublicationRow(
            id=new_id(),
            plan_id=plan.id,
            hash=plan_hash(table),
            created_at=moment,
            created_by="shop",
        )
        make_current(session, new, "shop")
        content = table.to_parquet(index=False)
        session.add(FileRow(owner_id=new.id, name=ASSIGNMENT_FILE, number=0, content=content))


PLAN = Done("optimal", write=add_plan)


def request(key: str | None = None, *, publishes: bool = False, **payload: Any) -> NewRun:
    """Return a request for a run."""
    return NewRun("plan", payload, "ann", idempotency_key=key, publishes=publishes)


def leases(database: Database, *, seconds: float = 30.0) -> Leases:
    """Return the worker's side of a database."""
    return Leases(database, seconds=seconds, attempts=3)


def rows(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Return all that a database holds."""
    with database.reading() as session:
        return {
            name: sorted(map(tuple, session.execute(select(table))), key=str)
            for name, table in Table.metadata.tables.items()
        }

"""Helpers of the tests of runs: requests, plans, and all rows of a database.

Hundreds of processes begin with it, so it imports nothing that takes long.
"""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from api.jobs.leases import Leases
from api.jobs.run import Done, NewRun
from api.store.columns import Table, new_id
from api.store.current import make_current
from api.store.dialect import now
from api.store.tables import FileRow, PlanRow, PublicationRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from api.store.database import Database
    from api.store.tables import RunRow


RECORD = {"feasible": True}
ASSIGNMENT_FILE = "assignment.parquet"


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
        # Most processes are killed before they come to it.
        import pyarrow as pa
        import pyarrow.parquet as pq

        moment = now(session)
        file = io.BytesIO()
        pq.write_table(pa.table({"lead_id": ["L1"], "rep_id": [run.id]}), file)
        new = PublicationRow(
            id=new_id(),
            plan_id=plan.id,
            hash=hashlib.sha256(f"L1\x1f{run.id}\x1e".encode()).hexdigest(),
            created_at=moment,
            created_by="shop",
        )
        make_current(session, new, "shop")
        name = ASSIGNMENT_FILE
        session.add(FileRow(owner_id=new.id, name=name, number=0, content=file.getvalue()))


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

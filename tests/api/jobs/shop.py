"""Helpers of the tests of runs: requests, plans, and all rows of a database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from api.jobs.leases import Leases
from api.jobs.run import NewPlan, NewRun
from api.store.columns import Table

if TYPE_CHECKING:
    from api.store.database import Database

PLAN = NewPlan(hash="0" * 64, record={"objective": 1.5}, directory="plans/1", reason="optimal")


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

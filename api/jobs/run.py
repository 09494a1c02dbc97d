"""A run as callers and workers know it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.store.tables import RunStatus

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from api.store.columns import Json
    from api.store.tables import RunRow


@dataclass(frozen=True)
class NewRun:
    """A request for a run.

    Attributes
    ----------
    kind : what the worker is to do; payload : what it needs for that
    caller : who asks
    idempotency_key : a caller's repeated key is the same request; None is always a new one
    publishes : whether the plan becomes the current one as soon as it is there
    """

    kind: str
    payload: Json
    caller: str
    idempotency_key: str | None = None
    publishes: bool = False

    @property
    def payload_hash(self) -> str:
        """What tells another request from a repeated one."""
        told = [self.kind, self.payload, self.publishes]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Run:
    """A run as it stands; attributes as the table's.

    Attributes
    ----------
    plan_id : of what it left, if it is solved
    """

    id: str
    kind: str
    payload: Json
    publishes: bool
    caller: str
    status: RunStatus
    attempts: int
    worker: str | None
    progress: Json | None
    cancel_requested: bool
    result: Json | None
    reason: str | None
    created_at: datetime
    queued_at: datetime | None
    started_at: datetime | None
    progressed_at: datetime | None
    ended_at: datetime | None
    plan_id: str | None

    @classmethod
    def of(cls, row: RunRow, plan_id: str | None) -> Run:
        """Return what a row of the table says."""
        return cls(
            id=row.id,
            kind=row.kind,
            payload=row.payload,
            publishes=row.publishes,
            caller=row.caller,
            status=RunStatus(row.status),
            attempts=row.attempts,
            worker=row.worker,
            progress=row.progress,
            cancel_requested=row.cancel_requested,
            result=row.result,
            reason=row.reason,
            created_at=row.created_at,
            queued_at=row.queued_at,
            started_at=row.started_at,
            progressed_at=row.progressed_at,
            ended_at=row.ended_at,
            plan_id=plan_id,
        )


@dataclass(frozen=True)
class Held:
    """A run in the hands of a worker.

    Attributes
    ----------
    token : proves that it is still in these hands
    attempt : 1 for the first worker that began it
    """

    id: str
    kind: str
    payload: Json
    worker: str
    token: int
    attempt: int


@dataclass(frozen=True)
class Done:
    """What a worker made of a run.

    Attributes
    ----------
    reason : why the engine stopped
    result : what it found besides a plan
    write : writes what it made, such as a plan, in the transaction of the run's end
    """

    reason: str
    result: Json | None = None
    write: Callable[[Session, RunRow], object] | None = None

"""What callers do with runs: ask for one, look at it, cancel it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from api.errors import IllegalStepError, KeyReusedError, NotFoundError
from api.jobs.run import Run
from api.store.audit import append_audit, lock_audit
from api.store.columns import new_id
from api.store.dialect import now
from api.store.tables import PlanRow, RunRow, RunStatus

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from api.jobs.run import NewRun
    from api.store.database import Database

WAITING = (RunStatus.CREATED, RunStatus.QUEUED)


class Queue:
    """The runs of a database, as callers see them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def enqueue(self, new: NewRun, *, checked: bool = True) -> Run:
        """Keep a request and return its run; of a repeated idempotency key, the first one's.

        Parameters
        ----------
        checked : whether workers may take it now; otherwise it waits for `release`

        Raises
        ------
        KeyReusedError : the caller had the key for another request
        """
        with self._database.writing() as session:
            # Two requests with one key at the same moment must not both find none.
            lock_audit(session)
            row = _repeated(session, new)
            if row is None:
                row = add_run(session, new, checked=checked)
            return _shown(session, row)

    def release(self, run_id: str, actor: str) -> Run:
        """Let workers take a run that was created only.

        Raises
        ------
        NotFoundError : there is no such run
        IllegalStepError : it is not created
        """
        with self._database.writing() as session:
            row = _locked(session, run_id)
            if row.status != RunStatus.CREATED:
                raise IllegalStepError(
                    f"run {run_id} is {row.status}; only a created one can be released"
                )
            row.status, row.queued_at = RunStatus.QUEUED, now(session)
            append_audit(session, actor, "run_released", run_id, {})
            return _shown(session, row)

    def cancel(self, run_id: str, actor: str) -> Run:
        """End a run that waits, or tell the worker of one that is solving; twice is as once.

        A worker that has a plan keeps it: the run is then solved, and publishes nothing.

        Raises
        ------
        NotFoundError : there is no such run
        IllegalStepError : it has ended
        """
        with self._database.writing() as session:
            return _shown(session, cancel_run(session, run_id, actor))

    def get(self, run_id: str) -> Run:
        """Return a run as it stands; NotFoundError if there is none."""
        with self._database.reading() as session:
            row = session.get(RunRow, run_id)
            if row is None:
                raise NotFoundError(f"there is no run {run_id!r}")
            return _shown(session, row)


def cancel_run(session: Session, run_id: str, actor: str) -> RunRow:
    """Do in the caller's transaction what `Queue.cancel` does; return the run."""
    row = _locked(session, run_id)
    if row.status in WAITING and row.ended_at is None:
        row.status, row.ended_at = RunStatus.CANCELLED, now(session)
        row.reason = "cancelled before it began"
    elif row.status != RunStatus.SOLVING:
        raise IllegalStepError(
            f"run {run_id} is {row.status}; only one that has not ended can be cancelled"
        )
    if not row.cancel_requested:
        row.cancel_requested = True
        append_audit(session, actor, "run_cancelled", run_id, {"status": row.status})
    return row


def _repeated(session: Session, new: NewRun) -> RunRow | None:
    if new.idempotency_key is None:
        return None
    row = session.scalars(
        select(RunRow).where(
            RunRow.caller == new.caller, RunRow.idempotency_key == new.idempotency_key
        )
    ).one_or_none()
    if row is not None and row.payload_hash != new.payload_hash:
        raise KeyReusedError(
            f"{new.caller} used the idempotency key {new.idempotency_key!r} for another request, "
            f"run {row.id}; give each request a key of its own"
        )
    return row


def add_run(
    session: Session, new: NewRun, *, checked: bool = True, actor: str | None = None
) -> RunRow:
    """Keep a request in the caller's transaction.

    Parameters
    ----------
    checked : as `Queue.enqueue`
    actor : who asks in the caller's name; the caller if not given
    """
    moment = now(session)
    row = RunRow(
        id=new_id(),
        kind=new.kind,
        payload=new.payload,
        payload_hash=new.payload_hash,
        publishes=new.publishes,
        caller=new.caller,
        idempotency_key=new.idempotency_key,
        status=RunStatus.QUEUED if checked else RunStatus.CREATED,
        created_at=moment,
        queued_at=moment if checked else None,
    )
    session.add(row)
    detail = {"kind": new.kind, "caller": new.caller}
    append_audit(session, actor or new.caller, "run_asked", row.id, detail)
    return row


def _locked(session: Session, run_id: str) -> RunRow:
    row = session.scalars(select(RunRow).where(RunRow.id == run_id).with_for_update()).one_or_none()
    if row is None:
        raise NotFoundError(f"there is no run {run_id!r}")
    return row


def _shown(session: Session, row: RunRow) -> Run:
    plan_id = session.scalars(select(PlanRow.id).where(PlanRow.run_id == row.id)).one_or_none()
    return Run.of(row, plan_id)

"""What workers do with runs: take one, stay with it, end it.

Every write of a worker first locks the row by id, token and status, and is refused where the token
has grown since: then another worker has the run.

Whether a worker has left its run is told by counts and by the monotonic clock of who looks: no
clock of a machine or a database that is set, forwards or back, ends a lease or prolongs it. Time in
which nobody looked hardly counts: a machine that stood still, with all that is on it, lost nobody.
"""

from __future__ import annotations

from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import and_, func, or_, select, tuple_
from sqlalchemy.orm import aliased

from api.errors import LeaseLostError
from api.jobs.run import Held
from api.store.audit import append_audit
from api.store.dialect import now
from api.store.tables import RunRow, RunStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from api.jobs.run import Done
    from api.store.columns import Json
    from api.store.database import Database

CANCELLED = "cancelled before it had a plan"
LOOKS_PER_LEASE = 4
"""A worker has left its run after so many looks at least that saw no sign of life."""
TOLD_LENGTH = 120
"""Characters of a reason that the audit trail holds."""


class Sign(NamedTuple):
    """A sign of life of a worker: another one of the same run differs in one of the counts."""

    run_id: str
    token: int
    beats: int


class Leases:
    """The runs of a database, as one worker sees them.

    Parameters
    ----------
    seconds : how long a worker keeps a run after its last sign of life
    attempts : how many workers may begin a run before it has failed
    """

    def __init__(self, database: Database, *, seconds: float, attempts: int) -> None:
        self._database = database
        self._seconds = seconds
        self._attempts = attempts
        self._lock = Lock()
        self._looked_at = monotonic()
        self._silent: dict[Sign, float] = {}

    def look(self) -> None:
        """Look for signs of life of all workers; `claim` does so, too.

        Who has a run in hand must look meanwhile, or would know nothing about the others after it.
        """
        with self._database.reading() as session:
            query = select(RunRow.id, RunRow.token, RunRow.beats)
            rows = session.execute(query.where(RunRow.status == RunStatus.SOLVING))
            signs = [Sign(*row) for row in rows]
        with self._lock:
            looked_at = monotonic()
            # Between two looks this process may have stood still, and the workers with it.
            more = min(looked_at - self._looked_at, self._seconds / LOOKS_PER_LEASE)
            self._looked_at = looked_at
            self._silent = {
                sign: self._silent[sign] + more if sign in self._silent else 0.0 for sign in signs
            }

    def claim(self, worker: str) -> Held | None:
        """Take the run that has waited longest, or was left by its worker; None if there is none.

        A left run that has had all its attempts, or was cancelled meanwhile, ends here.
        """
        self.look()
        left = self._left()
        with self._database.writing() as session:
            while (row := _candidate(session, left)) is not None:
                if row.cancel_requested:
                    _end(session, row, RunStatus.CANCELLED, CANCELLED, worker)
                elif row.attempts >= self._attempts:
                    reason = (
                        f"{row.attempts} workers began it and were lost; the last: {row.worker}"
                    )
                    _end(session, row, RunStatus.FAILED, reason, worker)
                else:
                    return self._taken(session, row, worker)
        return None

    def beat(self, held: Held) -> bool:
        """Give a sign of life; return whether the run shall be cancelled.

        Raises
        ------
        LeaseLostError : another worker has the run, or it has ended
        """
        with self._database.writing() as session:
            row = _own(session, held)
            row.beats += 1
            return row.cancel_requested

    def is_cancelled(self, held: Held) -> bool:
        """Return whether the run shall be cancelled, without waiting for anybody."""
        with self._database.reading() as session:
            query = select(RunRow.cancel_requested).where(RunRow.id == held.id)
            return session.scalars(query.where(RunRow.token == held.token)).first() is True

    def progress(self, held: Held, told: Json, *, is_built: bool = True) -> None:
        """Show how far the run is.

        Parameters
        ----------
        is_built : whether its problem is built; the first time is kept

        Raises
        ------
        LeaseLostError : another worker has the run, or it has ended
        """
        with self._database.writing() as session:
            row = _own(session, held)
            row.progress = told
            if is_built and row.progressed_at is None:
                row.progressed_at = now(session)

    def finish(self, held: Held, done: Done) -> None:
        """End a run with what was made of it.

        All that it writes, and the end, change together or not at all.

        Raises
        ------
        LeaseLostError : another worker has the run, or it has ended
        """
        with self._database.writing() as session:
            row = _own(session, held)
            row.result = done.result
            if done.write is not None:
                done.write(session, row)
            _end(session, row, RunStatus.SOLVED, done.reason, held.worker)

    def fail(self, held: Held, reason: str, *, retry: bool) -> RunStatus:
        """End a run without a plan, or let another attempt be made; return its status.

        Parameters
        ----------
        retry : whether another attempt may end otherwise

        Raises
        ------
        LeaseLostError : another worker has the run, or it has ended
        """
        with self._database.writing() as session:
            row = _own(session, held)
            if row.cancel_requested:
                _end(session, row, RunStatus.CANCELLED, CANCELLED, held.worker)
            elif retry and row.attempts < self._attempts:
                _put_back(session, row, reason)
            else:
                tries = f" (attempt {row.attempts} of {self._attempts})" if retry else ""
                _end(session, row, RunStatus.FAILED, reason + tries, held.worker)
            return RunStatus(row.status)

    def give_back(self, held: Held) -> None:
        """Let another worker begin a run anew, because this one shuts down: no attempt is lost.

        Raises
        ------
        LeaseLostError : another worker has the run, or it has ended
        """
        with self._database.writing() as session:
            row = _own(session, held)
            if row.cancel_requested:
                _end(session, row, RunStatus.CANCELLED, CANCELLED, held.worker)
                return
            row.attempts -= 1
            _put_back(session, row, f"its worker {held.worker} was shut down")

    def _left(self) -> list[Sign]:
        """Return the last signs of life of workers that have given no other for too long."""
        with self._lock:
            return [sign for sign, seconds in self._silent.items() if seconds >= self._seconds]

    def _taken(self, session: Session, row: RunRow, worker: str) -> Held:
        moment = now(session)
        row.status = RunStatus.SOLVING
        row.attempts += 1
        row.token += 1
        row.worker, row.beats = worker, 0
        row.started_at, row.progress, row.progressed_at = moment, None, None
        return Held(row.id, row.kind, row.payload, worker, row.token, row.attempts)


def _candidate(session: Session, left: Sequence[Sign]) -> RunRow | None:
    """Return the next run that may be taken, locked; what other workers lock is passed over.

    Callers take turns: who asks for many runs keeps nobody else waiting for more than one of them.

    Parameters
    ----------
    left : the last signs of life of workers that have left their runs; one more, and they have not
    """
    last = tuple_(RunRow.id, RunRow.token, RunRow.beats)
    is_left = and_(RunRow.status == RunStatus.SOLVING, last.in_(left))
    begun = aliased(RunRow)
    turn = select(func.max(begun.started_at)).where(begun.caller == RunRow.caller)
    return session.scalars(
        select(RunRow)
        .where(or_(RunRow.status == RunStatus.QUEUED, is_left))
        .order_by(turn.scalar_subquery().nulls_first(), RunRow.queued_at, RunRow.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()


def _own(session: Session, held: Held) -> RunRow:
    row = session.scalars(
        select(RunRow)
        .where(
            RunRow.id == held.id,
            RunRow.token == held.token,
            RunRow.status == RunStatus.SOLVING,
        )
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise LeaseLostError(
            f"run {held.id} is no longer {held.worker}'s: another worker has it, or it has ended"
        )
    return row


def _put_back(session: Session, row: RunRow, reason: str) -> None:
    row.status, row.reason = RunStatus.QUEUED, reason
    # At the end of the line, so that a run that fails again and again holds nobody up.
    row.queued_at = now(session)


def _end(session: Session, row: RunRow, status: RunStatus, reason: str, worker: str) -> None:
    row.status, row.reason = status, reason
    row.ended_at = now(session)
    # The run has all of it; the trail, which is kept for ever, must not hold cells of tables.
    told = reason.partition("\n")[0][:TOLD_LENGTH]
    append_audit(session, worker, f"run_{status}", row.id, {"reason": told})

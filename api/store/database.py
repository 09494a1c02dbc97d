"""Transactions on the service's database."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool

from api.errors import DiskFullError, ReadOnlyError, StoreError, UnavailableError
from api.store.dialect import SQLITE, is_full, is_read_only, make_engines, parse_url
from api.store.private import make_private
from models.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from api.errors import ServiceError


class Database:
    """A SQLite file or a PostgreSQL database; made once per process, and after a fork anew.

    Parameters
    ----------
    url : sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME; the file's folder is made
    lock_seconds : how long a write waits for another one to end
    silent_seconds : for how long PostgreSQL may say nothing before it is asked whether it is there

    Raises
    ------
    UsageError : the URL is not one of these, or the folder cannot be made
    """

    def __init__(
        self, url: str, *, lock_seconds: float = 30.0, silent_seconds: float = 5.0
    ) -> None:
        parsed = parse_url(url)
        if parsed.get_backend_name() == SQLITE and parsed.database:
            _make_folder(Path(parsed.database).parent)
        # As it is given, without the driver that is used for it.
        given = parsed.set(drivername=parsed.get_backend_name())
        self.shown_url = given.render_as_string(hide_password=True)
        self._reading, self._writing = make_engines(parsed, lock_seconds, silent_seconds)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a transaction that only reads, all of it of one moment, and waits for no writer.

        Raises
        ------
        UnavailableError : the database does not answer
        StoreError : it is damaged
        """
        with self._transaction(self._reading) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Give a transaction that commits at its end, or changes nothing if an error leaves it.

        Keep it short: on SQLite all other writers wait.

        Raises
        ------
        UnavailableError : the database does not answer, or others hold it for too long
        ReadOnlyError : it takes no changes
        DiskFullError : it has no room left
        StoreError : it is damaged
        """
        with self._transaction(self._writing) as session:
            yield session

    def engines(self) -> tuple[Engine, Engine]:
        """Return the engine that reads and the one that writes, to listen to them."""
        return self._reading, self._writing

    def connections(self) -> int:
        """Return how many connections are in use."""
        # On PostgreSQL both engines have one pool.
        pools = {self._reading.pool, self._writing.pool}
        return sum(pool.checkedout() for pool in pools if isinstance(pool, QueuePool))

    def close(self) -> None:
        """Close all connections that nobody uses."""
        self._reading.dispose()
        self._writing.dispose()

    @contextmanager
    def _transaction(self, engine: Engine) -> Iterator[Session]:
        try:
            with Session(engine, expire_on_commit=False) as session, session.begin():
                yield session
        except PoolTimeoutError as error:
            raise UnavailableError(f"{self.shown_url} does not answer: {_cause(error)}") from error
        except DBAPIError as error:
            told = self._told(error, writes=engine is self._writing)
            if told is None:
                raise
            raise told from error

    def _told(self, error: DBAPIError, *, writes: bool) -> ServiceError | None:
        """Return what an error of the database's means; None for a mistake of ours."""
        if is_full(error):
            return DiskFullError(
                f"{self.shown_url} has no room left, and nothing of the change was kept; free "
                "some, and try again"
            )
        if writes and is_read_only(error):
            return ReadOnlyError(
                f"{self.shown_url} takes no changes, and nothing of this one was kept: "
                f"{_cause(error)}. Give the service's user the right to write the file and its "
                "folder; on a PostgreSQL end its read-only mode (default_transaction_read_only), "
                "or name the primary, not a standby"
            )
        # A connection that broke in the middle is not always told as an operational error.
        if isinstance(error, OperationalError) or error.connection_invalidated:
            return UnavailableError(f"{self.shown_url} does not answer: {_cause(error)}")
        # The kinds below it are mistakes of ours; by itself it means a damaged SQLite file.
        if type(error) is DatabaseError:
            return StoreError(f"{self.shown_url} cannot be used: {_cause(error)}. Restore a backup")
        return None


def _make_folder(folder: Path) -> None:
    try:
        make_private(folder)
    except OSError as error:
        raise UsageError(
            f"the database's folder {folder} cannot be made: {error.strerror or error}; name "
            "another directory with --data, or another file in FAIRLEAD_DATABASE_URL"
        ) from error


def _cause(error: Exception) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else error
    return str(cause).strip().partition("\n")[0] or type(cause).__name__

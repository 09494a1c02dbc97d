"""All that differs between SQLite and PostgreSQL; nothing else in the package asks which it is.

SQLite 3.7.0 to 3.51.2 can lose committed data when two connections write and checkpoint a WAL
database at the same moment (https://sqlite.org/wal.html#walresetbug), so WAL is used only where
the library is newer.
"""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, create_engine, event, func, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, InvalidatePoolError

from api.store.private import begin_private
from models.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import ModuleType

    from sqlalchemy import URL, Connection
    from sqlalchemy.exc import DBAPIError
    from sqlalchemy.orm import Session

SQLITE, POSTGRESQL = "sqlite", "postgresql"
ALLOWED = "sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME"
SAFE_IN_WAL = (3, 51, 3)
# A server has 40 threads. Each may hold a connection while it waits for one of them to fetch the
# files of a new publication, which takes another: with fewer, all would wait until one gives up.
# The one that was given back last comes next, so that few of them fill their caches of pages and
# statements, and not in turn all that were ever needed at the same time.
POOL: Mapping[str, Any] = {"pool_size": 20, "max_overflow": 40, "pool_use_lifo": True}
CACHE_KIB = 512
"""What a connection of SQLite keeps of the file. Forty would fill the usual 2,000 KiB each within
days, 80 MB in all; the system keeps the same pages once, and reads are as fast (docs/figures.md).
"""
PUT_BACK = "put back"
"""When a connection was given back, in what the pool knows of it."""
TRUSTED_SECONDS = 5.0
"""For how long nobody used a connection that is taken again without asking whether it is there."""
BEGIN_READING, BEGIN_WRITING = "BEGIN", "BEGIN IMMEDIATE"
# Any number that no other program on the same server takes for its own lock.
MIGRATION_LOCK = 0x_FA12_1EAD


def parse_url(url: str) -> URL:
    """Return a database's URL with the driver that is used for it.

    Raises
    ------
    UsageError : it is no URL, of another database, or of one in memory; never shows a password
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise UsageError(f"the database URL cannot be read; it must be {ALLOWED}") from error
    kind = parsed.get_backend_name()
    if kind in (POSTGRESQL, "postgres"):
        return parsed.set(drivername=f"{POSTGRESQL}+psycopg")
    if kind != SQLITE:
        raise UsageError(f"the database URL begins with {kind!r}; it must be {ALLOWED}")
    if parsed.database in (None, "", ":memory:"):
        raise UsageError(
            f"the database URL names no file, and what is only in memory is not kept; it must be "
            f"{ALLOWED}"
        )
    return parsed.set(drivername=SQLITE)


def make_engines(url: URL, lock_seconds: float, silent_seconds: float) -> tuple[Engine, Engine]:
    """Return the engine of transactions that read and that of those that write.

    On SQLite a transaction that reads first and then writes fails at once when another one wrote in
    between, so writers take the lock at their beginning; readers must not, or they would stand in
    line with the writers.

    Raises
    ------
    UsageError : it is a PostgreSQL, and its driver is not installed
    """
    if url.get_backend_name() == SQLITE:
        reading = _sqlite_engine(url, lock_seconds, BEGIN_READING)
        return reading, _sqlite_engine(url, lock_seconds, BEGIN_WRITING)
    milliseconds = max(1, round(1000 * lock_seconds))
    try:
        import psycopg

        from api.store.watch import Watch

        writing = create_engine(
            url,
            **POOL,
            # Values may be names, and errors are logged.
            hide_parameters=True,
            connect_args={"options": f"-c timezone=UTC -c lock_timeout={milliseconds}"},
        )
    except ImportError as error:
        raise UsageError(
            "the database URL names a PostgreSQL, and its driver is not installed; install "
            "fairlead[postgres]"
        ) from error
    watch = Watch(silent_seconds)

    @event.listens_for(writing, "do_connect")
    def connect(_dialect: object, _record: object, place: Any, options: Any) -> Any:
        return watch.connect(*place, **options)

    @event.listens_for(writing, "checkin")
    def put_back(_connection: object, record: Any) -> None:
        record.info[PUT_BACK] = monotonic()

    @event.listens_for(writing, "checkout")
    def take_out(connection: Any, record: Any, _proxy: object) -> None:
        # To ask each time would be every fourth time that a small transaction waits for an answer.
        idle = monotonic() - record.info.get(PUT_BACK, monotonic())
        if idle > TRUSTED_SECONDS or connection.has_word():
            try:
                writing.dialect.do_ping(connection)
            except psycopg.Error as error:
                raise InvalidatePoolError from error
        # After one that only read, SQLAlchemy says READ WRITE, whatever the server's default is.
        connection.read_only = None

    # As on SQLite, all that one transaction reads is of one moment.
    reading = writing.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return reading, writing


def now(session: Session) -> datetime:
    """Return the time by which leases end, in UTC.

    On PostgreSQL it is the server's, because the machines of several workers may disagree; a SQLite
    file is one machine's.
    """
    if _kind(session) == POSTGRESQL:
        moment = session.scalar(select(func.clock_timestamp()))
        assert isinstance(moment, datetime)  # noqa: S101  what the function is documented to return
        return moment.astimezone(UTC)
    return datetime.now(UTC)


def describe(session: Session) -> str:
    """Return a database's kind and version; of SQLite, also its library and journal."""
    if _kind(session) == POSTGRESQL:
        return f"PostgreSQL {session.scalar(text('SHOW server_version'))}"
    version = session.scalar(text("SELECT sqlite_version()"))
    journal = session.scalar(text("PRAGMA journal_mode"))
    return f"SQLite {version} of {sqlite_module().__name__}, journal {journal}"


def lock_migrations(session: Session) -> None:
    """Make a second migration wait until this transaction ends."""
    # On SQLite whoever writes is alone anyway.
    if _kind(session) == POSTGRESQL:
        session.execute(select(func.pg_advisory_xact_lock(MIGRATION_LOCK)))


def make_append_only(connection: Connection, table: str) -> None:
    """Have the database refuse to change or delete rows of a table, whoever asks."""
    told = f"rows of {table} are never changed or deleted"
    if connection.dialect.name == POSTGRESQL:
        connection.exec_driver_sql(
            f"CREATE OR REPLACE FUNCTION refuse_{table}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{told}'; END $$"
        )
        connection.exec_driver_sql(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION refuse_{table}()"
        )
        return
    for action in ("UPDATE", "DELETE"):
        connection.exec_driver_sql(
            f"CREATE TRIGGER {table}_{action.lower()} BEFORE {action} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{told}'); END"
        )


def drop_refusal(connection: Connection, table: str) -> None:
    """Remove what `make_append_only` leaves when its table is dropped."""
    if connection.dialect.name == POSTGRESQL:
        connection.exec_driver_sql(f"DROP FUNCTION refuse_{table}()")


def faults(session: Session) -> list[str]:
    """Return what the database finds damaged in itself; on PostgreSQL nothing is asked."""
    if _kind(session) == POSTGRESQL:
        return []
    found = [str(row[0]) for row in session.execute(text("PRAGMA integrity_check"))]
    broken = [str(tuple(row)) for row in session.execute(text("PRAGMA foreign_key_check"))]
    return [*(fault for fault in found if fault != "ok"), *broken]


def is_full(error: DBAPIError) -> bool:
    """Return whether the database has no room left (SQLITE_FULL, disk_full)."""
    told = error.orig
    return (
        getattr(told, "sqlstate", None) == "53100"
        or getattr(told, "sqlite_errorname", None) == "SQLITE_FULL"
        or "disk is full" in str(told)
    )


def is_read_only(error: DBAPIError) -> bool:
    """Return whether the database takes no changes (SQLITE_READONLY..., read_only_sql_transaction).

    It is so also where a transaction that only reads tries to write.
    """
    told = error.orig
    return (
        getattr(told, "sqlstate", None) == "25006"
        or str(getattr(told, "sqlite_errorname", "")).startswith("SQLITE_READONLY")
        or "readonly database" in str(told)
    )


def sqlite_module() -> ModuleType:
    """Return the SQLite of the package pysqlite3 or of the interpreter: one safe in WAL if any."""
    return next((module for module in _modules() if _safe_in_wal(module)), sqlite3)


def journal_mode(module: ModuleType) -> str:
    """Return how a SQLite library may keep its journal without losing what was committed."""
    return "WAL" if _safe_in_wal(module) else "TRUNCATE"


def _modules() -> Iterator[ModuleType]:
    try:
        from pysqlite3 import dbapi2
    except ImportError:
        pass
    else:
        yield dbapi2
    yield sqlite3


def _safe_in_wal(module: ModuleType) -> bool:
    version: tuple[int, ...] = module.sqlite_version_info
    return version >= SAFE_IN_WAL


def _kind(session: Session) -> str:
    return session.get_bind().dialect.name


def _sqlite_engine(url: URL, lock_seconds: float, begin: str) -> Engine:
    module = sqlite_module()
    engine = create_engine(url, module=module, hide_parameters=True, **POOL)

    @event.listens_for(engine, "do_connect")
    def begin_file(_dialect: object, _record: object, place: Any, _options: Any) -> None:
        begin_private(Path(place[0]))

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        # The module must not begin transactions by itself: it would do so without IMMEDIATE.
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout={round(1000 * lock_seconds)}",
            f"journal_mode={journal_mode(module)}",
            # NORMAL may lose the last commits when the power fails.
            "synchronous=FULL",
            "foreign_keys=ON",
            # What was deleted is overwritten: it may be a name.
            "secure_delete=ON",
            f"query_only={'ON' if begin == BEGIN_READING else 'OFF'}",
            f"cache_size=-{CACHE_KIB}",
        ):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def start(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine

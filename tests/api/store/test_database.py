"""Transactions: what commits, what does not, what reads see, and what a broken database says."""

from __future__ import annotations

import sys
import threading
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import DBAPIError

from api.errors import ReadOnlyError, StoreError, UnavailableError
from api.store.audit import append_audit
from api.store.database import Database
from api.store.dialect import faults, now, sqlite_module
from api.store.migrate import upgrade
from api.store.tables import AuditHeadRow, AuditRow
from models.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


def add(database: Database, subject: str = "it") -> None:
    """Write one audit row."""
    with database.writing() as session:
        append_audit(session, "ann", "tried", subject, {})


def count(database: Database) -> int:
    """Return the number of audit rows."""
    with database.reading() as session:
        return len(session.scalars(select(AuditRow)).all())


def test_an_error_leaves_nothing_behind(database: Database) -> None:
    add(database)

    def fail_in_the_middle() -> None:
        with database.writing() as session:
            append_audit(session, "ann", "tried", "it", {})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_in_the_middle()
    assert count(database) == 1


def test_a_reader_sees_one_moment_and_waits_for_no_writer(database: Database) -> None:
    with database.reading() as session:
        before = session.scalars(select(AuditHeadRow.number)).one()
        add(database)
        assert session.scalars(select(AuditHeadRow.number)).one() == before
    assert count(database) == 1


def test_one_after_the_other_use_one_connection(database: Database) -> None:
    used: set[int] = set()
    with ExitStack() as at_once:
        for _ in range(5):
            at_once.enter_context(database.reading()).connection()
    for _ in range(10):
        with database.reading() as session:
            used.add(id(session.connection().connection.dbapi_connection))
    assert len(used) == 1


def test_a_database_that_takes_no_changes_is_told_as_that(database: Database) -> None:
    is_sqlite = database.shown_url.startswith("sqlite")
    mode = {"on": True}

    def restrict(connection: Any, _record: object, _proxy: object) -> None:
        # What a read-only file, and what default_transaction_read_only or a standby, answer.
        told = "PRAGMA query_only=" if is_sqlite else "SET default_transaction_read_only = "
        connection.execute(told + ("on" if mode["on"] else "off")).close()
        connection.commit()

    _, writing = database.engines()
    event.listen(writing, "checkout", restrict)
    with pytest.raises(ReadOnlyError, match=r"takes no changes.*read-?only.*right to write"):
        add(database)
    assert count(database) == 0
    mode["on"] = False
    add(database)
    assert count(database) == 1


def test_a_reader_cannot_write(database: Database) -> None:
    with (
        pytest.raises((DBAPIError, UnavailableError), match=r"read-?only"),
        database.reading() as session,
    ):
        append_audit(session, "ann", "tried", "it", {})
    assert count(database) == 0


def test_writers_that_read_first_wait_for_each_other(database: Database) -> None:
    def add_ten() -> None:
        for _ in range(10):
            add(database)

    threads = [threading.Thread(target=add_ten) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count(database) == 40


def test_a_writer_that_waits_too_long_is_told(url: str) -> None:
    patient, hasty = Database(url), Database(url, lock_seconds=0.05)
    with patient.writing() as session:
        append_audit(session, "ann", "tried", "it", {})
        with pytest.raises(UnavailableError, match=r"does not answer: .*lock"):
            add(hasty)
    add(hasty)
    assert count(patient) == 2
    patient.close()
    hasty.close()


def test_moments_keep_their_zone(database: Database) -> None:
    with database.writing() as session:
        append_audit(session, "ann", "tried", "it", {})
        moment = now(session)
    with database.reading() as session:
        at = session.scalars(select(AuditRow.at)).one()
    assert at.tzinfo is UTC
    assert at <= moment


def test_a_moment_without_a_zone_is_refused(database: Database) -> None:
    naive = datetime(2026, 1, 1)  # noqa: DTZ001
    with pytest.raises(Exception, match="has no time zone"), database.reading() as session:
        session.scalars(select(AuditRow).where(AuditRow.at == naive)).all()


def test_an_intact_database_has_no_faults(database: Database) -> None:
    with database.reading() as session:
        assert faults(session) == []


def test_a_row_that_points_nowhere_is_a_fault(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/fairlead.db")
    upgrade(database)
    # A program that does not ask for foreign keys can write this.
    stranger = sqlite_module().connect(tmp_path / "fairlead.db")
    stranger.execute("UPDATE current SET publication_id = 'nobody'")
    stranger.commit()
    stranger.close()
    with database.reading() as session:
        assert faults(session) == ["('current', 1, 'publications', 0)"]
    database.close()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("nonsense", "the database URL cannot be read; it must be sqlite:///FILE or"),
        ("mysql://ann:hunter2@localhost/x", "the database URL begins with 'mysql'; it must be"),
        ("sqlite://", "the database URL names no file"),
        ("sqlite:///:memory:", "the database URL names no file"),
    ],
)
def test_urls_that_are_refused(url: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as raised:
        Database(url)
    assert "hunter2" not in str(raised.value)


def test_a_postgres_without_its_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(
        UsageError, match=r"its driver is not installed; install fairlead\[postgres"
    ):
        Database("postgresql://127.0.0.1:1/x")


def test_a_server_that_is_not_there() -> None:
    database = Database("postgres://ann:hunter2@127.0.0.1:1/x")
    with pytest.raises(UnavailableError, match="does not answer: ") as raised:
        add(database)
    assert "hunter2" not in str(raised.value)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "fairlead.db").write_text("no database" * 100)
    database = Database(f"sqlite:///{tmp_path}/fairlead.db")
    with pytest.raises(
        StoreError, match=r"cannot be used: file is not a database. Restore a backup"
    ):
        add(database)
    database.close()


def test_every_thread_of_a_server_may_hold_a_connection_while_one_takes_another(
    database: Database,
) -> None:
    # Starlette's threads; the first fifteen used to wait for each other until one gave up.
    with ExitStack() as stack:
        for _ in range(40 + 1):
            session = stack.enter_context(database.reading())
            assert session.scalar(select(1)) == 1
    assert database.connections() == 0


def test_a_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match=r"file cannot be made: File exists; name another"):
        Database(f"sqlite:///{tmp_path}/file/fairlead.db")

"""A PostgreSQL that says nothing is asked whether it is there; one that works is left alone."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine import make_url

from api.errors import UnavailableError
from api.store import dialect
from api.store.database import Database
from tests.api.proxy import proxied

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SILENT = 0.2
SLOW = text("SELECT 7 FROM pg_sleep(0.6)")


@contextmanager
def opened(url: str) -> Iterator[Database]:
    """Give a database whose silence is soon noticed."""
    database = Database(url, silent_seconds=SILENT)
    try:
        yield database
    finally:
        database.close()


@contextmanager
def mute() -> Iterator[int]:
    """Give the port of a server that takes connections and never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize("over", ["socket", "tcp"])
def test_a_slow_statement_is_not_cut(new_postgres: Callable[[], str], over: str) -> None:
    url = make_url(new_postgres())
    with proxied(f"{url.query['host']}/.s.PGSQL.{url.port or 5432}") as proxy:
        by_tcp = url.set(host="127.0.0.1", port=proxy.port).difference_update_query(["host"])
        place = by_tcp if over == "tcp" else url
        told = place.render_as_string(hide_password=False)
        with opened(told) as database, database.reading() as session:
            assert session.scalar(SLOW) == 7


def test_a_slow_statement_is_not_cut_where_no_connection_is_free(
    new_postgres: Callable[[], str],
) -> None:
    url = new_postgres()
    with opened(url) as database:
        with database.writing() as session:
            name = session.scalar(text("SELECT current_database()"))
            session.execute(text(f"ALTER DATABASE {name} CONNECTION LIMIT 1"))
        with database.writing() as session:
            assert session.scalar(SLOW) == 7


def test_of_many_who_would_wait_one_does() -> None:
    with mute() as port, opened(f"postgresql://ann:secret@127.0.0.1:{port}/x") as database:
        for told in ("timeout expired", "silent a moment ago"):
            with pytest.raises(UnavailableError, match=told) as raised, database.reading() as begun:
                begun.execute(SLOW)
            assert "secret" not in str(raised.value)


def backend(database: Database) -> int:
    """Return which of the server's processes serves a transaction."""
    with database.writing() as session:
        return int(session.execute(text("SELECT pg_backend_pid()")).scalar_one())


def test_what_the_server_ended_is_not_used_again(new_postgres: Callable[[], str]) -> None:
    url = new_postgres()
    with opened(url) as database, opened(url) as other:
        ended = backend(database)
        with other.writing() as session:
            assert session.scalar(text(f"SELECT pg_terminate_backend({ended}, 10000)"))
        # Nobody is told: a new one is made.
        assert backend(database) != ended


def test_what_was_used_just_now_is_used_without_asking(
    new_postgres: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def do_ping(_dialect: object, connection: object) -> bool:
        asked.append(connection)
        raise psycopg.OperationalError

    monkeypatch.setattr(PGDialect_psycopg, "do_ping", do_ping)
    with opened(new_postgres()) as database:
        first = backend(database)
        assert (backend(database), asked) == (first, [])
        monkeypatch.setattr(dialect, "TRUSTED_SECONDS", 0.0)
        assert backend(database) != first
        assert len(asked) == 1

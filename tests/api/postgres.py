"""Databases on the tests' PostgreSQL, used again where they can be: a new one is 300 files."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, delete, insert, select, text

from api.store.columns import Table
from api.store.dialect import parse_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection

# What a test may have left other than it was: tables, indexes, rights, triggers.
SHAPE = text(
    """
    SELECT string_agg(concat_ws(' ', relname, relkind, relacl), ',' ORDER BY relname)
    FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL
    SELECT string_agg(concat_ws(' ', tgname, tgrelid::regclass, tgenabled), ',' ORDER BY tgname)
    FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL
    SELECT version_num FROM alembic_version
    """
)
OTHERS = text(
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
TABLES = Table.metadata.sorted_tables


class Databases:
    """Databases with this version's schema and nothing in it.

    Parameters
    ----------
    new : makes one, and returns its URL
    """

    def __init__(self, new: Callable[[], str]) -> None:
        self._new = new
        self._free: list[str] = []
        first = new()
        with autocommit(first) as connection:
            self._shape = connection.scalars(SHAPE).all()
            found = {table: connection.execute(select(table)).mappings() for table in TABLES}
            self._rows = {table: [dict(row) for row in rows] for table, rows in found.items()}
        self._free.append(first)

    @contextmanager
    def one(self) -> Iterator[str]:
        """Give the URL of a database, which nobody else has in the block."""
        url = self._free.pop() if self._free else self._new()
        yield url
        if self._emptied(url):
            self._free.append(url)

    def _emptied(self, url: str) -> bool:
        """Make a database what it was; return False where a test has changed its tables."""
        with autocommit(url) as connection:
            connection.execute(OTHERS)
            if connection.scalars(SHAPE).all() != self._shape:
                return False
            # Neither references nor what keeps the audit's rows are in the way.
            connection.execute(text("SET session_replication_role = replica"))
            for table, rows in self._rows.items():
                connection.execute(delete(table))
                if rows:
                    connection.execute(insert(table), rows)
        return True


@contextmanager
def autocommit(url: str) -> Iterator[Connection]:
    """Give a connection for statements that no transaction may hold."""
    engine = create_engine(parse_url(url), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()

"""Faults of the database, planted one at a time."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import QueuePool

from api.errors import UnavailableError
from tests.api.jobs.shop import rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection, Engine

    from api.store.database import Database


@contextmanager
def failing(engine: Engine, number: int) -> Iterator[list[str]]:
    """Let the n-th call of an engine fail, counted from 1; give the calls that were made."""
    calls: list[str] = []

    def note(connection: Connection, call: str) -> None:
        # On PostgreSQL, transactions that only read are heard here, too.
        if connection.get_execution_options().get("postgresql_readonly"):
            return
        calls.append(call)
        if len(calls) == number:
            raise OperationalError(call, {}, Exception("planted"))

    def execute(connection: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
        note(connection, statement)

    def commit(connection: Connection) -> None:
        note(connection, "COMMIT")

    event.listen(engine, "before_cursor_execute", execute)
    event.listen(engine, "commit", commit)
    try:
        yield calls
    finally:
        event.remove(engine, "before_cursor_execute", execute)
        event.remove(engine, "commit", commit)


def fail_each_call(database: Database, step: Callable[[], object]) -> int:
    """Do a step with its first call failing, its second ... until it succeeds; return how many."""
    _, engine = database.engines()
    before = rows(database)
    number = 0
    while True:
        number += 1
        with failing(engine, number) as calls:
            try:
                step()
            except UnavailableError:
                assert len(calls) == number
            else:
                assert len(calls) == number - 1
                return len(calls)
        assert rows(database) == before
        pool = engine.pool
        assert isinstance(pool, QueuePool)
        assert pool.checkedout() == 0

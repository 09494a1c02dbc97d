"""The schema's steps: up, down and up again on both databases, and equal to the tables' classes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, inspect, select, text

from api.errors import StoreError
from api.store.audit import append_audit, audit_faults
from api.store.columns import Table
from api.store.database import Database
from api.store.migrate import MIGRATIONS, downgrade, upgrade
from api.store.revision import NEWEST_REVISION, REVISIONS, revision_of
from api.store.tables import AuditRow
from tests.conftest import ROOT


def names(database: Database) -> set[str]:
    """Return the tables of a database, without Alembic's own."""
    with database.reading() as session:
        return set(inspect(session.connection()).get_table_names()) - {"alembic_version"}


def test_the_schema_is_that_of_the_classes(database: Database) -> None:
    with database.reading() as session:
        context = MigrationContext.configure(session.connection())
        assert compare_metadata(context, Table.metadata) == []
    assert names(database) == set(Table.metadata.tables)


def test_the_constraints_are_those_of_the_classes(database: Database) -> None:
    with database.reading() as session:
        inspector = inspect(session.connection())
        stored = {
            (table, str(check["name"]))
            for table in Table.metadata.tables
            for check in inspector.get_check_constraints(table)
        }
    declared = {
        (table.name, str(constraint.name))
        for table in Table.metadata.tables.values()
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint)
    }
    assert stored == declared


def test_down_and_up_again(database: Database) -> None:
    with database.writing() as session:
        append_audit(session, "ann", "tried", "nothing", {})
    downgrade(database)
    assert names(database) == set()
    upgrade(database)
    assert names(database) == set(Table.metadata.tables)
    with database.reading() as session:
        assert audit_faults(session) == []


def test_each_step_back_keeps_what_there_is(database: Database) -> None:
    with database.writing() as session:
        append_audit(session, "ann", "tried", "nothing", {})
    for revision in reversed(REVISIONS[:-1]):
        downgrade(database, revision)
        with database.reading() as session:
            assert revision_of(session) == revision
            assert audit_faults(session) == []
            assert session.scalar(text("SELECT count(*) FROM audit")) == 1
    upgrade(database)
    with database.reading() as session:
        context = MigrationContext.configure(session.connection())
        assert compare_metadata(context, Table.metadata) == []


def test_the_revisions_are_those_of_the_migrations(database: Database) -> None:
    with database.reading() as session:
        assert revision_of(session) == NEWEST_REVISION
    steps = ScriptDirectory(MIGRATIONS).walk_revisions()
    assert tuple(one.revision for one in steps)[::-1] == REVISIONS
    downgrade(database)
    with database.reading() as session:
        assert revision_of(session) is None


def test_up_twice_changes_nothing(database: Database) -> None:
    with database.writing() as session:
        append_audit(session, "ann", "tried", "nothing", {})
    upgrade(database)
    with database.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM audit")) == 1


def test_a_database_of_a_newer_version_is_refused(database: Database) -> None:
    with database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match=r"Can't locate revision identified by '9999'. Use the"):
        upgrade(database)


KILLED = """
import os, signal, sys
from sqlalchemy import event
from api.store.database import Database
from api.store.migrate import {step}

database, left = Database(sys.argv[1]), [int(sys.argv[2])]

def count(*_):
    left[0] -= 1
    if left[0] == 0:
        os.kill(os.getpid(), signal.SIGKILL)

event.listen(database.engines()[1], "after_cursor_execute", count)
{step}(database)
"""


@pytest.mark.parametrize(
    ("step", "statement"),
    [("upgrade", 30), ("downgrade", 12)],
)
def test_a_kill_in_the_middle_changes_nothing(empty_url: str, step: str, statement: int) -> None:
    database = Database(empty_url)
    if step == "downgrade":
        upgrade(database)
        with database.writing() as session:
            append_audit(session, "ann", "tried", "nothing", {})
    before = names(database)
    killed = subprocess.run(
        [sys.executable, "-P", "-c", KILLED.format(step=step), empty_url, str(statement)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    assert names(database) == before
    upgrade(database)
    assert names(database) == set(Table.metadata.tables)
    with database.reading() as session:
        assert audit_faults(session) == []
        assert len(session.scalars(select(AuditRow)).all()) == (step == "downgrade")
    database.close()

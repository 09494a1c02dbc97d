"""The audit trail: whole as written, and every kind of tampering is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from api.store.audit import append_audit, audit_faults
from tests.api.invariants import tamper

if TYPE_CHECKING:
    from api.store.database import Database


def fill(database: Database) -> None:
    """Write three rows."""
    with database.writing() as session:
        for subject in ("first", "second", "third"):
            append_audit(session, "ann", "tried", subject, {"old": None, "new": "é"})


def test_what_was_written_is_whole(database: Database) -> None:
    with database.reading() as session:
        assert audit_faults(session) == []
    fill(database)
    with database.reading() as session:
        assert audit_faults(session) == []


@pytest.mark.parametrize(
    ("tampering", "fault"),
    [
        ("UPDATE audit SET actor = 'bob' WHERE number = 2", "audit row 2 was changed"),
        ("UPDATE audit SET hash = previous_hash WHERE number = 3", "audit row 3 was changed"),
        ("DELETE FROM audit WHERE number = 2", "audit row 2 is missing"),
        ("DELETE FROM audit WHERE number = 3", "ends at row 2, and its head says 3"),
        ("DELETE FROM audit", "ends at row 0, and its head says 3"),
    ],
)
def test_tampering_is_seen(database: Database, tampering: str, fault: str) -> None:
    fill(database)
    tamper(database, tampering)
    with database.reading() as session:
        assert any(fault in found for found in audit_faults(session))


@pytest.mark.parametrize("statement", ["UPDATE audit SET actor = 'bob'", "DELETE FROM audit"])
def test_the_database_refuses_changes(database: Database, statement: str) -> None:
    fill(database)
    with (
        pytest.raises(DBAPIError, match="rows of audit are never changed or deleted"),
        database.writing() as session,
    ):
        session.execute(text(statement))
    with database.reading() as session:
        assert audit_faults(session) == []

"""Which SQLite is used, and how."""

from __future__ import annotations

import sqlite3
from types import ModuleType
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from api.store import dialect
from api.store.database import Database

if TYPE_CHECKING:
    from pathlib import Path


def library(*version: int) -> ModuleType:
    """Return a module that says it is a version of SQLite."""
    module = ModuleType("library")
    module.__dict__["sqlite_version_info"] = version
    return module


@pytest.mark.parametrize(
    ("version", "mode"),
    [((3, 40, 1), "TRUNCATE"), ((3, 51, 2), "TRUNCATE"), ((3, 51, 3), "WAL"), ((4, 0, 0), "WAL")],
)
def test_wal_only_where_it_loses_nothing(version: tuple[int, ...], mode: str) -> None:
    assert dialect.journal_mode(library(*version)) == mode


def test_the_safe_library_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = library(3, 40, 1), library(3, 53, 4)
    monkeypatch.setattr(dialect, "_modules", lambda: iter([old, new]))
    assert dialect.sqlite_module() is new
    monkeypatch.setattr(dialect, "_modules", lambda: iter([old]))
    assert dialect.sqlite_module() is sqlite3


@pytest.mark.parametrize("affected", [False, True])
def test_pragmas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, affected: bool) -> None:
    if affected:
        monkeypatch.setattr(dialect, "journal_mode", lambda _: "TRUNCATE")
    database = Database(f"sqlite:///{tmp_path}/fairlead.db", lock_seconds=7)
    expected = {
        "busy_timeout": 7000,
        "journal_mode": "truncate" if affected else "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "cache_size": -dialect.CACHE_KIB,
    }
    for transaction, only in ((database.reading, 1), (database.writing, 0)):
        with transaction() as session:
            for name, value in {**expected, "query_only": only}.items():
                assert session.scalar(text(f"PRAGMA {name}")) == value
    database.close()

"""Files in the database: read as they were written, in any part, and gone when they are removed."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import pytest

from api.errors import NotFoundError
from api.store.dialect import sqlite_module
from api.store.files import PIECE, has_files, remove_files, replace_file, store_files
from api.store.stored_file import StoredFile

if TYPE_CHECKING:
    from pathlib import Path

    from api.store.database import Database

OWNER = "a" * 32


@pytest.mark.parametrize("size", [0, 1, PIECE, 2 * PIECE + 17])
def test_a_stored_file_reads_like_a_file(database: Database, tmp_path: Path, size: int) -> None:
    dice = np.random.default_rng(size)
    path = tmp_path / "some.bin"
    path.write_bytes(dice.bytes(size))
    with database.writing() as session:
        store_files(session, OWNER, [path])
    with path.open("rb") as plain, database.reading() as session:
        stored = StoredFile(session, OWNER, path.name)
        assert stored.read() == plain.read()
        for _ in range(40):
            origin = int(dice.choice([io.SEEK_SET, io.SEEK_CUR, io.SEEK_END]))
            step = int(dice.integers(-size // 2 - 1, size // 2 + 2))
            if {0: 0, 1: plain.tell(), 2: size}[origin] + step >= 0:
                assert stored.seek(step, origin) == plain.seek(step, origin)
            count = int(dice.integers(0, size // 3 + 2))
            assert stored.read(count) == plain.read(count)
            assert stored.tell() == plain.tell() or plain.tell() > size


def test_what_is_not_there(database: Database) -> None:
    with database.reading() as session, pytest.raises(NotFoundError, match="has no file 'x'"):
        StoredFile(session, OWNER, "x")


def test_a_shorter_file_takes_the_place_of_a_longer_one(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "some.bin"
    with database.writing() as session:
        path.write_bytes(b"x" * (2 * PIECE))
        store_files(session, OWNER, [path])
        path.write_bytes(b"short")
        replace_file(session, OWNER, path)
    with database.reading() as session:
        assert StoredFile(session, OWNER, path.name).read() == b"short"


@pytest.mark.parametrize("empty_url", ["sqlite"], indirect=True)
def test_what_was_removed_is_overwritten(database: Database, tmp_path: Path) -> None:
    """SQLite leaves what was deleted in its file, unless it is told not to."""
    path = tmp_path / "some.txt"
    path.write_bytes(b"canary " * 20_000)
    with database.writing() as session:
        store_files(session, OWNER, [path])
        assert has_files(session, OWNER)
    assert b"canary" in bytes_of(database, tmp_path)
    with database.writing() as session:
        remove_files(session, OWNER)
        assert not has_files(session, OWNER)
    assert b"canary" not in bytes_of(database, tmp_path)


def bytes_of(database: Database, directory: Path) -> bytes:
    """Return all bytes of a database's file, with what only its journal had."""
    database.close()
    path = directory / "fairlead.db"
    plain = sqlite_module().connect(path)
    plain.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
    plain.close()
    return path.read_bytes()

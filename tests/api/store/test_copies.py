"""Copies of files: whole or not there, kept while they are used, and thinned."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import pytest

from api.errors import NotFoundError
from api.store import copies as copies_module
from api.store.columns import new_id
from api.store.copies import GRACE_SECONDS, LEFT_SECONDS, Copies
from api.store.database import Database
from api.store.files import remove_files, store_files
from api.store.migrate import upgrade

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Database]:
    """Give a database: copies are the same beside either kind."""
    database = Database(f"sqlite:///{tmp_path}/fairlead.db")
    upgrade(database)
    yield database
    database.close()


def keep(database: Database, tmp_path: Path, text: str = "x") -> str:
    """Keep a file; return its owner's id."""
    owner = new_id()
    path = tmp_path / "told.txt"
    path.write_text(text, encoding="utf-8")
    with database.writing() as session:
        store_files(session, owner, [path])
    return owner


def test_one_copy_is_made_however_many_ask(sqlite: Database, tmp_path: Path) -> None:
    owner = keep(sqlite, tmp_path, "kept")
    stores = [Copies(sqlite, tmp_path / "copies") for _ in range(4)]
    told: list[str] = []
    barrier = threading.Barrier(4)

    def ask(store: Copies) -> None:
        barrier.wait()
        told.append((store.directory(owner) / "told.txt").read_text("utf-8"))

    threads = [threading.Thread(target=ask, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == ["kept"] * 4
    assert [path.name for path in (tmp_path / "copies").iterdir()] == [owner]


@pytest.mark.parametrize("same_process", [True, False])
@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_text("kepu", encoding="utf-8"),
        lambda path: path.write_text("", encoding="utf-8"),
        lambda path: path.write_text("kept and more", encoding="utf-8"),
        lambda path: path.unlink(),
        lambda path: path.rename(path.with_name("other.txt")),
        lambda path: path.with_name("strange.txt").touch(),
        lambda path: (path.unlink(), path.mkdir()),
    ],
    ids=["altered", "emptied", "longer", "gone", "renamed", "strange", "directory"],
)
def test_a_damaged_copy_is_made_again(
    sqlite: Database, tmp_path: Path, damage: Callable[[Path], object], *, same_process: bool
) -> None:
    owner = keep(sqlite, tmp_path, "kept")
    first = Copies(sqlite, tmp_path / "copies")
    damage(first.directory(owner) / "told.txt")
    asked = first if same_process else Copies(sqlite, tmp_path / "copies")
    directory = asked.directory(owner)
    assert {path.name: path.read_text("utf-8") for path in directory.iterdir()} == {
        "told.txt": "kept"
    }


def test_a_copy_that_stays_is_compared_once(sqlite: Database, tmp_path: Path) -> None:
    owner = keep(sqlite, tmp_path, "kept")
    Copies(sqlite, tmp_path / "copies").directory(owner)
    asked = Copies(sqlite, tmp_path / "copies")
    asked.directory(owner)
    sqlite.close()
    (tmp_path / "fairlead.db").unlink()
    assert (asked.directory(owner) / "told.txt").read_text("utf-8") == "kept"


def test_what_is_not_there_is_told(sqlite: Database, tmp_path: Path) -> None:
    store = Copies(sqlite, tmp_path / "copies")
    with pytest.raises(NotFoundError, match="has no files"):
        store.directory("0" * 32)
    with pytest.raises(ValueError, match="is no id"):
        store.directory("../secret")
    assert not list((tmp_path / "copies").iterdir())


def test_old_copies_make_room_and_used_ones_stay(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies_module, "KEPT", 2)
    store = Copies(sqlite, tmp_path / "copies")
    owners = [keep(sqlite, tmp_path) for _ in range(4)]
    directories = [store.directory(owner) for owner in owners[:3]]
    assert all(path.is_dir() for path in directories)
    old = directories[0].stat().st_mtime - 2 * GRACE_SECONDS
    os.utime(directories[0], (old, old))
    store.directory(owners[3])
    assert [path.is_dir() for path in directories] == [False, True, True]
    assert store.directory(owners[0]).is_dir()


def test_removed_files_and_what_was_left_go(sqlite: Database, tmp_path: Path) -> None:
    store = Copies(sqlite, tmp_path / "copies")
    owner = keep(sqlite, tmp_path)
    directory = store.directory(owner)
    left, fresh = tmp_path / "copies" / "new-left", tmp_path / "copies" / "new-fresh"
    for path in (left, fresh):
        path.mkdir()
    old = left.stat().st_mtime - 2 * LEFT_SECONDS
    os.utime(left, (old, old))
    store.forget_removed()
    assert (directory.is_dir(), left.is_dir(), fresh.is_dir()) == (True, False, True)
    with sqlite.writing() as session:
        remove_files(session, owner)
    store.forget_removed()
    assert not directory.exists()
    store.forget(owner)

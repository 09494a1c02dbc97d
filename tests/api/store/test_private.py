"""Files with names and hashes of keys: private from the beginning, unless somebody made them so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from api.services.desk.desk import Desk
from api.services.service import Service
from api.settings import Settings
from api.store.database import Database
from api.store.migrate import upgrade
from api.store.private import make_private, open_to_all

if TYPE_CHECKING:
    from pathlib import Path


def mode(path: Path) -> int:
    """Return who may do what with a file."""
    return path.stat().st_mode & 0o777


def test_a_new_installation_is_its_owners(tmp_path: Path) -> None:
    data = tmp_path / "new" / "data"
    database = Database(f"sqlite:///{data}/fairlead.db")
    upgrade(database)
    with database.writing():
        # Also what SQLite has beside its file while it writes.
        found = {path.name: mode(path) for path in data.iterdir()}
    database.close()
    assert set(found.values()) == {0o600}, found
    assert mode(data) == mode(data.parent) == 0o700


def test_work_files_are_their_owners(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o755)
    settings = Settings(
        data=tmp_path / "data", database_url=SecretStr(f"sqlite:///{tmp_path}/db/fairlead.db")
    )
    service = Service.of(settings, *(Desk(seconds=1) for _ in range(2)))
    assert mode(service.scratch) == 0o700
    service.close()
    assert mode(tmp_path / "data") == 0o755


def test_what_is_there_stays_as_it_is(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    data.chmod(0o750)
    file = data / "fairlead.db"
    file.touch()
    file.chmod(0o644)
    make_private(data)
    database = Database(f"sqlite:///{file}")
    upgrade(database)
    database.close()
    assert (mode(data), mode(file)) == (0o750, 0o644)


@pytest.mark.parametrize(
    ("folder", "file", "told"),
    [(0o755, 0o644, True), (0o755, 0o600, False), (0o700, 0o644, False), (0o750, 0o640, False)],
)
def test_who_may_read_it(tmp_path: Path, folder: int, file: int, told: bool) -> None:
    path = tmp_path / "data" / "fairlead.db"
    path.parent.mkdir()
    assert not open_to_all(path)
    path.touch()
    path.chmod(file)
    path.parent.chmod(folder)
    assert open_to_all(path) == told

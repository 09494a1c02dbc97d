"""A large installation is restored in the time that an outage may take (reliability test 13)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import pytest

from api.services.backup.restore import restore
from api.services.backup.save import save
from api.store.files import PIECE, store_files
from api.store.stored_file import StoredFile
from tests.api.company import add_company, add_plan_of, add_rules, publish
from tests.api.invariants import broken
from tests.api.services.backup.test_backup import KINDS, other, sums

if TYPE_CHECKING:
    from pathlib import Path

    from api.services.service import Service
    from api.store.database import Database

__all__ = ["other"]
MEGABYTES = 1024
RESTORED_IN = 300.0
"""Seconds within which it has to be there again, on a quiet machine."""


def grow(service: Service, owner_id: str, directory: Path, megabytes: int) -> None:
    """Give a snapshot files that hardly compress, as its tables do; 64 megabytes each."""
    dice = np.random.default_rng(13)
    for number in range(0, megabytes, 64):
        file = directory / f"table-{number}.parquet"
        with file.open("wb") as stream:
            for _ in range(min(64, megabytes - number)):
                stream.write(dice.bytes(PIECE))
        with service.database.writing() as session:
            store_files(session, owner_id, [file])
        file.unlink()


@pytest.mark.hard
@pytest.mark.parametrize("other", KINDS, indirect=True)
@pytest.mark.parametrize("megabytes", [64, MEGABYTES])
def test_a_large_installation_is_soon_there_again(
    service: Service, other: Database, tmp_path: Path, megabytes: int
) -> None:
    snapshot = add_company(service)
    publish(service, add_plan_of(service, snapshot, add_rules(service)))
    grow(service, snapshot, tmp_path, megabytes)
    backup = tmp_path / "backup.zip"
    manifest = save(service.database, backup)
    assert backup.stat().st_size >= megabytes * PIECE
    began = time.monotonic()
    assert restore(other, backup) == manifest
    took = time.monotonic() - began
    assert took <= RESTORED_IN
    assert sums(other) == sums(service.database)
    assert broken(other) == []
    name = f"table-{(megabytes - 1) // 64 * 64}.parquet"
    with service.database.reading() as here, other.reading() as there:
        assert StoredFile(here, snapshot, name).read() == StoredFile(there, snapshot, name).read()

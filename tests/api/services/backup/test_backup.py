"""Backups: of one moment, whole or refused, and from either kind of database into either kind."""

from __future__ import annotations

import zipfile
from threading import Event, Thread
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sqlalchemy import select

from api.errors import ConflictError, StoreError
from api.services.access.keys import add_key
from api.services.access.roles import Role
from api.services.backup.manifest import MANIFEST_FILE
from api.services.backup.restore import restore
from api.services.backup.rows import sum_of, tables
from api.services.backup.save import save
from api.store.audit import append_audit
from api.store.database import Database
from api.store.migrate import upgrade
from api.store.stored_file import StoredFile
from api.store.tables import AuditRow, PlanRow
from models.errors import UsageError
from tests.api.company import add_company, add_plan_of, add_rules, publish
from tests.api.invariants import broken, tamper

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from api.services.service import Service

KINDS = ("sqlite", "postgresql")


@pytest.fixture
def other(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Give a database of the kind that a test names, without tables."""
    url = f"sqlite:///{tmp_path}/other.db"
    if request.param == "postgresql":
        new: Callable[[], str] = request.getfixturevalue("new_postgres")
        url = new()
    database = Database(url)
    yield database
    database.close()


def fill(service: Service) -> str:
    """Make a plan and publish it; return its id."""
    plan = add_plan_of(service, add_company(service), add_rules(service))
    with service.database.writing() as session:
        add_key(session, "é", Role.REP, {"rep_id": "R1"}, actor="key:test")
    publish(service, plan)
    return plan


def sums(database: Database) -> dict[str, tuple[int, str]]:
    """Return number and hash of the rows of every table."""
    with database.reading() as session:
        told = {table.name: sum_of(session, table) for table in tables()}
    return {name: (total.rows, total.hash) for name, total in told.items()}


@pytest.mark.parametrize("other", KINDS, indirect=True)
def test_a_backup_of_a_busy_database(service: Service, other: Database, tmp_path: Path) -> None:
    plan = fill(service)
    ended, begun = Event(), Event()

    def write() -> None:
        while not ended.is_set():
            with service.database.writing() as session:
                append_audit(session, "key:test", "tried", "it", {"text": "é\n\u2028"})
            begun.set()

    thread = Thread(target=write)
    thread.start()
    begun.wait()
    manifest = save(service.database, tmp_path / "backup.zip")
    ended.set()
    thread.join()
    assert restore(other, tmp_path / "backup.zip") == manifest
    told = {name: (table.rows, table.hash) for name, table in manifest.tables.items()}
    assert sums(other) == told
    assert told["audit"][0] <= sums(service.database)["audit"][0]
    assert broken(other) == []
    with service.database.reading() as here, other.reading() as there:
        assert here.get_one(PlanRow, plan).hash == there.get_one(PlanRow, plan).hash
        name = "assignments.parquet"
        assert StoredFile(here, plan, name).read() == StoredFile(there, plan, name).read()
    # It goes on where it was.
    with other.writing() as session:
        append_audit(session, "key:test", "tried", "it", {})
    assert broken(other) == []


ONE_KIND = (
    pytest.mark.parametrize("empty_url", ["sqlite"], indirect=True),
    pytest.mark.parametrize("other", ["sqlite"], indirect=True),
)


@ONE_KIND[0]
@ONE_KIND[1]
def test_what_is_there_is_not_lost(service: Service, other: Database, tmp_path: Path) -> None:
    fill(service)
    file = tmp_path / "backup.zip"
    manifest = save(service.database, file)
    assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(UsageError, match="is there already"):
        save(service.database, file)
    upgrade(other)
    with other.writing() as session:
        append_audit(session, "ann", "tried", "it", {})
    with pytest.raises(ConflictError, match="not empty: there are rows in audit"):
        restore(other, file)
    assert sums(other)["audit"][0] == 1
    assert restore(other, file, replace=True) == manifest
    assert broken(other) == []


@ONE_KIND[0]
@ONE_KIND[1]
def test_damage_is_seen_and_changes_nothing(
    service: Service, other: Database, tmp_path: Path
) -> None:
    fill(service)
    whole = tmp_path / "backup.zip"
    save(service.database, whole)
    upgrade(other)
    before, content = sums(other), whole.read_bytes()
    dice, refused = np.random.default_rng(13), 0
    for number in range(40):
        damaged = tmp_path / f"{number}.zip"
        spoilt = bytearray(content)
        if number % 4:
            spoilt[int(dice.integers(len(content)))] ^= int(dice.integers(1, 256))
        else:
            del spoilt[int(dice.integers(len(content))) :]
        damaged.write_bytes(spoilt)
        try:
            restore(other, damaged, replace=True)
        except (UsageError, StoreError):
            refused += 1
            assert sums(other) == before
        else:
            # What nobody reads, such as the time of an entry.
            assert sums(other) == sums(service.database)
            before = sums(other)
    assert refused >= 30


@ONE_KIND[0]
@ONE_KIND[1]
def test_a_backup_of_a_trail_that_was_changed(
    service: Service, other: Database, tmp_path: Path
) -> None:
    fill(service)
    tamper(service.database, "UPDATE audit SET actor = 'x' WHERE number = 2")
    save(service.database, tmp_path / "backup.zip")
    with pytest.raises(StoreError, match="audit row 2 was changed after it was written"):
        restore(other, tmp_path / "backup.zip")
    with other.reading() as session, pytest.raises(Exception, match="no such table"):
        session.scalars(select(AuditRow)).all()


@ONE_KIND[1]
def test_files_that_are_no_backup(other: Database, tmp_path: Path) -> None:
    file = tmp_path / "some.zip"
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        restore(other, file)
    file.write_text("nothing")
    with pytest.raises(UsageError, match="is no whole backup of Fairlead"):
        restore(other, file)
    with zipfile.ZipFile(file, "w") as target:
        target.writestr(MANIFEST_FILE, '{"version": "9"}')
    with pytest.raises(UsageError, match=r"is wrong in revision, at, audit, tables"):
        restore(other, file)
    with zipfile.ZipFile(file, "w") as target:
        told = '"revision": "9999", "at": "2026-11-22T00:00:00Z", "audit": "", "tables": {}'
        target.writestr(MANIFEST_FILE, f'{{"version": "9", {told}}}')
    with pytest.raises(UsageError, match="Restore it with the version that wrote it"):
        restore(other, file)

"""Restores a backup: all of it, or nothing."""

from __future__ import annotations

import zipfile
import zlib
from typing import TYPE_CHECKING

from alembic import command
from pydantic import ValidationError
from sqlalchemy import delete, exists, select

from api.errors import ConflictError, StoreError
from api.services.backup.manifest import MANIFEST_FILE, Manifest
from api.services.backup.rows import Sum, insertion, row_of, sum_of, tables
from api.services.backup.save import entry_of
from api.store.audit import audit_faults
from api.store.dialect import faults
from api.store.migrate import EMPTY, NEWEST, migrate_in
from api.store.revision import NEWEST_REVISION, revision_of
from api.store.tables import AuditHeadRow, CurrentRow
from models.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Table as SqlTable
    from sqlalchemy.orm import Session

    from api.store.database import Database

BATCH_BYTES = 4 << 20
FIRST_ROWS = frozenset({AuditHeadRow.__tablename__, CurrentRow.__tablename__})
"""Tables that have a row from the beginning."""


def restore(database: Database, path: Path, *, replace: bool = False) -> Manifest:
    """Bring back all that a backup holds, in one transaction.

    Parameters
    ----------
    replace : whether what the database holds now may be lost

    Raises
    ------
    UsageError : the file is no backup, of another version, or damaged
    ConflictError : the database is not empty, and must not be replaced
    StoreError : what was restored is not what was saved
    """
    try:
        with zipfile.ZipFile(path) as file, database.writing() as session:
            manifest = _manifest(file, path)
            _make_empty(session, replace=replace)
            for table in tables():
                _fill(session, table, file, manifest)
            _verify(session, manifest)
            return manifest
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError) as error:
        raise UsageError(
            f"{path} is no whole backup of Fairlead: {error}; nothing was changed"
        ) from error
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from error


def _manifest(file: zipfile.ZipFile, path: Path) -> Manifest:
    try:
        manifest = Manifest.model_validate_json(file.read(MANIFEST_FILE))
    except ValidationError as error:
        faults_ = ", ".join(".".join(map(str, one["loc"])) or "all" for one in error.errors())
        raise UsageError(
            f"{path} is no backup that this version of Fairlead can read: its {MANIFEST_FILE} is "
            f"wrong in {faults_}"
        ) from error
    if manifest.revision != NEWEST_REVISION or manifest.tables.keys() != _names():
        raise UsageError(
            f"{path} was written by Fairlead {manifest.version} with tables of revision "
            f"{manifest.revision}; this version has {NEWEST_REVISION}. Restore it with the "
            "version that wrote it, then start this one"
        )
    return manifest


def _names() -> set[str]:
    return {table.name for table in tables()}


def _make_empty(session: Session, *, replace: bool) -> None:
    if revision_of(session) is not None:
        full = [table.name for table in tables() if _holds_more(session, table)]
        if full and not replace:
            raise ConflictError(
                f"the database is not empty: there are rows in {', '.join(full)}. Restore into "
                "another one, or say --replace to lose what this one holds"
            )
        # Rows of the audit trail cannot be deleted, but its table can be dropped.
        migrate_in(session, command.downgrade, EMPTY)
    migrate_in(session, command.upgrade, NEWEST)
    for name in FIRST_ROWS:
        session.execute(delete(next(table for table in tables() if table.name == name)))


def _holds_more(session: Session, table: SqlTable) -> bool:
    if table.name in FIRST_ROWS:
        return False
    return bool(session.scalar(select(exists(select(table)))))


def _fill(session: Session, table: SqlTable, file: zipfile.ZipFile, manifest: Manifest) -> None:
    total, statement = Sum(), insertion(table)
    batch: list[dict[str, object]] = []
    size = 0
    with file.open(entry_of(table.name)) as entry:
        for line in entry:
            total.add(line)
            batch.append(row_of(table, line))
            size += len(line)
            if size > BATCH_BYTES:
                session.execute(statement, batch)
                batch, size = [], 0
    if batch:
        session.execute(statement, batch)
    saved = manifest.tables[table.name]
    if (total.rows, total.hash) != (saved.rows, saved.hash):
        raise ValueError(
            f"{entry_of(table.name)} has {total.rows} rows of hash {total.hash[:12]}, and there "
            f"were {saved.rows} of hash {saved.hash[:12]}"
        )


def _verify(session: Session, manifest: Manifest) -> None:
    """Raise StoreError unless the database now holds what was saved."""
    wrong = [
        f"{table.name} has not the rows that were saved"
        for table in tables()
        if sum_of(session, table).hash != manifest.tables[table.name].hash
    ]
    head = session.scalars(select(AuditHeadRow.hash)).one()
    if head != manifest.audit:
        wrong.append(f"the audit trail ends with {head[:12]}, not with {manifest.audit[:12]}")
    wrong += [*audit_faults(session), *faults(session)]
    if wrong:
        raise StoreError("\n".join(["the backup was not restored; nothing was changed:", *wrong]))

"""Writes a backup."""

from __future__ import annotations

import os
import zipfile
from typing import TYPE_CHECKING

from sqlalchemy import select

import models
from api.errors import StoreError
from api.services.backup.manifest import MANIFEST_FILE, Manifest, SavedTable
from api.services.backup.rows import Sum, lines_of, tables
from api.store.dialect import now
from api.store.revision import NEWEST_REVISION, revision_of, way_out
from api.store.tables import AuditHeadRow
from models.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from api.store.database import Database

COMPRESSION = 1
"""Most of what is kept is compressed already."""


def save(database: Database, path: Path) -> Manifest:
    """Write all that a database keeps into a new file that only its owner may read.

    Raises
    ------
    UsageError : the file is there already, or cannot be written
    StoreError : the database is of another version
    """
    if path.exists():
        raise UsageError(f"{path} is there already; name a new file, or remove it first")
    unfinished = path.with_name(f".{path.name}.part")
    try:
        with database.reading() as session:
            manifest = _save(session, unfinished)
        # It appears under its name when it is whole, also if the power fails now.
        with unfinished.open("rb") as written:
            os.fsync(written.fileno())
        unfinished.rename(path)
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror or error}; nothing was saved"
        ) from error
    finally:
        unfinished.unlink(missing_ok=True)
    return manifest


def _save(session: Session, path: Path) -> Manifest:
    revision = revision_of(session)
    if revision != NEWEST_REVISION:
        raise StoreError(
            f"the database's tables are at revision {revision}, and this version of Fairlead knows "
            f"{NEWEST_REVISION}; {way_out(revision)}"
        )
    at, saved = now(session), {}
    owner_only = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with (
        os.fdopen(owner_only, "wb") as target,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=COMPRESSION) as file,
    ):
        for table in tables():
            total = Sum()
            with file.open(entry_of(table.name), "w", force_zip64=True) as entry:
                for line in lines_of(session, table):
                    total.add(line)
                    entry.write(line)
            saved[table.name] = SavedTable(rows=total.rows, hash=total.hash)
        manifest = Manifest(
            version=models.__version__,
            revision=revision,
            at=at,
            audit=session.scalars(select(AuditHeadRow.hash)).one(),
            tables=saved,
        )
        file.writestr(MANIFEST_FILE, manifest.model_dump_json(indent=1))
    return manifest


def entry_of(table: str) -> str:
    """Return what a table's rows are called in a backup."""
    return f"{table}.jsonl"

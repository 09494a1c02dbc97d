"""Brings a database to this version's schema, or back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.util import CommandError

from api.errors import StoreError
from api.store.dialect import lock_migrations

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.store.database import Database

MIGRATIONS = Path(__file__).with_name("migrations")
NEWEST, EMPTY = "head", "base"


def upgrade(database: Database, revision: str = NEWEST) -> None:
    """Bring a database up to a revision, in one transaction; nothing happens if it is there.

    Raises
    ------
    StoreError : it was written by a newer version
    """
    _migrate(database, command.upgrade, revision)


def downgrade(database: Database, revision: str = EMPTY) -> None:
    """Bring a database down to a revision; StoreError as `upgrade`."""
    _migrate(database, command.downgrade, revision)


def _migrate(database: Database, step: Callable[[Config, str], None], revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with database.writing() as session:
        lock_migrations(session)
        config.attributes["connection"] = session.connection()
        try:
            step(config, revision)
        except CommandError as error:
            raise StoreError(
                f"{database.shown_url} cannot be brought to this version's schema: {error}. "
                "Use the version of Fairlead that last wrote it, or a newer one"
            ) from error

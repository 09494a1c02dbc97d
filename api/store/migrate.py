"""Brings a database to this version's schema, or back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from api.errors import StoreError
from api.store.dialect import lock_migrations

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from api.store.database import Database

    Step = Callable[[Config, str], None]

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


def is_back(have: str | None, wanted: str) -> bool:
    """Return whether a revision lies before the one that a database has.

    Raises
    ------
    StoreError : there is no such revision
    """
    if have is None or wanted == NEWEST:
        return False
    if wanted == EMPTY:
        return True
    script = ScriptDirectory.from_config(_config())
    try:
        before = [one.revision for one in script.iterate_revisions(have, EMPTY)]
        target = script.get_revision(wanted).revision
    except CommandError as error:
        raise StoreError(
            f"there is no revision {wanted!r}: {error}; say {NEWEST}, {EMPTY} or a number"
        ) from error
    return target != have and target in before


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def migrate_in(session: Session, step: Step, revision: str) -> None:
    """Bring a database to a revision in the caller's transaction.

    Parameters
    ----------
    step : Alembic's upgrade or downgrade

    Raises
    ------
    CommandError : there is no such revision
    """
    lock_migrations(session)
    config = _config()
    config.attributes["connection"] = session.connection()
    step(config, revision)


def _migrate(database: Database, step: Step, revision: str) -> None:
    with database.writing() as session:
        try:
            migrate_in(session, step, revision)
        except CommandError as error:
            raise StoreError(
                f"{database.shown_url} cannot be brought to this version's schema: {error}. "
                "Use the version of Fairlead that last wrote it, or a newer one"
            ) from error

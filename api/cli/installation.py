"""The installation that a command works on."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.settings import Settings
    from api.store.database import Database

DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="DIR",
        help="The installation's directory; $FAIRLEAD_DATA, or fairlead-data, if not given.",
    ),
]


def settings_of(data: Path | None) -> Settings:
    """Return the settings of the environment, with the directory that was named."""
    from api.settings import load_settings

    settings = load_settings()
    return settings if data is None else settings.model_copy(update={"data": data})


@contextmanager
def database_of(settings: Settings) -> Iterator[Database]:
    """Give the database of settings; it may be empty, or not be there yet.

    If it was not, and what is done with it fails, nothing is left of it.
    """
    from api.store.private import removed_if_it_fails

    file = file_of(settings)
    with nullcontext() if file is None else removed_if_it_fails(file), _opened(settings) as opened:
        yield opened


def file_of(settings: Settings) -> Path | None:
    """Return the file of a database of SQLite; None for one of a server."""
    from api.store.dialect import SQLITE, parse_url

    url = parse_url(settings.url)
    return Path(url.database) if url.get_backend_name() == SQLITE and url.database else None


@contextmanager
def _opened(settings: Settings) -> Iterator[Database]:
    from api.store.database import Database

    database = Database(
        settings.url,
        lock_seconds=settings.lock_seconds,
        silent_seconds=settings.silent_seconds,
    )
    try:
        yield database
    finally:
        database.close()


@contextmanager
def existing_database(data: Path | None) -> Iterator[Database]:
    """Give the database of an installation that was started before.

    Raises
    ------
    UsageError : there is none, or it is of another version
    """
    from models.errors import UsageError

    settings = settings_of(data)
    advice = "name its directory with --data, set FAIRLEAD_DATABASE_URL, or run `fairlead serve`"
    # Opening a file of SQLite that is not there would make it.
    file = file_of(settings)
    if file is not None and not file.exists():
        place = settings.data if settings.database_url is None else file
        raise UsageError(f"there is no installation in {place}; {advice}")
    from api.store.revision import NEWEST_REVISION, revision_of, way_out

    with database_of(settings) as database:
        with database.reading() as session:
            revision = revision_of(session)
        if revision is None:
            raise UsageError(f"there is no installation in {database.shown_url}; {advice}")
        if revision != NEWEST_REVISION:
            raise UsageError(
                f"{database.shown_url} has tables of revision {revision}, and this version works "
                f"with {NEWEST_REVISION}; {way_out(revision)}"
            )
        yield database

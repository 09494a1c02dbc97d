"""`fairlead backup`, `fairlead restore`: all that an installation keeps, in one file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.console import output
from api.cli.installation import DataDir, database_of, existing_database, settings_of

BackupFile = Annotated[Path, typer.Argument(metavar="FILE", help="The backup.")]


def backup(file: BackupFile, data: DataDir = None) -> None:
    """Write all that the installation keeps into a new file, also while it works.

    It holds names, contacts and hashes of keys: only its owner may read it. It restores into
    SQLite as well as into PostgreSQL.

    Example: [bold]fairlead backup fairlead-2026-11-22.zip[/]
    """
    from api.services.backup.save import save

    with existing_database(data) as database:
        manifest = save(database, file)
    size = file.stat().st_size / 1e6
    output().print(
        f"{manifest.rows:,} rows of {len(manifest.tables)} tables are saved in {file} "
        f"({size:,.1f} MB). The audit trail's last hash is {manifest.audit}.",
        highlight=False,
        markup=False,
    )


def restore(
    file: BackupFile,
    data: DataDir = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Lose what the database holds now.")
    ] = False,
) -> None:
    """Bring back all that a backup holds, or nothing; into an empty database.

    Every table's hash, the number of rows and the audit trail are verified before it counts.

    Example: [bold]fairlead restore fairlead-2026-11-22.zip --data restored[/]
    """
    from shutil import rmtree

    from api.services.backup.restore import restore as restore_
    from api.services.service import COPIES

    settings = settings_of(data)
    with database_of(settings) as database:
        manifest = restore_(database, file, replace=replace)
        shown = database.shown_url
    # They may be of what is no longer there.
    rmtree(settings.data / COPIES, ignore_errors=True)
    at = manifest.at.strftime("%Y-%m-%d %H:%M")
    output().print(
        f"{manifest.rows:,} rows of {len(manifest.tables)} tables, saved {at} UTC, are restored "
        f"into {shown} and verified.",
        highlight=False,
        markup=False,
    )

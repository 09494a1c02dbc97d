"""`fairlead migrate`: brings the database to a version's tables."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.console import output
from api.cli.installation import DataDir, database_of, settings_of


def migrate(
    data: DataDir = None,
    to: Annotated[
        str, typer.Option(metavar="REVISION", help="A revision, head for the newest, or base.")
    ] = "head",
    lose: Annotated[
        bool, typer.Option("--lose", help="Allow a step back, which loses what it takes away.")
    ] = False,
) -> None:
    """Bring the database to this version's tables, or back; all of it, or nothing.

    `fairlead serve` does it by itself. Save a backup before a step back.

    Example: [bold]fairlead migrate --data acme[/]
    """
    from api.store.migrate import downgrade, is_back, upgrade
    from api.store.revision import revision_of
    from models.errors import UsageError

    with database_of(settings_of(data)) as database:
        with database.reading() as session:
            before = revision_of(session)
        if is_back(before, to):
            if not lose:
                raise UsageError(
                    f"{to} lies before {before}, which the database has: a step back loses what "
                    "was added since. Save a backup, and say --lose"
                )
            downgrade(database, to)
        else:
            upgrade(database, to)
        with database.reading() as session:
            after = revision_of(session)
        told = (before or "no tables", after or "no tables", database.shown_url)
    output().print(f"{told[2]}: from {told[0]} to {told[1]}.", highlight=False, markup=False)

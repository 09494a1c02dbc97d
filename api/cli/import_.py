"""`fairlead import`: from a CRM's export to a company directory."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from api.cli.console import output
from api.cli.issues import print_issues


def import_(
    mapping: Annotated[
        str, typer.Option("--mapping", help="Mapping file, or the name of one that ships.")
    ],
    sources: Annotated[
        list[Path],
        typer.Argument(metavar="SOURCE...", help="Export files, or a directory of them."),
    ],
    out: Annotated[Path, typer.Option("--out", help="Company directory to write.")],
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", help="When the export was made: 2026-11-21 or with time and zone."),
    ] = None,
) -> None:
    """Turn a CRM's export into the tables of a company directory, and report its dirt.

    Example: [bold]fairlead import --mapping maven_crm exports/ --out maven[/]
    """
    from models.files.importer import import_tables, write_tables
    from models.files.mapping_reader import read_mapping
    from scenarios.library import shipped_mapping

    shipped = None if Path(mapping).exists() else shipped_mapping(mapping)
    result = import_tables(read_mapping(shipped or Path(mapping)), sources, as_of=_moment(as_of))
    write_tables(result, out)
    print_issues(output(), result.issues)
    told = ", ".join(f"{len(table):,} {name}" for name, table in result.tables.items())
    output().print(f"Imported {told} to {out}", highlight=False)
    if result.snapshot is None:
        raise typer.Exit(1)


def _moment(text: str | None) -> datetime | None:
    """Return a moment; one without a zone is UTC."""
    from models.errors import UsageError

    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--as-of is {text!r}; write 2026-11-21 or 2026-11-21T18:00:00Z") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

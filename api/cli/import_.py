"""`fairlead import`: from a CRM's export to a company directory."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer


def import_(
    mapping: Annotated[Path, typer.Option("--mapping", help="Mapping file: target <- source.")],
    sources: Annotated[
        list[Path], typer.Argument(metavar="SOURCE...", help="Export files, or a directory of them.")
    ],
    out: Annotated[Path, typer.Option("--out", help="Company directory to write.")],
    as_of: Annotated[
        datetime | None, typer.Option("--as-of", help="When the export was made (UTC).")
    ] = None,
) -> None:
    """Turn a CRM's export into the tables of a company directory, and report its dirt.

    Example: [bold]fairlead import --mapping maven.yaml exports/ --out maven[/]
    """
    raise NotImplementedError

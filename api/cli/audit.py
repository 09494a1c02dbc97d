"""`fairlead audit`: the audit trail, and whether it is as it was written."""

from __future__ import annotations

import typer

from api.cli.console import output
from api.cli.installation import DataDir, existing_database

audit = typer.Typer(help="The audit trail.", no_args_is_help=True)


@audit.command()
def verify(data: DataDir = None) -> None:
    """Check that no row was changed, removed or put elsewhere; exit 1 if one was.

    Example: [bold]fairlead audit verify[/]
    """
    from api.services.audit import check_audit

    with existing_database(data) as database, database.reading() as session:
        check = check_audit(session)
    if check.whole:
        output().print(f"All {check.rows:,} rows are as they were written.", highlight=False)
        return
    for fault in check.faults:
        output().print(fault, highlight=False, markup=False)
    raise typer.Exit(1)


@audit.command()
def head(data: DataDir = None) -> None:
    """Print the number and the hash of the newest row, to be kept elsewhere.

    Example: [bold]fairlead audit head >> /elsewhere/heads.txt[/]
    """
    from api.services.audit import audit_head

    with existing_database(data) as database, database.reading() as session:
        newest = audit_head(session)
    at = newest.at.isoformat() if newest.at else "-"
    output().print(f"{newest.number} {newest.hash} {at}", highlight=False, markup=False)

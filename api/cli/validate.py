"""`fairlead validate`: every fault of a company directory."""

from __future__ import annotations

import typer

from api.cli.console import output, print_json
from api.cli.issues import print_issues
from api.cli.options import POLICY, AsJson, CompanyDir


def validate(directory: CompanyDir, as_json: AsJson = False) -> None:
    """List every issue of a company directory; exit 1 on an error.

    Example: [bold]fairlead validate acme[/]
    """
    from models.files.snapshot_files import validate_directory
    from models.issues import IssueLog
    from planner.policy import read_policy

    keep = None
    if (directory / POLICY).exists():
        keep = read_policy(directory / POLICY).columns()
    issues = IssueLog()
    snapshot = validate_directory(directory, issues, keep=keep)
    if as_json:
        print_json(issues.to_frame().to_json(orient="records", indent=2))
    else:
        print_issues(output(), issues)
    if snapshot is None:
        raise typer.Exit(1)

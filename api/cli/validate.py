"""`fairlead validate`: every fault of a company directory."""

from __future__ import annotations

import typer

from api.cli.console import output, print_json
from api.cli.options import POLICY, AsJson, CompanyDir

SHOWN_AT_MOST = 100


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
        print_issues(issues)
    if snapshot is None:
        raise typer.Exit(1)


def print_issues(issues: IssueLog) -> None:  # noqa: F821
    """Print issues, the errors first, at most a hundred, and how many there are."""
    from rich.markup import escape

    console = output()
    rank = {"error": 0, "warning": 1, "info": 2}
    colours = {"error": "red", "warning": "yellow", "info": "cyan"}
    ordered = sorted(issues, key=lambda issue: rank[issue.severity])
    for issue in ordered[:SHOWN_AT_MOST]:
        text = escape(issue.text()).replace(issue.severity, "", 1)
        console.print(f"[{colours[issue.severity]}]{issue.severity:8}[/]{text}", highlight=False)
    if len(ordered) > SHOWN_AT_MOST:
        console.print(f"... and {len(ordered) - SHOWN_AT_MOST:,} more; `--json` lists all of them")
    counts = {name: sum(issue.severity == name for issue in ordered) for name in rank}
    told = ", ".join(f"{count:,} {_plural(name, count)}" for name, count in counts.items())
    console.print(f"[bold]{told}[/]", highlight=False)


def _plural(name: str, count: int) -> str:
    words = {"info": ("remark", "remarks")}.get(name, (name, f"{name}s"))
    return words[count != 1]

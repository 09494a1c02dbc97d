"""`fairlead validate`: every fault of a company directory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from api.cli.console import output, print_json
from api.cli.issues import print_issues
from api.cli.options import AsJson, CompanyDir, PolicyFile, policy_path

if TYPE_CHECKING:
    from models.snapshot import Snapshot

SOURCES_SHOWN = 20


def validate(directory: CompanyDir, policy: PolicyFile = None, as_json: AsJson = False) -> None:
    """List every issue of a company directory and its policy; exit 1 on an error.

    Example: [bold]fairlead validate acme[/]
    """
    from models.errors import PolicyError
    from models.files.snapshot_files import validate_directory
    from models.issues import IssueLog
    from planner.policy import read_policy
    from planner.remarks import remarks_on_policy

    path = policy_path(directory, policy)
    rules = read_policy(path) if policy is not None or path.exists() else None
    keep = rules.columns() if rules else None
    issues = IssueLog()
    snapshot = validate_directory(directory, issues, keep=keep)
    fault = None
    if rules is not None and snapshot is not None:
        try:
            rules.check(snapshot)
            issues.extend(remarks_on_policy(rules.in_force(snapshot), snapshot))
        except PolicyError as error:
            fault = error
    if as_json:
        print_json(issues.to_frame().to_json(orient="records", indent=2))
    else:
        print_issues(output(), issues)
        if snapshot is not None:
            _print_overview(snapshot)
        if rules is None:
            output().print(
                f"There is no {path.name} here: only the tables were looked at.", highlight=False
            )
    if snapshot is None:
        raise typer.Exit(1)
    if fault is not None:
        raise fault


def _print_overview(snapshot: Snapshot) -> None:
    """Print what the tables hold: leads, reps, the pool, and the sources."""
    from rich.markup import escape
    from rich.table import Table

    from models.overview import pool, sources

    console = output()
    console.print(
        f"{snapshot.num_leads:,} leads, {len(pool(snapshot)):,} of them without an owner; "
        f"{snapshot.num_reps:,} reps; {len(snapshot.history):,} past outcomes.",
        highlight=False,
    )
    by_source = sources(snapshot)
    if len(by_source) < 2:
        return
    table = Table(title="By source", title_justify="left", box=None, pad_edge=False)
    for name in by_source.columns:
        table.add_column(name, justify="left" if name == "source" else "right")
    for row in by_source.head(SOURCES_SHOWN).to_dict("records"):
        rate = f"{row['conversion']:.1%}" if row["outcomes"] else "-"
        counts = (f"{row[name]:,}" for name in ("leads", "outcomes", "won"))
        table.add_row(escape(str(row["source"])), *counts, rate)
    console.print(table)

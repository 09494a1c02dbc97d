"""`fairlead evaluate`: assignments made elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.console import output, print_json
from api.cli.load import load
from api.cli.options import AsJson, CompanyDir, PolicyFile, policy_path


def evaluate(
    directory: CompanyDir,
    assignments: Annotated[
        Path,
        typer.Argument(
            metavar="ASSIGNMENTS", help="CSV or Parquet with lead_id and rep_id (or owner)."
        ),
    ],
    out: Annotated[Path, typer.Option("--out", help="Where the plan goes.")],
    policy: PolicyFile = None,
    as_json: AsJson = False,
) -> None:
    """Score any assignment made elsewhere; a lead that is absent is unassigned.

    Example: [bold]fairlead evaluate acme owners.csv --out acme/owners[/]
    """
    from api.cli.summary import print_plan
    from models.files.assignments import read_assignments
    from models.files.plan_files import write_plan
    from planner.solve import evaluate as evaluate_assignment

    snapshot, rules, timings = load(directory, policy_path(directory, policy))
    given = read_assignments(assignments)
    made = evaluate_assignment(snapshot, rules, given, name=assignments.stem, timings=timings)
    write_plan(made, out)
    if as_json:
        print_json(made.record.model_dump_json(by_alias=True, indent=2))
    else:
        print_plan(output(), made, out)

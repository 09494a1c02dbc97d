"""`fairlead evaluate` and `fairlead baseline`: other people's assignments, and simple policies."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.console import output, print_json
from api.cli.load import load
from api.cli.options import AsJson, CompanyDir, PolicyFile, TieSeed, policy_path


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


def baseline(
    directory: CompanyDir,
    rule: Annotated[
        str, typer.Option("--rule", help="greedy, round_robin, or all of them.")
    ] = "all",
    policy: PolicyFile = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Where plans go; with `all`, one below per rule.")
    ] = None,
    seed: TieSeed = 0,
    as_json: AsJson = False,
) -> None:
    """Share the leads out by a simple policy, under the same rules and limits.

    Example: [bold]fairlead baseline acme --rule round_robin[/]
    """
    import json

    from api.cli.summary import print_kpis
    from models.errors import UsageError
    from models.files.plan_files import write_plan
    from models.outcome import Limits
    from planner.engines.registry import BASELINES
    from planner.solve import make_plan

    if rule not in (*BASELINES, "all"):
        raise UsageError(f"no rule is called {rule!r}; there are {', '.join(BASELINES)} and all")
    snapshot, rules, timings = load(directory, policy_path(directory, policy))
    names = list(BASELINES) if rule == "all" else [rule]
    plans = {
        name: make_plan(snapshot, rules, engine=name, limits=Limits(seed=seed), timings=timings)
        for name in names
    }
    for name, made in plans.items():
        if out is not None:
            write_plan(made, out / name if rule == "all" else out)
    if as_json:
        records = {
            name: made.record.model_dump(mode="json", by_alias=True) for name, made in plans.items()
        }
        print_json(json.dumps(records if rule == "all" else records[rule], indent=2))
    else:
        print_kpis(output(), plans)

"""`fairlead what-if` and `fairlead sweep`: scenarios beside each other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.console import errors, output, print_json
from api.cli.load import load
from api.cli.options import AsJson, CompanyDir, PolicyFile, Seed, policy_path

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    import pandas as pd

    from scenarios.what_if.scenario import Scenario

Out = Annotated[Path, typer.Option("--out", help="Directory for the plans and their table.")]
From = Annotated[
    Path | None, typer.Option("--from", help="The base plan; made first if not given.")
]
Workers = Annotated[int, typer.Option("--workers", min=1, help="How many run at a time.")]
Seconds = Annotated[
    float, typer.Option("--time-limit", min=0, help="Seconds for solving each of them.")
]
Gap = Annotated[float, typer.Option("--gap", min=0, help="Good enough: 0.001 is 0.1 %.")]
SHOWN = ("expected_value", "coverage", "moves", "value_gini", "gap")


def what_if(
    directory: CompanyDir,
    scenario: Annotated[
        list[Path], typer.Option("--scenario", help="Scenario file; may be given several times.")
    ],
    out: Out,
    policy: PolicyFile = None,
    base: From = None,
    time_limit: Seconds = 60.0,
    gap: Gap = 0.001,
    seed: Seed = 0,
    workers: Workers = 2,
    as_json: AsJson = False,
) -> None:
    """Plan a company as it is and under each scenario; its own tables stay as they are.

    Example: [bold]fairlead what-if acme --scenario two-leave.yaml --out acme-what-if[/]
    """
    from scenarios.what_if.scenario_file import read_scenario

    scenarios = [read_scenario(path) for path in scenario]
    _run(directory, policy, scenarios, out, base, (time_limit, gap, seed), workers, as_json)


def sweep(
    directory: CompanyDir,
    parameters: Annotated[
        list[str],
        typer.Option("--set", metavar="PATH=V1,V2", help="A place in the policy, and its values."),
    ],
    out: Out,
    policy: PolicyFile = None,
    base: From = None,
    time_limit: Seconds = 60.0,
    gap: Gap = 0.001,
    seed: Seed = 0,
    workers: Workers = 2,
    as_json: AsJson = False,
) -> None:
    """Plan a company under every combination of values in places of its policy.

    Example: [bold]fairlead sweep acme --set capacity.2.at_most=8,12,16 --out acme-sweep[/]
    """
    from models.errors import UsageError
    from scenarios.what_if.sweep import grid, parameter

    values = dict(map(parameter, parameters))
    if len(values) < len(parameters):
        raise UsageError("--set names a place twice; list all its values once")
    _run(directory, policy, grid(values), out, base, (time_limit, gap, seed), workers, as_json)


def _run(
    directory: Path,
    policy_file: Path | None,
    scenarios: Sequence[Scenario],
    out: Path,
    base: Path | None,
    limits: tuple[float, float, int],
    workers: int,
    as_json: bool,
) -> None:
    from models.files.plan_files import read_plan
    from models.outcome import Limits
    from scenarios.what_if.run_many import SOLVED, run_many

    snapshot, policy, _ = load(directory, policy_path(directory, policy_file))
    seconds, gap, seed = limits
    number = 0

    def told(row: Mapping[str, Any]) -> None:
        nonlocal number
        number += 1
        if not as_json:
            text = f"{number} of {len(scenarios) + 1}: {row['scenario']}: {row['status']}"
            errors().print(text, highlight=False, markup=False)

    frame = run_many(
        snapshot,
        policy,
        scenarios,
        out,
        base=None if base is None else read_plan(base),
        limits=Limits(seconds=seconds, gap=gap, seed=seed),
        workers=workers,
        told=told,
    )
    if as_json:
        print_json(frame.to_json(orient="records", indent=2))
    else:
        _print(frame, out)
    if (frame["status"] != SOLVED).any():
        raise typer.Exit(1)


def _print(frame: pd.DataFrame, out: Path) -> None:
    """Print one row per scenario, with what differs from the base."""
    from rich.markup import escape
    from rich.table import Table

    from api.cli.summary import told_delta, told_number
    from scenarios.compare import METRICS

    console = output()
    metrics = [metric for metric in METRICS if metric.name in SHOWN]
    table = Table(box=None, pad_edge=False)
    table.add_column("scenario")
    for metric in metrics:
        table.add_column(metric.title, justify="right")
    first = frame.iloc[0]
    for _, row in frame.iterrows():
        cells = []
        for metric in metrics:
            text = told_number(row[metric.name], metric.unit)
            delta = told_delta(row[metric.name] - first[metric.name], metric.unit, metric.better)
            cells.append(f"{text} {delta}".rstrip())
        table.add_row(escape(str(row["scenario"])), *cells)
    console.print(table)
    for _, row in frame.iterrows():
        if row["detail"]:
            console.print(
                f"[red]{escape(str(row['scenario']))}[/]  {escape(str(row['detail']))}",
                highlight=False,
            )
    console.print(f"[dim]Plans and scenarios.csv in {escape(str(out))}[/]", highlight=False)

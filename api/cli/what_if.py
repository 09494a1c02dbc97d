"""`fairlead what-if` and `fairlead sweep`: scenarios beside each other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.console import counting, output, print_json
from api.cli.load import load
from api.cli.many import Many
from api.cli.options import policy_path
from api.cli.spread import spread

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from scenarios.what_if.scenario import Scenario


def _run(shared: Many, scenarios: Sequence[Scenario]) -> pd.DataFrame:
    """Plan a company as it is and under each scenario, and show how far that is."""
    from scenarios.what_if.run_many import refuse_other, run_many

    snapshot, policy, _ = load(shared.directory, policy_path(shared.directory, shared.policy))
    base = shared.base_plan()
    if base is not None:
        refuse_other(base, snapshot, policy)
    with counting(len(scenarios) + 1, quiet=shared.as_json) as done:
        return run_many(
            snapshot,
            policy,
            scenarios,
            shared.out,
            base=base,
            limits=shared.limits(),
            workers=shared.workers,
            told=lambda row: done(f"{row['scenario']}: {row['status']}"),
        )


@spread(Many)
def what_if(
    scenario: Annotated[
        list[Path], typer.Option("--scenario", help="Scenario file; may be given several times.")
    ],
    shared: Many,
    with_effects: Annotated[
        bool,
        typer.Option(
            "--effects",
            help="Also plan each scenario without each of its changes, and tell what each does.",
        ),
    ] = False,
) -> None:
    """Plan a company as it is and under each scenario; its own tables stay as they are.

    Example: [bold]fairlead what-if acme --scenario two-leave.yaml --out acme-what-if[/]
    """
    from scenarios.what_if.effects import effects_in, variants
    from scenarios.what_if.run_many import SOLVED
    from scenarios.what_if.scenario_file import read_scenario

    scenarios = [read_scenario(path) for path in scenario]
    several = [each for each in scenarios if with_effects and len(each.changes) > 1]
    frame = _run(shared, [*scenarios, *(one for each in several for one in variants(each))])
    solved = set(frame.loc[frame["status"] == SOLVED, "scenario"])
    effects = {each.name: effects_in(frame, each) for each in several if each.name in solved}
    _tell(frame[: len(scenarios) + 1], shared, effects if with_effects else None)


@spread(Many)
def sweep(
    parameters: Annotated[
        list[str],
        typer.Option("--set", metavar="PATH=V1,V2", help="A place in the policy, and its values."),
    ],
    shared: Many,
) -> None:
    """Plan a company under every combination of values in places of its policy.

    Example: [bold]fairlead sweep acme --set capacity.2.at_most=8,12,16 --out acme-sweep[/]
    """
    from models.errors import UsageError
    from scenarios.what_if.sweep import grid, parameter

    values = dict(map(parameter, parameters))
    if len(values) < len(parameters):
        raise UsageError("--set names a place twice; list all its values once")
    _tell(_run(shared, grid(values)), shared)


def _tell(
    frame: pd.DataFrame, shared: Many, effects: Mapping[str, pd.DataFrame] | None = None
) -> None:
    """Print the scenarios, and what their changes do if asked; exit 1 if one has no plan."""
    from scenarios.what_if.run_many import SOLVED

    if shared.as_json:
        print_json(_as_json(frame, effects))
    else:
        from rich.markup import escape

        from api.cli.scenario_tables import print_effects, print_scenarios

        console = output()
        print_scenarios(console, frame)
        for name, table in (effects or {}).items():
            print_effects(console, name, table)
        console.print(
            f"[dim]Plans and scenarios.csv in {escape(str(shared.out))}[/]", highlight=False
        )
    if (frame["status"] != SOLVED).any():
        raise typer.Exit(1)


def _as_json(frame: pd.DataFrame, effects: Mapping[str, pd.DataFrame] | None) -> str:
    """Return the rows of the scenarios; with effects, `scenarios` and the rows of `effects`."""
    import json

    if effects is None:
        return str(frame.to_json(orient="records", indent=2))
    told = {name: json.loads(table.to_json(orient="records")) for name, table in effects.items()}
    rows = json.loads(frame.to_json(orient="records"))
    return json.dumps({"scenarios": rows, "effects": told}, indent=2)

"""`fairlead compare`: plans side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from api.cli.console import output, print_json
from api.cli.options import AsJson

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from models.plan import Plan

By = Literal["rep", "team", "region", "grade"]
MOVES_SHOWN = 15


def compare(
    plans: Annotated[list[Path], typer.Argument(metavar="PLAN PLAN...", help="Plan directories.")],
    by: Annotated[By | None, typer.Option("--by", help="Also tell what each of these has.")] = None,
    moves: Annotated[
        int, typer.Option("--moves", min=0, help="How many leads that move to list, at most.")
    ] = MOVES_SHOWN,
    as_json: AsJson = False,
) -> None:
    """Show the KPIs of plans side by side, deltas against the first, and who moves.

    A delta within the gaps of plans that answer different questions is not called better.

    Example: [bold]fairlead compare acme/owners acme/plan --by rep[/]
    """
    from api.cli.plan_names import short_names
    from models.errors import UsageError

    if len(plans) < 2:
        raise UsageError("compare needs at least two plans")
    names = short_names(plans)
    read = dict(zip(names, _read(plans), strict=True))
    if as_json:
        print_json(_as_json(read, by))
    else:
        _print(read, by, moves)


def _read(paths: list[Path]) -> list[Plan]:
    """Return the plans of some directories; PlanFileError tells of all that hold none."""
    from models.errors import PlanFileError
    from models.files.plan_files import read_plan

    plans, faults = [], []
    for path in paths:
        try:
            plans.append(read_plan(path))
        except PlanFileError as error:
            faults.append(str(error))
    if faults:
        raise PlanFileError("\n".join(faults))
    return plans


def _print(plans: Mapping[str, Plan], by: By | None, shown: int) -> None:
    from api.cli.side_by_side import print_groups, print_kpis, print_metrics, print_moves
    from scenarios.compare import group_table, moves_between, remarks, shared_leads, shared_table

    console = output()
    (first, before), *others = plans.items()
    groups = None if by is None else group_table(plans, by)
    print_kpis(console, plans)
    told = [text for name, plan in others for text in remarks(before, plan, (first, name))]
    for text in dict.fromkeys(told):
        console.print(text, style="yellow", highlight=False, markup=False)
    shared = len(shared_leads(plans.values()))
    if any(len(plan.assignments) > shared for plan in plans.values()):
        console.print(f"\n[bold]On the {shared:,} leads of all plans[/]", highlight=False)
        print_metrics(console, shared_table(plans), list(plans), before.record.currency)
    if groups is not None:
        print_groups(console, groups, str(by), before.record.currency)
    for name, plan in others:
        print_moves(console, (first, name), moves_between(before, plan), shown)


def _as_json(plans: Mapping[str, Plan], by: By | None) -> str:
    """Return everything that is printed, and all moves, as JSON."""
    import json

    from scenarios.compare import (
        group_table,
        handovers,
        kpi_table,
        moves_between,
        remarks,
        shared_table,
    )

    def records(frame: pd.DataFrame) -> object:
        return json.loads(frame.to_json(orient="records"))

    (first, before), *others = plans.items()
    moves = {name: moves_between(before, plan) for name, plan in others}
    told = {
        "kpis": records(kpi_table(plans)),
        "shared": records(shared_table(plans)),
        "remarks": {name: remarks(before, plan, (first, name)) for name, plan in others},
        "groups": None if by is None else records(group_table(plans, by)),
        "handovers": {name: records(handovers(frame)) for name, frame in moves.items()},
        "moves": {name: records(frame) for name, frame in moves.items()},
    }
    return json.dumps(told, indent=2)

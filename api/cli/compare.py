"""`fairlead compare`: plans side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.console import output, print_json
from api.cli.options import AsJson


def compare(
    plans: Annotated[list[Path], typer.Argument(metavar="PLAN PLAN...", help="Plan directories.")],
    as_json: AsJson = False,
) -> None:
    """Show the KPIs of plans side by side, deltas against the first, and who moves.

    Example: [bold]fairlead compare acme/plan acme/owners[/]
    """
    from api.cli.plan_names import short_names
    from api.cli.summary import print_kpis, print_moves
    from models.errors import UsageError
    from models.files.plan_files import read_plan
    from scenarios.compare import kpi_table, moves_between

    if len(plans) < 2:
        raise UsageError("compare needs at least two plans")
    names = short_names(plans)
    read = dict(zip(names, map(read_plan, plans), strict=True))
    table = kpi_table(read)
    first = read[names[0]]
    moves = {name: moves_between(first, read[name]) for name in names[1:]}
    if as_json:
        import json

        frames = {
            name: json.loads(frame.to_json(orient="records")) for name, frame in moves.items()
        }
        kpis = json.loads(table.to_json(orient="records"))
        print_json(json.dumps({"kpis": kpis, "moves": frames}, indent=2))
        return
    print_kpis(output(), read)
    for name, frame in moves.items():
        print_moves(output(), first, read[name], (names[0], name), frame)

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
    from api.cli.summary import print_kpis, print_moves
    from models.errors import UsageError
    from models.files.plan_files import read_plan
    from scenarios.compare import kpi_table, moves_between

    if len(plans) < 2:
        raise UsageError("compare needs at least two plans")
    names = _short_names(plans)
    if len(set(names)) < len(names):
        raise UsageError("compare needs different plans; one is named twice")
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


def _short_names(plans: list[Path]) -> list[str]:
    """Return the last parts of the paths, as few as tell them apart."""
    resolved = [path.resolve().parts for path in plans]
    for depth in range(1, max(map(len, resolved)) + 1):
        names = ["/".join(parts[-depth:]) for parts in resolved]
        if len(set(names)) == len(names):
            return names
    return [str(path) for path in plans]

"""`fairlead prices`: where the money is tight, and who should be hired next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.console import TerminalWatcher, output, print_json
from api.cli.explain import load_planned
from api.cli.options import AsJson, CompanyDir, PlanDir, TimeLimit

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from rich.console import Console

    from models.explanation import Hire, Worth
    from planner.explain.words import Words

SHOWN = 15
PLACES_SHOWN = 8


def prices(
    directory: CompanyDir,
    plan: PlanDir,
    hire: Annotated[
        bool, typer.Option("--hire", help="Also tell who should be hired next, and what for.")
    ] = False,
    solve: Annotated[
        bool, typer.Option("--solve", help="With --hire: solve again with each of them.")
    ] = False,
    time_limit: TimeLimit = 60.0,
    as_json: AsJson = False,
) -> None:
    """Tell what one more unit of each limit is worth: an hour, a lead, a move, a point of a band.

    Example: [bold]fairlead prices acme acme/plan --hire[/]
    """
    from models.errors import UsageError
    from models.outcome import Limits
    from planner.explain.hire import hires
    from planner.explain.tight import hour_prices, worths
    from planner.explain.words import Words

    if solve and not hire:
        raise UsageError("--solve goes with --hire: it solves again with each further rep")
    planned = load_planned(directory, plan)
    found, places = worths(planned), hour_prices(planned)
    further: Sequence[Hire] = ()
    if hire:
        with TerminalWatcher(quiet=as_json).watching() as watcher:
            limits = Limits(seconds=time_limit)
            further = hires(planned, solve=solve, limits=limits, watcher=watcher)
    if as_json:
        import json

        told = {
            "worths": [worth.model_dump(mode="json") for worth in found],
            "places": json.loads(places.to_json(orient="records")),
            "hires": [each.model_dump(mode="json") for each in further],
        }
        print_json(json.dumps(told, indent=2))
        return
    words = Words.of(planned)
    console = output()
    _print_worths(console, words, found, planned.plan.record.price_bound - planned.objective)
    _print_places(console, words, places)
    for each in further:
        console.print(f"[bold]{each.text}[/]", highlight=False)
        console.print(
            f"  At least {words.money(each.at_least)}, at most {words.money(each.at_most)}.",
            highlight=False,
        )


def _print_worths(console: Console, words: Words, found: Sequence[Worth], left_open: float) -> None:
    from rich.markup import escape
    from rich.table import Table

    if not found:
        console.print("No limit is tight: more of none would add to the score.")
        return
    console.print("What one more is worth, by the plan's prices")
    table = Table(box=None, pad_edge=False)
    for name in ("of", "limit", "what"):
        table.add_column(name)
    table.add_column("worth", justify="right")
    for worth in found[:SHOWN]:
        whose = "all" if worth.group == "all" else escape(worth.group)
        table.add_row(whose, escape(worth.limit), worth.what, words.money(worth.price))
    console.print(table)
    if len(found) > SHOWN:
        console.print(f"... and {len(found) - SHOWN:,} more; `--json` lists all of them")
    console.print(
        f"[dim]No plan with one more gains more than that and {words.money(left_open)}, which the "
        "prices leave open.[/]",
        highlight=False,
    )


def _print_places(console: Console, words: Words, places: pd.DataFrame) -> None:
    from rich.markup import escape
    from rich.table import Table

    if places.empty or not places["price"].any():
        return
    unit = places.columns[3]
    console.print(f"\nWhere one more of the {unit} of reps is worth most")
    table = Table(box=None, pad_edge=False)
    for name in ("region", "skill"):
        table.add_column(name)
    for name in ("reps", unit, "worth of one more"):
        table.add_column(name, justify="right")
    for row in places.head(PLACES_SHOWN).to_dict("records"):
        table.add_row(
            escape(str(row["region"])),
            escape(str(row["skill"])),
            f"{row['reps']:,}",
            f"{row[unit]:,.4g}",
            words.money(row["price"]),
        )
    console.print(table)
    console.print()

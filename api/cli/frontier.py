"""`fairlead frontier`: what value costs in moves, or in fairness."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.console import counting, output, print_json
from api.cli.load import load
from api.cli.many import Many
from api.cli.options import policy_path
from api.cli.spread import spread

if TYPE_CHECKING:
    from pathlib import Path

    from scenarios.frontier.axis import Axis
    from scenarios.frontier.frontier import Frontier


class AxisName(StrEnum):
    """What value is traded against."""

    MOVES = "moves"
    FAIRNESS = "fairness"


@spread(Many)
def frontier(
    axis: Annotated[
        list[AxisName],
        typer.Option("--axis", help="What value is traded against; both make a grid."),
    ],
    shared: Many,
    measure: Annotated[
        str | None, typer.Option("--measure", help="Of fairness: what is to be shared fairly.")
    ] = None,
    share_by: Annotated[
        str | None,
        typer.Option("--share-by", help="Of a new rule of fairness: `head`, or a column of reps."),
    ] = None,
    points: Annotated[int, typer.Option("--points", help="How many plans in all.")] = 12,
) -> None:
    """Plan a company under ever narrower limits: what each move, or each bit of fairness, is worth.

    Example: [bold]fairlead frontier acme --axis moves --out acme-frontier[/]
    """
    from models.errors import UsageError
    from scenarios.frontier.fairness_axis import fairness_axis
    from scenarios.frontier.moves_axis import MovesAxis
    from scenarios.frontier.trace import trace
    from scenarios.frontier.words import sentences
    from scenarios.pictures import frontier_charts, write_charts

    if AxisName.FAIRNESS not in axis and (measure is not None or share_by is not None):
        raise UsageError("--measure and --share-by are of --axis fairness; leave them out")
    # A column that only the new rule reads is no column of the policy's yet.
    columns = set() if share_by is None else {share_by}
    path = policy_path(shared.directory, shared.policy)
    snapshot, rules, _ = load(shared.directory, path, keep={"reps": columns})
    axes: dict[AxisName, Axis] = {}
    if AxisName.FAIRNESS in axis:
        snapshot, rules, axes[AxisName.FAIRNESS] = fairness_axis(snapshot, rules, measure, share_by)
    axes[AxisName.MOVES] = MovesAxis.of(rules)
    # Limits that nobody can keep are tried, too, so the number of plans is not known.
    with counting(None, quiet=shared.as_json) as done:
        found = trace(
            snapshot,
            rules,
            [axes[name] for name in axis],
            shared.out,
            base=shared.base_plan(),
            points=points,
            limits=shared.limits(),
            workers=shared.workers,
            told=lambda row: done(f"{row['scenario']}: {row['status']}"),
        )
    write_charts(frontier_charts(found), shared.out)
    if shared.as_json:
        import json

        rows = json.loads(found.frame.to_json(orient="records"))
        answer = {"currency": found.currency, "points": rows, "told": sentences(found)}
        print_json(json.dumps(answer, indent=2, ensure_ascii=False))
    else:
        _print(found, sentences(found), shared.out)


def _print(found: Frontier, told: list[str], out: Path) -> None:
    """Print one row per plan, what the frontier says, and where the plans are."""
    from rich.markup import escape
    from rich.table import Table

    from scenarios.plan_words import number_told

    console = output()
    columns = {
        "expected_value": ("Expected value", "money"),
        "objective": ("Objective", "money"),
        "gap": ("Gap", "share"),
        "moves": ("Moves", "leads"),
        "gini": ("Gini", ""),
        "widest_deviation": ("Off share", "share"),
    }
    if (found.frame["overload"] > 0).any():
        columns["overload"] = ("Over limits", "share")
    shown = {name: told for name, told in columns.items() if found.frame[name].notna().any()}
    table = Table(box=None, pad_edge=False)
    table.add_column("plan")
    for title, _ in shown.values():
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for row in found.frame.to_dict("records"):
        cells = [number_told(row[name], unit) for name, (_, unit) in shown.items()]
        remark = "" if row["is_efficient"] else "dominated"
        if row["status"] != "solved":
            remark = str(row["status"]).replace("_", " ")
        elif row["is_knee"]:
            remark = "[bold]knee[/]"
        table.add_row(escape(str(row["scenario"])), *cells, remark)
    console.print(table)
    console.print()
    for sentence in told:
        console.print(escape(sentence), highlight=False)
    console.print(
        f"[dim]Plans, frontier.csv and frontier.svg in {escape(str(out))}[/]",
        highlight=False,
    )

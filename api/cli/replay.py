"""`fairlead replay`: what planning would have made of the past."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.console import errors, output, print_json
from api.cli.load import load
from api.cli.options import AsJson, CompanyDir, PolicyFile, Seed, policy_path

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from rich.console import Console

    from scenarios.replay.replay import Replay

SHORT = re.compile(r"(\d+)\s*([dw])")
COLUMNS = {
    "expected_value": ("Value held", "money"),
    "closed_value": ("Value closed", "money"),
    "against_recorded": ("against recorded", "share"),
    "coverage": ("With a rep", "share"),
    "moves": ("Moves", "leads"),
    "count_gini": ("Gini of leads", ""),
    "value_gini": ("Gini of value", ""),
    "most_leads": ("Most leads", "leads"),
    "weeks_broken": ("Weeks broken", "leads"),
}


def replay(
    directory: CompanyDir,
    out: Annotated[
        Path, typer.Option("--out", help="Directory for weeks and tables; an ended run goes on.")
    ],
    policy: PolicyFile = None,
    judge: Annotated[
        Path | None,
        typer.Option(
            "--judge", help="Policy that values all; the same, on all of history, if not given."
        ),
    ] = None,
    first: Annotated[
        str | None,
        typer.Option("--from", metavar="DATE", help="First day to plan, as 2026-03-02."),
    ] = None,
    last: Annotated[
        str | None, typer.Option("--to", metavar="DATE", help="No plan is made later.")
    ] = None,
    every: Annotated[str, typer.Option("--every", help="Time between plans, as 1w or 10d.")] = "1w",
    against: Annotated[
        str, typer.Option("--against", metavar="NAMES", help="Simple policies, divided by commas.")
    ] = "round_robin,greedy",
    time_limit: Annotated[
        float, typer.Option("--time-limit", min=0, help="Seconds for solving each plan.")
    ] = 10.0,
    gap: Annotated[
        float, typer.Option("--gap", min=0, help="Good enough: 0.001 is 0.1 %.")
    ] = 0.001,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Plan each past week with what was known then, beside who did it and simple policies.

    History must tell when its leads were made, in the column `created`.

    Example: [bold]fairlead replay acme --out acme-replay --from 2026-03-02 --every 2w[/]
    """
    import json

    from models.files.frame_files import write_frames
    from models.outcome import Limits
    from planner.policy import read_policy
    from scenarios.pictures import replay_charts, write_charts
    from scenarios.replay.replay import replay as play

    days = {"--from": first, "--to": last}
    begin, end = (None if text is None else _day(name, text) for name, text in days.items())
    judging = None if judge is None else read_policy(judge)
    keep = None if judging is None else judging.columns()
    snapshot, rules, _ = load(directory, policy_path(directory, policy), keep=keep)
    found = play(
        snapshot,
        rules,
        judge=judging,
        first=begin,
        last=end,
        every=length_of(every),
        against=[name for name in against.split(",") if name],
        limits=Limits(seconds=time_limit, gap=gap, seed=seed),
        out=out,
        told=lambda row: None if as_json else _progress(row),
    )
    write_frames({"weeks": found.weeks, "summary": found.summary}, out)
    write_charts(replay_charts(found, rules.currency), out)
    if as_json:
        frames = {
            name: json.loads(getattr(found, name).to_json(orient="records"))
            for name in ("weeks", "summary")
        }
        told = {**frames, "judged_by": found.judged_by, "notes": found.notes}
        print_json(json.dumps(told, indent=2))
    else:
        _print(output(), found, out)
    if found.summary["weeks_without_plan"].any():
        raise typer.Exit(1)


def _day(option: str, text: str) -> date:
    from models.errors import UsageError

    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option} is {text!r}; it must be a date, as 2026-03-02") from None


def length_of(text: str) -> timedelta:
    """Return what `--every` says; UsageError if it is no length of time."""
    from models.errors import UsageError
    from models.units import parse_duration

    if short := SHORT.fullmatch(text.strip()):
        text = f"{short[1]} {'weeks' if short[2] == 'w' else 'days'}"
    try:
        return parse_duration(text)
    except ValueError as error:
        raise UsageError(f"--every is {text!r}; {error}") from None


def _progress(row: Mapping[str, Any]) -> None:
    made = row["detail"] or f"{row['expected_value']:,.0f}, {row['moves']:,} moves"
    text = f"{row['week']}  {row['leads']:,} leads  {row['contender']}: {made}"
    errors().print(text, highlight=False, markup=False)


def _print(console: Console, found: Replay, out: Path) -> None:
    """Print a row per contender, by whom they are judged, and what the tables do not tell."""
    from rich.markup import escape
    from rich.table import Table

    from scenarios.plan_words import number_told

    table = Table(box=None, pad_edge=False)
    table.add_column("contender")
    for title, _ in COLUMNS.values():
        table.add_column(title, justify="right")
    for row in found.summary.to_dict("records"):
        cells = [number_told(row[name], unit) for name, (_, unit) in COLUMNS.items()]
        table.add_row(escape(row["contender"]), *cells)
    console.print(table)
    first = found.summary.iloc[0]
    console.print(
        f"{first['weeks']} weeks, {first['closed']:,} deals closed. Value held is the mean of what "
        "open leads with a rep are worth; value closed counts each deal once, with whoever had it "
        "when it closed.",
        highlight=False,
    )
    for row in found.summary.to_dict("records")[1:]:
        if row["agreed"]:
            console.print(
                f"{row['contender']} had {row['agreed']:,} of these deals with the same rep as in "
                f"truth: {row['agreed_won'] / row['agreed']:.1%} were won.",
                highlight=False,
                markup=False,
            )
    for row in found.weeks[found.weeks["detail"] != ""].to_dict("records"):
        console.print(
            f"{row['week']}  {row['contender']}: {row['detail']}",
            style="red",
            highlight=False,
            markup=False,
        )
    for text in (found.judged_by, *found.notes):
        console.print(text, style="dim", highlight=False, markup=False)
    console.print(f"[dim]weeks.csv and summary.csv are in {escape(str(out))}.[/]", highlight=False)

"""`fairlead robustness`: how plans fare where inputs turn out other than expected."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.console import errors, output, print_json
from api.cli.load import load
from api.cli.options import AsJson, CompanyDir

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from scenarios.robustness.robustness import Robustness

REPS_SHOWN = 5


def robustness(
    directory: CompanyDir,
    plans: Annotated[list[Path], typer.Argument(metavar="PLAN...", help="Plan directories.")],
    out: Annotated[Path, typer.Option("--out", help="Directory for the tables.")],
    policy: Annotated[
        Path | None,
        typer.Option(
            "--policy", help="Whose amounts and win probabilities; the first plan's if not given."
        ),
    ] = None,
    draws: Annotated[int, typer.Option("--draws", min=2, help="How many draws.")] = 1_000,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Repeats the same draws.")] = 0,
    strength: Annotated[
        float,
        typer.Option(
            "--strength", min=1, help="Outcomes that a win probability is worth; inf: it is exact."
        ),
    ] = 50.0,
    by: Annotated[
        str | None,
        typer.Option(
            "--by",
            metavar="COLUMN,COLUMN",
            help="Columns of leads whose classes, with each rep, share one error.",
        ),
    ] = None,
    arrivals: Annotated[
        float, typer.Option("--arrivals", min=0, help="Leads that come per week, on average.")
    ] = 0.0,
    absence: Annotated[
        str, typer.Option("--absence", help="Chance that a rep is away some days, as 5%.")
    ] = "0%",
    days_absent: Annotated[
        int, typer.Option("--days-absent", min=1, help="Most working days of an absence.")
    ] = 5,
    as_json: AsJson = False,
) -> None:
    """Draw wins, win rates, arrivals and absences, and tell how plans fare in the same draws.

    Example: [bold]fairlead robustness acme acme/plan --out acme-robustness --absence 5%[/]
    """
    import json

    from api.cli.plan_names import short_names
    from models.files.frame_files import write_frames
    from models.files.plan_files import read_plan
    from scenarios.pictures import robustness_charts, write_charts
    from scenarios.robustness.robustness import robustness as draw
    from scenarios.robustness.uncertainty import Uncertainty

    uncertainty = Uncertainty(
        strength=strength,
        by=None if by is None else tuple(by.split(",")),
        arrivals=arrivals,
        absence=probability_of(absence),
        days_absent=days_absent,
    )
    read = dict(zip(short_names(plans), map(read_plan, plans), strict=True))
    snapshot, rules, _ = load(directory, policy or plans[0] / "policy.yaml")
    found = draw(snapshot, rules, read, uncertainty, draws, seed)
    write_frames(found.frames(), out)
    write_charts(robustness_charts(found), out)
    if as_json:
        frames = {
            name: json.loads(frame.to_json(orient="records"))
            for name, frame in found.frames().items()
            if name != "outcomes"
        }
        print_json(json.dumps(frames, indent=2))
    else:
        _print(output(), found)
        errors().print(
            f"All draws, these tables and their charts are in {out}.", highlight=False, markup=False
        )


def probability_of(text: str) -> float:
    """Return what `--absence` says; UsageError if it is no share."""
    from models.errors import UsageError
    from models.units import parse_share

    try:
        return parse_share(text)
    except ValueError as error:
        raise UsageError(f"--absence is {text!r}; {error}") from None


def _print(console: Console, found: Robustness) -> None:
    """Print what was drawn, how each plan fares, what it may break, and plans in pairs."""
    console.print(_drawn(found), highlight=False, markup=False)
    console.print()
    _print_summary(console, found)
    for plan, of_plan in found.promises.groupby("plan", sort=False):
        console.print()
        console.print(f"{plan}: what may break", style="bold", highlight=False, markup=False)
        _print_promises(console, of_plan)
    if len(found.differences):
        console.print()
        _print_differences(console, found)


def _drawn(found: Robustness) -> str:
    """Return in words what was drawn."""
    from models.units import number_text, share_text

    given = found.uncertainty
    classes = " and ".join(found.classes) or "no column"
    told = [f"{found.draws:,} draws (seed {found.seed}), the same for every plan."]
    if given.strength == float("inf"):
        told.append("Win probabilities are exact; each lead is won or lost.")
    else:
        told.append(
            f"Win probabilities are worth {number_text(given.strength)} outcomes and wrong "
            f"together for every rep and class of leads (by {classes}); each lead is won or lost."
        )
    if given.arrivals:
        told.append(f"{number_text(given.arrivals)} leads a week come on average.")
    if given.absence:
        told.append(
            f"Each rep is away with a chance of {share_text(given.absence)}, "
            f"for 1 to {given.days_absent} working days."
        )
    return " ".join(told)


def _print_summary(console: Console, found: Robustness) -> None:
    from rich.markup import escape
    from rich.table import Table

    from scenarios.plan_words import number_told
    from scenarios.robustness.figures import OF_ARRIVALS

    table = Table(box=None, pad_edge=False)
    for name in ("plan", "", "planned", "mean", "5 %", "median", "95 %"):
        table.add_column(name, justify="left" if name in ("plan", "") else "right")
    quiet = () if found.uncertainty.arrivals else tuple(figure.name for figure in OF_ARRIVALS)
    for plan, of_plan in found.summary.groupby("plan", sort=False):
        name = escape(str(plan))
        for row in of_plan[~of_plan["metric"].isin(quiet)].to_dict("records"):
            values = (row[name] for name in ("planned", "mean", "p5", "p50", "p95"))
            cells = [number_told(value, row["unit"]) for value in values]
            unit = f", {found.currency}" if row["unit"] == "money" else ""
            table.add_row(name, f"{row['title']}{unit}", *cells)
            name = ""
    console.print(table)


def _print_promises(console: Console, promises: pd.DataFrame) -> None:
    """Print each promise with its chance to break, and the reps whose it is the likeliest."""
    from rich.markup import escape

    for _, of_rule in promises.groupby("rule", sort=False):
        whole, *holders = of_rule.to_dict("records")
        color = "green" if whole["probability"] == 0 else "red"
        soft = " (soft: allowed at a cost)" if whole["soft"] else ""
        console.print(
            f"[{color}]{whole['probability']:7.1%}[/]  {escape(whole['sentence'])}{soft}",
            highlight=False,
        )
        named = [f"{row['holder']} {row['probability']:.1%}" for row in holders[:REPS_SHOWN]]
        if named:
            more = f" and {len(holders) - REPS_SHOWN} more" if len(holders) > REPS_SHOWN else ""
            told = f"at risk: {', '.join(named)}{more}; "
            told += f"{whole['mean_outside']:,.1f} {whole['unit']} outside on average"
            console.print(f"         [dim]{escape(told)}[/]", highlight=False)


def _print_differences(console: Console, found: Robustness) -> None:
    from scenarios.plan_words import number_told
    from scenarios.robustness.figures import OF_ARRIVALS

    quiet = () if found.uncertainty.arrivals else tuple(figure.name for figure in OF_ARRIVALS)
    rows = found.differences[~found.differences["metric"].isin(quiet)]
    for row in rows.to_dict("records"):
        mean, low, high = (number_told(row[name], row["unit"]) for name in ("mean", "low", "high"))
        unit = f" {found.currency}" if row["unit"] == "money" else ""
        console.print(
            f"{row['title']}: {row['plan']} against {row['against']}: {mean}{unit} on average "
            f"(95 % confidence {low} to {high}); more in {row['more']:.1%} of the draws, "
            f"less in {row['less']:.1%}.",
            highlight=False,
            markup=False,
        )

"""`fairlead recommend`: ranked reps for new leads."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.console import output, print_json
from api.cli.load import load
from api.cli.options import AsJson, CompanyDir, PlanDir

if TYPE_CHECKING:
    from rich.console import Console

    from planner.recommending.ranking import Ranking

PAID_SHOWN = 3


def recommend(
    directory: CompanyDir,
    plan_directory: PlanDir,
    lead: Annotated[
        Path,
        typer.Option("--lead", help="CSV or Parquet with the new leads; columns as in leads."),
    ],
    top: Annotated[int, typer.Option("--top", min=1, help="How many reps to show per lead.")] = 5,
    expect: Annotated[
        float | None,
        typer.Option(
            "--expect",
            min=0,
            help="Price the room for so many leads still to come, 0 for as many as the reserve is "
            "kept for; the plan's own prices if not given.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Rank reps for new leads by the plan's prices, without solving again.

    Each lead is looked at as if it came alone. The room is that of the limits without the reserve.

    Example: [bold]fairlead recommend acme acme/plan --lead new.csv --top 3[/]
    """
    import json
    from dataclasses import asdict

    from models.files.new_leads import read_new_leads
    from models.files.plan_files import read_plan
    from planner.planned import Planned
    from planner.recommend import Recommender

    plan = read_plan(plan_directory)
    snapshot, rules, _ = load(directory, plan_directory / "policy.yaml")
    recommender = Recommender(Planned(snapshot, rules, plan))
    new = read_new_leads(lead, snapshot, keep=rules.columns()["leads"])
    if expect is not None:
        recommender.expect(expect or None)
    rankings = recommender.rank_all(new, top)
    if as_json:
        # JSON has no infinity: a lead that must have a rep has no score without one.
        records = [asdict(ranking) for ranking in rankings]
        for record in records:
            record["nobody"] = None if record["nobody"] == float("-inf") else record["nobody"]
        print_json(json.dumps(records, indent=2))
        return
    console = output()
    for ranking in rankings:
        _print_ranking(console, ranking, plan.record.currency)


def _print_ranking(console: Console, ranking: Ranking, currency: str) -> None:
    """Print who should have a lead and why, and the reps as a table."""
    from rich.markup import escape
    from rich.table import Table

    who = "the pool" if ranking.rep_id is None else ranking.rep_id
    noun = "rep" if ranking.num_eligible == 1 else "reps"
    console.print(
        f"[bold]{escape(ranking.lead_id)}[/] to [bold]{escape(who)}[/]: "
        f"{_words(ranking.reason)} ({ranking.num_eligible:,} eligible {noun})",
        highlight=False,
    )
    for note in ranking.notes:
        console.print(f"[yellow]{escape(note)}[/]", highlight=False)
    if not ranking.reps:
        return
    table = Table(box=None, pad_edge=False)
    for name in ("rep", "expected value", "score", "prices", f"net {currency}", "why"):
        table.add_column(name, justify="left" if name in ("rep", "why") else "right")
    for told in ranking.reps:
        money = (told.expected_value, told.score, sum(told.prices.values()), told.net)
        why = ", ".join(map(_words, told.reasons))
        dearest = sorted(told.prices.items(), key=lambda paid: -abs(paid[1]))[:PAID_SHOWN]
        pays = "; ".join(f"{name} {paid:,.0f}" for name, paid in dearest)
        full = f" (no room in {', '.join(told.full)})" if told.full else ""
        more = f"; pays {pays}" if pays else ""
        cells = (f"{amount:,.0f}" for amount in money)
        table.add_row(escape(told.rep_id), *cells, escape(f"{why}{full}{more}"))
    console.print(table)


def _words(code: str) -> str:
    return code.replace("_", " ")

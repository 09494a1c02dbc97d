"""Plans as a person reads them on a terminal."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pandas as pd
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from scenarios.compare import METRICS
from scenarios.plan_words import WITHOUT_REP, number_told, remarks, verdict, words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from rich.console import Console

    from models.plan import Plan

BASELINE_METRICS = (
    "expected_value", "coverage", "moves", "hours_most", "hours_gini", "value_gini", "breaches",
)  # fmt: skip
REPS_SHOWN = 12
BREACHES_SHOWN = 10
BAR = 16


def print_plan(console: Console, plan: Plan, directory: Path) -> None:
    """Print what a plan is worth, against what, how loaded the reps are, and what is proven."""
    record, kpis = plan.record, plan.record.kpis
    console.print()
    zone = ZoneInfo(record.timezone)
    starts, ends = record.starts.astimezone(zone), record.ends.astimezone(zone)
    period = f"{starts:%d %b} to {ends:%d %b %Y}, {record.timezone}"
    console.rule(Text.assemble((record.policy, "bold"), f"  {period}"))
    _print_headline(console, plan)
    _print_rules(console, plan)
    if record.baselines:
        console.print()
        console.print(_against(plan))
    console.print()
    console.print(_books(plan))
    console.print()
    if kpis.unassigned:
        reasons = plan.unassigned["reason"].value_counts()
        told = ", ".join(
            f"{count:,} {WITHOUT_REP.get(str(why), words(str(why)))}"
            for why, count in reasons.items()
        )
        console.print(f"[bold]{kpis.unassigned:,} leads without a rep[/]: {told}.", highlight=False)
    for text in record.breaches[:BREACHES_SHOWN]:
        console.print(f"[red]broken[/]  {escape(text)}", highlight=False)
    if len(record.breaches) > BREACHES_SHOWN:
        count = sum(sentence.violations for sentence in record.sentences)
        console.print(f"... {count:,} breaches in all; plan.json lists the first 100")
    seconds = ", ".join(f"{name} {value:.1f} s" for name, value in record.timings.items())
    console.print(f"[dim]{seconds}. Plan in {escape(str(directory))}[/]", highlight=False)


def _print_headline(console: Console, plan: Plan) -> None:
    record, kpis = plan.record, plan.record.kpis
    money = f"{kpis.expected_value:,.0f} {record.currency}"
    forced = f" ({kpis.forced_moves:,} must)" if kpis.forced_moves else ""
    console.print(
        f"[bold]{money}[/] expected value; {kpis.assigned:,} of {kpis.leads:,} leads have a rep "
        f"({kpis.coverage:.1%}); {kpis.moves:,} change hands{forced}.",
        highlight=False,
    )
    first, _, rest = verdict(plan).partition(":")
    if rest:
        style = "bold green" if record.feasible else "bold red"
        console.print(f"[{style}]{first}:[/]{escape(rest)}", highlight=False)


def _print_rules(console: Console, plan: Plan) -> None:
    """Print what rules cost, and where soft ones are not kept or limits give way."""
    record = plan.record
    for text in remarks(plan):
        console.print(text, highlight=False, markup=False)
    for sentence in record.sentences if record.feasible else ():
        if not sentence.kept:
            console.print(
                f"[yellow]at a cost[/]  {sentence.violations:,} outside, by "
                f"{sentence.amount:,.2f} in all: {escape(sentence.text)}",
                highlight=False,
            )


def _against(plan: Plan) -> Table:
    record = plan.record
    table = Table(title="Against simple policies", title_justify="left", box=None, pad_edge=False)
    table.add_column("")
    columns = ["expected value", "of the plan", "leads with a rep", "moves"]
    rows = {"this plan": record.kpis, **record.baselines}
    any_broken = any(kpis.limits_broken for kpis in record.baselines.values())
    for column in (*columns, *(["limits broken"] if any_broken else [])):
        table.add_column(column, justify="right")
    for name, kpis in rows.items():
        share = (
            kpis.expected_value / record.kpis.expected_value if record.kpis.expected_value else 0
        )
        table.add_row(
            words(name),
            f"{kpis.expected_value:,.0f}",
            f"{share:.1%}",
            f"{kpis.coverage:.1%}",
            f"{kpis.moves:,}",
            *([f"{kpis.limits_broken or 0:,}"] if any_broken else []),
            style="bold" if name == "this plan" else "",
        )
    return table


def _books(plan: Plan) -> Table:
    """Return the fullest and the emptiest books: leads, expected value, the main limit as a bar."""
    limits = [c.removesuffix(" limit") for c in plan.reps.columns if c.endswith(" limit")]
    title = "Books, fullest first"
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("rep")
    table.add_column("team", overflow="ellipsis", no_wrap=True, max_width=24)
    table.add_column("leads", justify="right")
    table.add_column("expected value", justify="right")
    main = "effort_hours" if "effort_hours" in limits else (limits[0] if limits else None)
    raised = plan.record.settled.effective_limits.get(main or "", {})
    if main:
        unit = "hours in the period" if main == "effort_hours" else words(main)
        table.add_column(f"{unit}, of limit", no_wrap=True)
        more = "one more hour a week" if main == "effort_hours" else "one more lead"
        table.add_column(f"price of {more}", justify="right")
    for row in _shown(plan.reps[plan.reps["active"]], main):
        if row is None:
            table.add_row("...")
            continue
        cells: list[str | Text] = [
            escape(str(row["rep_id"])),
            escape(str(row["team"])) if pd.notna(row["team"]) else "",
            f"{row['count']:,.0f}",
            f"{row['expected_value']:,.0f}",
        ]
        if main:
            bar = _bar(row[main], row[f"{main} limit"])
            # Where the limit is only today's load, no room is for sale.
            is_raised = str(row["rep_id"]) in raised
            price = "over its limit today" if is_raised else f"{row[f'{main} price']:,.0f}"
            cells += [bar, price]
        table.add_row(*cells)
    return table


def _shown(reps: pd.DataFrame, main: str | None) -> list[pd.Series | None]:
    if main:
        limit = reps[f"{main} limit"]
        fullness = (reps[main] / limit.where(limit > 0)).fillna(0.0)
        reps = reps.loc[fullness.sort_values(ascending=False, kind="stable").index]
    rows: list[pd.Series | None] = [row for _, row in reps.iterrows()]
    if len(rows) <= REPS_SHOWN:
        return rows
    half = REPS_SHOWN // 2
    return [*rows[:half], None, *rows[-half:]]


def _bar(load: float, limit: float) -> Text:
    share = min(load / limit, 1.0) if limit > 0 else 1.0
    filled = round(share * BAR)
    colour = "red" if load > limit * (1 + 1e-6) else "green" if share < 0.98 else "yellow"
    bar = Text("█" * filled, style=colour) + Text("░" * (BAR - filled), style="dim")
    return bar + Text(f" {load:,.4g} / {limit:,.4g}")


def print_baselines(console: Console, plans: Mapping[str, Plan]) -> None:
    """Print one row per plan, one column per metric that tells simple policies apart."""
    metrics = [metric for metric in METRICS if metric.name in BASELINE_METRICS]
    table = Table(box=None, pad_edge=False)
    table.add_column("", no_wrap=True)
    for metric in metrics:
        table.add_column(metric.title, justify="right")
    for name, plan in plans.items():
        table.add_row(name, *(number_told(each.read(plan.record), each.unit) for each in metrics))
    console.print(table)


def told_delta(value: float | None, unit: str, better: str) -> str:
    """Return a difference for people, green where it is better; "" where there is none.

    Shares differ by percentage points.
    """
    if value is None or math.isnan(value) or value == 0:
        return ""
    text = f"{100 * value:.2f} pp" if unit == "share" else number_told(value, unit)
    text = text if text.startswith("-") else f"+{text}"
    if not better:
        return text
    good = (value > 0) == (better == "more")
    return f"[green]{text}[/]" if good else f"[red]{text}[/]"

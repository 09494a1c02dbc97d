"""Scenarios and the effects of their changes as a person reads them on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from rich.markup import escape
from rich.table import Table

from api.cli.summary import told_delta
from scenarios.compare import METRICS
from scenarios.plan_words import number_told
from scenarios.what_if.effects import CHANGE, EFFECTS, UNCERTAINTY
from scenarios.what_if.run_many import SOLVED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console

    from scenarios.compare import Metric

LEAST_MONEY = 1.0
SENTENCE_WIDTH, NUMBER_WIDTH = 24, 10
SHOWN = ("expected_value", "coverage", "moves", "value_gini", "gap")


def print_scenarios(console: Console, frame: pd.DataFrame) -> None:
    """Print one row per scenario, with what differs from the base."""
    metrics = [metric for metric in METRICS if metric.name in SHOWN]
    table = Table(box=None, pad_edge=False)
    table.add_column("scenario")
    for metric in metrics:
        table.add_column(metric.title, justify="right")
    first = frame.iloc[0]
    for _, row in frame.iterrows():
        cells = []
        for metric in metrics:
            text = number_told(row[metric.name], metric.unit)
            still_open = row["gap_money"] + first["gap_money"]
            delta = _told(metric, row[metric.name] - first[metric.name], still_open)
            cells.append(f"{text} {delta}".rstrip())
        table.add_row(escape(str(row["scenario"])), *cells)
    console.print(table)
    solved = frame[frame["status"] == SOLVED]
    widest = float((solved["gap_money"] + first["gap_money"]).iloc[1:].max())
    if widest > LEAST_MONEY:
        console.print(
            f"[dim]Each plan is within its gap of the best one: differences of less than "
            f"{widest:,.0f} may come from solving alone. Solve longer to tell them apart.[/]",
            highlight=False,
        )
    for _, row in frame.iterrows():
        if row["detail"]:
            console.print(
                f"[red]{escape(str(row['scenario']))}[/]  {escape(str(row['detail']))}",
                highlight=False,
            )


def print_effects(console: Console, scenario: str, effects: pd.DataFrame) -> None:
    """Print what each change of a scenario does, what they do together, and how sure that is."""
    metrics = [metric for metric in METRICS if metric.name in EFFECTS]
    console.print(
        f"\n[bold]What each change of {escape(scenario)} does[/], all others being made",
        highlight=False,
    )
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    table.add_column("change", min_width=SENTENCE_WIDTH)
    for metric in metrics:
        if metric.unit == "money":
            table.add_column(metric.title, justify="right", no_wrap=True)
            table.add_column("gaps", justify="right", style="dim", no_wrap=True)
        else:
            table.add_column(metric.title, justify="right", max_width=NUMBER_WIDTH)
    for _, row in effects.iterrows():
        is_change = row["part"] == CHANGE
        table.add_row(
            str(row["number"]) if is_change else "",
            escape(str(row["sentence"])),
            *_effects(row, metrics),
            style="" if is_change else "bold",
        )
    console.print(table)
    for _, row in effects[(effects["part"] == CHANGE) & (effects["status"] != SOLVED)].iterrows():
        detail = " ".join(str(row["detail"]).split())
        console.print(
            f"[yellow]Without change {row['number']} there is no plan[/], so what it does counts "
            f"as interplay ({row['status']}): {escape(detail)}",
            highlight=False,
        )


def _effects(row: pd.Series, metrics: Sequence[Metric]) -> Iterator[str]:
    """Yield what a change does to each metric, after money the gaps; nothing where unknown."""
    for metric in metrics:
        yield _told(metric, row[metric.name], row[UNCERTAINTY])
        if metric.unit == "money":
            is_known = pd.notna(row[UNCERTAINTY])
            yield f"± {number_told(row[UNCERTAINTY], metric.unit)}" if is_known else ""


def _told(metric: Metric, difference: float, still_open: float) -> str:
    """Return a difference for people.

    Money that a longer solve may still bring is neither good nor bad news, so it has no colour.
    """
    is_open = metric.gap_counts and abs(difference) <= still_open
    return told_delta(difference, metric.unit, "" if is_open else metric.better)

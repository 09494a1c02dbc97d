"""Plans side by side as a person reads them on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from rich.markup import escape
from rich.table import Table

from api.cli.summary import told_delta
from scenarios.compare import Mark, handovers, kpi_table
from scenarios.plan_words import number_told

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

    from models.plan import Plan

HANDOVERS_SHOWN = 5
COLOURS = {
    Mark.BETTER: "green",
    Mark.WORSE: "red",
    Mark.SAME: "dim",
    Mark.WITHIN_GAP: "yellow",
    Mark.NONE: "dim",
}
TWO = 2
BETTER = {
    "count": "",
    "leads": "",
    "assigned": "more",
    "coverage": "more",
    "effort_hours": "",
    "expected_value": "",
    "moves": "less",
}
"""Figures of groups, and which way they are better; a load is not: one book's is another's."""
UNITS = {"coverage": "share", "effort_hours": "hours", "expected_value": "money"}
"""Units of these figures; leads if not named."""


def print_kpis(console: Console, plans: Mapping[str, Plan]) -> None:
    """Print one row per metric, one column per plan, deltas against the first."""
    currency = next(iter(plans.values())).record.currency
    print_metrics(console, kpi_table(plans), list(plans), currency)


def print_metrics(
    console: Console, frame: pd.DataFrame, names: Sequence[str], currency: str
) -> None:
    """Print a table of metrics with its marks.

    Beside the second of two plans there is room for its delta; more plans have theirs below.
    """
    table = Table(box=None, pad_edge=False)
    table.add_column(f"money in {currency}", no_wrap=True, header_style="dim")
    first, *others = names
    table.add_column(escape(first), justify="right")
    for name in others:
        table.add_column(escape(name), justify="right")
        if len(names) == TWO:
            table.add_column("delta")
    for _, row in frame.iterrows():
        cells = [row["title"], number_told(row[first], row["unit"])]
        for name in others:
            delta = _marked(row[f"{name} delta"], row["unit"], Mark(row[f"{name} mark"]))
            value = number_told(row[name], row["unit"])
            cells += [value, delta] if len(names) == TWO else [f"{value}\n{delta}".rstrip()]
        table.add_row(*cells)
    console.print(table)


def print_groups(console: Console, frame: pd.DataFrame, by: str, currency: str) -> None:
    """Print a table of groups, as `scenarios.compare.group_table` returns it: a line per plan."""
    figures = [figure for figure in BETTER if f"{figure} delta" in frame]
    console.print()
    table = Table(box=None, pad_edge=False)
    table.add_column(by)
    table.add_column("plan", overflow="fold")
    for figure in figures:
        money = f", {currency}" if figure == "expected_value" else ""
        table.add_column(f"{figure.replace('_', ' ')}{money}", justify="right")
    books = [name for name in ("gained", "lost") if name in frame]
    for name in books:
        table.add_column(name, justify="right")
    before = None
    for _, row in frame.iterrows():
        is_first = row["group"] != before
        before = row["group"]
        table.add_row(
            escape(str(row["group"]) or "(empty)") if is_first else "",
            escape(str(row["plan"])),
            *(_figure(row, figure) for figure in figures),
            *(f"{row[name]:,.0f}" if row[name] else "" for name in books),
        )
    console.print(table)


def print_moves(console: Console, names: tuple[str, str], moves: pd.DataFrame, shown: int) -> None:
    """Print how many leads have another rep in a second plan, between whom, and the most valuable.

    Parameters
    ----------
    moves : as `scenarios.compare.moves_between` returns them
    shown : how many of them to print
    """
    console.print()
    console.print(
        f"[bold]{len(moves):,} leads have another rep[/] in {escape(names[1])} "
        f"than in {escape(names[0])}.",
        highlight=False,
    )
    if len(moves) and shown:
        _print_handovers(console, handovers(moves))
        console.print()
        _print_largest(console, moves, shown)


def _print_handovers(console: Console, summed: pd.DataFrame) -> None:
    table = Table(box=None, pad_edge=False)
    for name in ("from", "to"):
        table.add_column(name)
    for name in ("leads", "expected value", "change"):
        table.add_column(name, justify="right")
    for _, row in summed[:HANDOVERS_SHOWN].iterrows():
        table.add_row(*_from_to(row), f"{row['leads']:,}", *_values(row))
    console.print(table)
    if len(summed) > HANDOVERS_SHOWN:
        more = len(summed) - HANDOVERS_SHOWN
        console.print(f"... and {more:,} more such pairs of reps", highlight=False)


def _print_largest(console: Console, moves: pd.DataFrame, shown: int) -> None:
    table = Table(box=None, pad_edge=False)
    for name in ("lead", "from", "to"):
        table.add_column(name)
    for name in ("expected value", "change"):
        table.add_column(name, justify="right")
    for name in ("owner", "reason"):
        table.add_column(name)
    largest = moves["difference"].abs().sort_values(ascending=False, kind="stable").index[:shown]
    for _, row in moves.loc[largest].iterrows():
        owner = escape(row["owner"]) if isinstance(row["owner"], str) else ""
        reason = str(row["reason"]).replace("_", " ")
        table.add_row(escape(str(row["lead_id"])), *_from_to(row), *_values(row), owner, reason)
    console.print(table)
    if len(moves) > shown:
        more = len(moves) - shown
        console.print(f"... and {more:,} more; `--json` lists all of them", highlight=False)


def _marked(delta: float | None, unit: str, mark: Mark) -> str:
    """Return a difference with what it means in a word, in the word's colour."""
    told = told_delta(delta, unit, "")
    return f"[{COLOURS[mark]}]{f'{told} {mark}'.strip()}[/]" if told else ""


def _figure(row: pd.Series, figure: str) -> str:
    """Return a figure of a group, of its limit, with its difference from the first plan."""
    unit = UNITS.get(figure, "leads")
    told = number_told(row[figure], unit)
    limit = row.get(f"{figure} limit")
    if limit is not None and pd.notna(limit):
        told += f" of {number_told(limit, unit)}"
    return f"{told} {told_delta(row[f'{figure} delta'], unit, BETTER[figure])}".rstrip()


def _from_to(row: pd.Series) -> tuple[str, str]:
    before, after = (
        escape(rep) if isinstance(rep := row[name], str) else "nobody"
        for name in ("rep_id_before", "rep_id_after")
    )
    return before, after


def _values(row: pd.Series) -> tuple[str, str]:
    return (
        f"{row['expected_value_before']:,.0f} -> {row['expected_value_after']:,.0f}",
        told_delta(row["difference"], "money", "more"),
    )

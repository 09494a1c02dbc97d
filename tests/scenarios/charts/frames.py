"""Frames of any size for every chart, made by hand: no plan is solved for them."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from scenarios.charts.books import books_chart
from scenarios.charts.context import Context
from scenarios.charts.convergence import convergence_chart
from scenarios.charts.distribution import distribution_chart, distribution_frame
from scenarios.charts.flows import flows_chart
from scenarios.charts.frontier import efficient, frontier_chart
from scenarios.charts.prices import prices_chart
from scenarios.charts.trend import trend_chart, trend_frame
from scenarios.charts.values import values_chart

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import altair as alt

CONTEXT = Context("USD", "23 to 29 November 2026")
HOURS = 40.0
SHARES = (1.0, 0.3, 0.99, 1.1, 0.7)
"""Parts of their limits that reps hold, in turn."""


class Case(NamedTuple):
    """A chart and what makes a frame of so many reps, or plans, for it."""

    frame: Callable[[Sequence[str]], pd.DataFrame]
    chart: Callable[[pd.DataFrame, Context], alt.Chart | alt.LayerChart]


def ids(number: int) -> list[str]:
    """Return so many ids."""
    return [f"R{at:04d}" for at in range(number)]


def book_states(frame: pd.DataFrame) -> pd.Series:
    """Return the state of each book, rule by rule."""

    def state(row: pd.Series) -> str:
        if row["load"] > row["limit"] * (1 + 1e-6):
            return "over"
        if row["load"] >= 0.98 * row["limit"]:
            return "full"
        if row["load"] > row["high"] * (1 + 1e-6):
            return "above"
        return "below" if row["load"] < row["low"] / (1 + 1e-6) else "room"

    return frame.apply(state, axis=1) if len(frame) else pd.Series(dtype=object)


def books(names: Sequence[str], *, limit: bool = True, band: bool = False) -> pd.DataFrame:
    """Return books of 40 hours, some full, some over."""
    share = np.resize(SHARES, len(names))
    load = HOURS * share
    frame = pd.DataFrame(
        {
            "rep": list(names),
            "team": [f"T{at % 3}" for at in range(len(names))],
            "load": load,
            "limit": HOURS if limit else np.nan,
            "low": 0.8 * HOURS if band else np.nan,
            "high": HOURS if band else np.nan,
            "is_held": False,
        }
    )
    known = limit or band
    frame["share"] = load / (HOURS if limit else 0.9 * HOURS) if known else np.nan
    frame["of"] = "limit" if limit else "fair share" if band else ""
    frame["state"] = book_states(frame).to_numpy()
    return frame.sort_values(["share", "load"], ascending=False, ignore_index=True)


def values(names: Sequence[str], plans: Sequence[str] = ("one", "two")) -> pd.DataFrame:
    """Return what groups bring, at most twelve and the others."""
    own = list(names)[:12]
    groups = own + ([f"{len(names) - 12:,} others"] if len(names) > 12 else [])
    rows = [
        (group, plan, 1e6 / (at + 1) * (1 + 0.1 * number), at >= 12)
        for at, group in enumerate(groups)
        for number, plan in enumerate(plans)
    ]
    return pd.DataFrame(rows, columns=["group", "plan", "value", "is_rest"])


def flows(names: Sequence[str]) -> pd.DataFrame:
    """Return a ring of givers and takers, at most 15 and the others."""
    shown = list(names)[:15] + (["all others"] if len(names) > 15 else [])
    rows = [
        (name, shown[(at + 1) % len(shown)], at + 1, 1e4 * (at + 1), 0)
        for at, name in enumerate(shown)
    ]
    rows += [(name, "nobody", 2, 0.0, 0) for name in shown]
    frame = pd.DataFrame(rows, columns=["giver", "taker", "leads", "value", "within"])
    return frame.assign(by="rep" if len(names) <= 15 else "team")


def prices(names: Sequence[str]) -> pd.DataFrame:
    """Return prices of two limits; every third rep has none."""
    parts = [
        pd.DataFrame(
            {
                "rep": list(names),
                "team": [f"T{at % 40}" for at in range(len(names))],
                "limit": limit,
                "price": [float(at % 3) * 100 * scale for at in range(1, len(names) + 1)],
                "unit": unit,
            }
        )
        for limit, unit, scale in (
            ("effort_hours", "hour a week", 1.0),
            ("count where grade is A", "lead", 0.1),
        )
    ]
    return pd.concat(parts, ignore_index=True)


def frontier(names: Sequence[str]) -> pd.DataFrame:
    """Return plans whose value rises with their moves, every fifth one worse than it could be."""
    moves = np.arange(len(names), dtype=float)
    value = 1e6 * (2 - np.exp(-moves / max(len(names) / 4, 1)))
    value = np.where(moves % 5 == 4, value * 0.9, value)
    frame = pd.DataFrame({"name": list(names), "value": value, "cost": moves})
    frame["is_efficient"] = efficient(frame["value"], frame["cost"])
    return frame.assign(is_knee=frame.index == len(names) // 3)


def trend(names: Sequence[str]) -> pd.DataFrame:
    """Return a week for each name, of a plan and what was recorded."""
    first = date(2026, 1, 5)
    series = {
        name: {first + timedelta(weeks=at): level * (1 + at % 4 / 10) for at in range(len(names))}
        for name, level in (("plan", 1.1e6), ("recorded", 1e6))
    }
    return trend_frame(series)


def convergence(names: Sequence[str]) -> pd.DataFrame:
    """Return as many improvements."""
    number = len(names)
    steps = np.arange(1, number + 1, dtype=float)
    frame = pd.DataFrame(
        {"seconds": steps, "objective": 1e6 * (1 - 0.1 / steps), "bound": 1e6 * (1 + 0.2 / steps)}
    )
    return frame.assign(whole=1e6)


def distribution(names: Sequence[str]) -> pd.DataFrame:
    """Return a draw for each name, of two plans."""
    random = np.random.default_rng(3)
    draws = random.normal(1e6, 1e5, len(names))
    return distribution_frame({"one": list(draws), "two": list(draws * 1.02)})


CASES = {
    "books": Case(books, books_chart),
    "books in a band": Case(
        partial(books, limit=False, band=True),
        lambda frame, context: books_chart(frame, context, "expected_value"),
    ),
    "books without limits": Case(
        partial(books, limit=False), lambda frame, context: books_chart(frame, context, "count")
    ),
    "values": Case(values, values_chart),
    "values of a plan": Case(partial(values, plans=("one",)), values_chart),
    "flows": Case(flows, flows_chart),
    "prices": Case(prices, prices_chart),
    "frontier": Case(frontier, frontier_chart),
    "trend": Case(trend, trend_chart),
    "convergence": Case(convergence, convergence_chart),
    "distribution": Case(distribution, distribution_chart),
}

"""What plans come to over many random draws: how far a number spreads, and who is ahead."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import numpy as np
import pandas as pd

from scenarios.charts.theme import (
    INK,
    NORMAL,
    SERIES,
    WIDTH,
    colours,
    inline,
    layered,
    names,
    number_axis,
    statement,
    themed,
    told_apart,
)
from scenarios.charts.words import (
    MONEY,
    difference,
    name_text,
    percent,
    sentence,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scenarios.charts.context import Context

LOW, MIDDLE, HIGH = 0.05, 0.5, 0.95
LINES_AT_MOST = 200
"""Of more draws than these, so many quantiles are drawn in their place."""
ROW = 74
MARGIN = 0.05


def distribution_frame(values: Mapping[str, Sequence[float]]) -> pd.DataFrame:
    """Return one row per plan and draw: plan, draw, value.

    Parameters
    ----------
    values : of each plan, by its name, the value in each draw; all in the order of the draws
    """
    rows = [
        (plan, draw, float(value)) for plan, own in values.items() for draw, value in enumerate(own)
    ]
    return pd.DataFrame(rows, columns=["plan", "draw", "value"])


def distribution_chart(
    frame: pd.DataFrame, context: Context, what: str = "Expected value", unit: str = MONEY
) -> alt.Chart | alt.LayerChart:
    """Return a strip for each plan: a line per draw, 5 to 95 % as a bar, the median as a diamond.

    Parameters
    ----------
    frame : plan, draw, value; draws of one number are the same for all plans
    what, unit : the number, and its unit; money stands for the currency

    Raises
    ------
    UsageError : more plans than a person can tell apart
    """
    frame = frame.dropna(subset=["value"])
    plans = told_apart(frame["plan"], "plans")
    if frame["draw"].nunique() < 2:
        return _too_few(frame, what, unit, context)
    marks = _summary(frame, plans, unit, context)
    lines = _thinned(frame)
    chart = layered(_layers(lines, marks, plans, context.unit_title(unit)), WIDTH, ROW * len(plans))
    measure = ", ".join(filter(None, (what, context.unit_title(unit))))
    drawn = "draws" if len(lines) == len(frame) else f"{LINES_AT_MOST} quantiles of the draws"
    told = [
        f"{measure}, in {frame['draw'].nunique():,} random draws",
        f"Thin lines: {drawn}; bar: nine draws of ten (5 to 95 %); diamond: the median.",
    ]
    return themed(chart, _title(frame, marks, what, unit, context), told)


def _layers(
    lines: pd.DataFrame, marks: pd.DataFrame, plans: list[str], unit_title: str | None
) -> list[alt.Chart]:
    least, most = float(lines["value"].min()), float(lines["value"].max())
    margin = MARGIN * ((most - least) or abs(most) or 1.0)
    scale = alt.Scale(domain=[least - margin, most + margin], nice=False, zero=False)

    def across(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=scale, axis=number_axis(unit_title))

    colour = alt.Color("plan:N", scale=colours(dict(zip(plans, SERIES, strict=False))), legend=None)
    draws, each = (
        alt.Chart(inline(rows)).encode(y=names("plan", plans)) for rows in (lines, marks)
    )
    return [
        draws.mark_tick(thickness=1, size=22, opacity=0.35, yOffset=12).encode(
            x=across("value"), color=colour
        ),
        each.mark_rule(strokeWidth=5, yOffset=-8).encode(
            x=across("low"), x2="high:Q", color=colour
        ),
        each.mark_point(
            shape="diamond", filled=True, size=110, opacity=1, color=INK, yOffset=-8
        ).encode(x=across("middle")),
        each.mark_text(dy=-20, fontSize=NORMAL).encode(x=across("middle"), text="label:N"),
    ]


def _summary(frame: pd.DataFrame, plans: list[str], unit: str, context: Context) -> pd.DataFrame:
    """Return low, middle and high of each plan, and what stands over the middle."""
    found = (
        frame.groupby("plan")["value"].quantile(np.array([LOW, MIDDLE, HIGH])).unstack().loc[plans]
    )
    found.columns = ["low", "middle", "high"]
    found["label"] = [context.told(float(middle), unit) for middle in found["middle"]]
    return found.reset_index()


def _thinned(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the values to draw: all of few, else evenly spaced quantiles."""
    parts = []
    for plan, own in frame.groupby("plan", sort=False):
        values = own["value"].to_numpy()
        if len(values) > LINES_AT_MOST:
            values = np.quantile(values, np.linspace(0, 1, LINES_AT_MOST))
        parts.append(pd.DataFrame({"plan": plan, "value": values}))
    return pd.concat(parts, ignore_index=True)


def _title(frame: pd.DataFrame, marks: pd.DataFrame, what: str, unit: str, context: Context) -> str:
    if len(marks) == 1:
        only = marks.iloc[0]
        low, high = (context.told(float(only[end]), unit) for end in ("low", "high"))
        of = f"{what.lower()} of {name_text(only['plan'])}"
        return sentence(f"{of} is {low} to {high} in nine draws of ten")
    best, second = (
        marks.sort_values("middle", ascending=False, kind="stable").iloc[:2].to_dict("records")
    )
    how = difference(best["middle"], second["middle"])
    title = f"the median of {name_text(best['plan'])} is {how} that of {name_text(second['plan'])}"
    by_draw = frame.pivot_table(index="draw", columns="plan", values="value")
    both = by_draw[[best["plan"], second["plan"]]].dropna()
    if len(both):
        ahead = float((both[best["plan"]] > both[second["plan"]]).mean())
        title += f"; it is higher in {percent(ahead)} of the draws"
    return sentence(title)


def _too_few(frame: pd.DataFrame, what: str, unit: str, context: Context) -> alt.Chart:
    if frame.empty:
        return statement("No draw was made", f"There is no {what.lower()} to draw.")
    told = "; ".join(
        f"{name_text(plan)} {context.told(float(value), unit)}"
        for plan, value in zip(frame["plan"], frame["value"], strict=True)
    )
    return statement("One draw shows no spread", f"{what}: {told}.")

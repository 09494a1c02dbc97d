"""A number over weeks, a line for each series, named at its end."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd

from scenarios.charts.theme import (
    HEIGHT,
    NORMAL,
    SERIES,
    SERIES_TEXT,
    SHAPES,
    WIDTH,
    colours,
    inline,
    layered,
    number_axis,
    statement,
    themed,
    told_apart,
)
from scenarios.charts.words import (
    MONEY,
    counted,
    difference,
    name_text,
    sentence,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scenarios.charts.context import Context

LINE = 16
"""The least distance of two labels, pixels."""
TICKS = 8
DAYS_WITHOUT_YEAR = 330
"""Of longer times a day and a month would not tell which year."""
POINTS_AT_MOST = 30
"""Of more weeks than these the points would hide the lines."""
MARGIN = 0.06


def trend_frame(series: Mapping[str, Mapping[Any, float]]) -> pd.DataFrame:
    """Return one row per series and week: week, series, value; a missing week is left out.

    Parameters
    ----------
    series : by its name, the value of each week; weeks are dates or numbers
    """
    rows = [
        (week, name, float(value))
        for name, values in series.items()
        for week, value in values.items()
    ]
    return pd.DataFrame(rows, columns=["week", "series", "value"])


def trend_chart(
    frame: pd.DataFrame, context: Context, what: str = "Expected value", unit: str = MONEY
) -> alt.Chart | alt.LayerChart:
    """Return the lines, each named at its end; the first series is what the others are told by.

    Parameters
    ----------
    frame : week (dates or numbers), series, value
    what, unit : the number, and its unit; money stands for the currency

    Raises
    ------
    UsageError : more series than a person can tell apart
    """
    frame = frame.dropna(subset=["value"])
    order = told_apart(frame["series"], "series")
    weeks = frame["week"].nunique()
    if weeks < 2:
        return _too_few(frame, what, unit, context)
    frame = frame.sort_values("week", kind="stable")
    if not pd.api.types.is_numeric_dtype(frame["week"]):
        frame = frame.assign(week=pd.to_datetime(frame["week"]))
    low, high = _range(frame["value"])
    chart = layered(_layers(frame, order, (low, high), unit, context), WIDTH, HEIGHT)
    unit_title = context.unit_title(unit)
    told = [f"{what}, {unit_title}, by week" if unit_title else f"{what}, by week"]
    if low > 0:
        told.append(f"The scale begins at {context.told(low, unit)}, not at zero.")
    return themed(chart, _title(frame, order, what, unit, context), told)


def _layers(
    frame: pd.DataFrame, order: list[str], ends: tuple[float, float], unit: str, context: Context
) -> list[alt.Chart]:
    """Return lines, points and labels; `ends` are those of the scale."""
    x = _weeks(frame["week"])
    scale = alt.Scale(domain=list(ends), nice=False, zero=False)

    def up(field: str) -> alt.Y:
        return alt.Y(f"{field}:Q", scale=scale, axis=number_axis(context.unit_title(unit)))

    colour = alt.Color(
        "series:N", scale=colours(dict(zip(order, SERIES, strict=False))), legend=None
    )
    tones = dict(zip(order, SERIES_TEXT, strict=False))
    named = _labels(frame, ends, unit, context)
    named = named.assign(tone=named["series"].map(tones))
    shape = alt.Shape(
        "series:N", scale=alt.Scale(domain=order, range=list(SHAPES[: len(order)])), legend=None
    )
    few = frame["week"].nunique() <= POINTS_AT_MOST
    marked = frame if few else frame.groupby("series", sort=False).tail(1)
    lines, points, labels = (alt.Chart(inline(rows)).encode(x=x) for rows in (frame, marked, named))
    return [
        lines.mark_line(strokeWidth=2).encode(y=up("value"), color=colour),
        points.mark_point(filled=True, size=42, opacity=1).encode(
            y=up("value"), shape=shape, color=colour
        ),
        labels.mark_text(align="left", dx=10, fontSize=NORMAL, limit=230).encode(
            y=up("place"), text="label:N", color=alt.Color("tone:N", scale=None)
        ),
    ]


def _weeks(weeks: pd.Series) -> alt.X:
    """Return the axis of weeks, numbers or dates."""
    scale = alt.Scale(zero=False, nice=False)
    if pd.api.types.is_numeric_dtype(weeks):
        axis = alt.Axis(title="week", grid=False, tickMinStep=1, format="d")
        return alt.X("week:Q", axis=axis, scale=scale)
    spans_years = weeks.max() - weeks.min() > pd.Timedelta(days=DAYS_WITHOUT_YEAR)
    form = "%b %Y" if spans_years else "%-d %b"
    days = weeks.drop_duplicates().sort_values()
    told = [
        alt.DateTime(year=day.year, month=day.month, date=day.day)
        for day in days.iloc[:: math.ceil(len(days) / TICKS)]
    ]
    axis = alt.Axis(title=None, grid=False, values=told, labelOverlap=True, format=form)
    return alt.X("week:T", axis=axis, scale=scale)


def _range(values: pd.Series) -> tuple[float, float]:
    """Return the ends of the scale: from zero, unless all values lie far above it."""
    least, most = float(values.min()), float(values.max())
    margin = MARGIN * ((most - least) or abs(most) or 1.0)
    low = least - margin if least > most / 2 or least < 0 else 0.0
    return low, most + margin


def _labels(
    frame: pd.DataFrame, ends: tuple[float, float], unit: str, context: Context
) -> pd.DataFrame:
    """Return the last point of each series with its label and the height where that stands."""
    last = frame.groupby("series", sort=False).tail(1).sort_values("value", kind="stable")
    low, high = ends
    places = apart(last["value"].tolist(), LINE * (high - low) / HEIGHT, high)
    labels = [
        f"{name_text(series)} {context.told(value, unit)}"
        for series, value in zip(last["series"], last["value"], strict=True)
    ]
    return last.assign(place=places, label=labels, week=frame["week"].max())


def apart(values: Sequence[float], step: float, highest: float) -> list[float]:
    """Return rising places near rising values, a step apart at least, none above the highest.

    Each is lifted to where the one below it leaves room; what is then too high comes down again,
    and what is below it makes way.
    """
    places: list[float] = []
    for value in values:
        places.append(max(value, places[-1] + step) if places else value)
    for at in reversed(range(len(places))):
        places[at] = min(places[at], highest)
        highest = places[at] - step
    return places


def _title(frame: pd.DataFrame, order: list[str], what: str, unit: str, context: Context) -> str:
    weeks = counted(frame["week"].nunique(), "week")
    own = frame[frame["series"] == order[0]]
    name = name_text(order[0])
    if len(order) == 1:
        first, last = (context.told(float(own["value"].iloc[at]), unit) for at in (0, -1))
        return sentence(f"{what.lower()} of {name} goes from {first} to {last} in {weeks}")
    told = []
    for other in order[1:3]:
        both = own.merge(frame[frame["series"] == other], on="week", suffixes=("", "_other"))
        if len(both):
            mean, beside = float(both["value"].mean()), float(both["value_other"].mean())
            told.append(f"{difference(mean, beside)} {name_text(other)}")
    if not told:
        return f"{what} of {len(order)} series"
    return f"{name} is on average {' and '.join(told)} over {weeks}"


def _too_few(frame: pd.DataFrame, what: str, unit: str, context: Context) -> alt.Chart:
    if frame.empty:
        return statement(f"No week has a value of {what.lower()}", "There is no trend to draw.")
    told = "; ".join(
        f"{name_text(series)} {context.told(float(value), unit)}"
        for series, value in zip(frame["series"], frame["value"], strict=True)
    )
    return statement("One week is no trend yet", f"{what}: {told}.")

"""How every chart looks, on screen and in print; nothing here is set for other charts.

Colours are those of Okabe and Ito (Color Universal Design, 2008), which people with any kind of
colour blindness can tell apart.
"""

from __future__ import annotations

import math
import re
import textwrap
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

import altair as alt
import pandas as pd

from models.errors import UsageError
from scenarios.charts.words import HEAD, LONGEST_NAME

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Drawn = TypeVar("Drawn", alt.Chart, alt.LayerChart)

BLUE, ORANGE, VERMILLION, GREEN = "#0072B2", "#E69F00", "#D55E00", "#009E73"
PURPLE, SKY, BLACK = "#CC79A7", "#56B4E9", "#000000"
SERIES = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, BLACK)
SERIES_TEXT = ("#0072B2", "#B34E00", "#007557", "#9B4474", "#8A6000", "#2B75A8", "#000000")
"""The same colours, dark enough for words on white (contrast of at least 4.5)."""
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right")
"""Of the points of a series, so that colour is never the only thing that tells it."""
INK, MUTED, GRID, PALE, FAINT = "#222222", "#5A5F66", "#E4E4E4", "#DCE6EE", "#A6ABB2"
RAMP = ("#EAF2F8", "#08519C")
"""From little to much."""
DARK_FROM = 0.55
"""The part of a ramp from which text on it is white."""

FONT = "Arial, Helvetica, sans-serif"
SMALL, NORMAL, TITLE = 11, 12, 15
WIDTH, HEIGHT = 560, 330
TALLEST = 520
"""The most that the inner part of a chart may be high, pixels."""
LABEL_WIDTH = 180
TITLE_COLUMNS, SUBTITLE_COLUMNS = 86, 112

GLUE, NO_BREAK = re.compile(r"(?<=\d) (?=[kMB%]|[A-Z]{3}\b)|(?<=\d [kMB]) (?=[A-Z]{3}\b)"), "\u00a0"

NUMBER = (
    "abs(datum.value) >= 1e9 ? format(datum.value / 1e9, ',.4~r') + ' B' : "
    "abs(datum.value) >= 1e6 ? format(datum.value / 1e6, ',.4~r') + ' M' : "
    "abs(datum.value) >= 1e3 ? format(datum.value / 1e3, ',.4~r') + ' k' : "
    "format(datum.value, ',.4~r')"
)
"""How an axis writes numbers, as `words.short` does: d3's own `s` writes 0.5 as 500m."""
NAME = (
    f"length(datum.label) > {LONGEST_NAME} ? slice(datum.label, 0, {HEAD}) + '…' + "
    f"slice(datum.label, -{LONGEST_NAME - HEAD - 1}) : datum.label"
)
"""How an axis writes names, as `words.name_text` does: ends tell long ones apart."""
PERCENT = "format(datum.value * 100, ',.4~r') + ' %'"


def told_apart(names: Iterable[str], what: str) -> list[str]:
    """Return names, each once, in their order.

    Raises
    ------
    UsageError : more than a person can tell apart
    """
    order = list(dict.fromkeys(names))
    if len(order) > len(SERIES):
        raise UsageError(
            f"a chart tells at most {len(SERIES)} {what} apart, got {len(order)}; choose some"
        )
    return order


def inline(frame: pd.DataFrame) -> alt.InlineData:
    """Return the rows of a frame as data that the chart itself carries.

    Altair would hand a frame to whatever data transformer is set, which may refuse more than
    5,000 rows, or write them to a file and leave its address in the chart.
    """
    records = [
        {str(name): _plain(cell) for name, cell in row.items()}
        for row in frame.to_dict(orient="records")
    ]
    return alt.InlineData(values=records)


def _plain(cell: Any) -> Any:
    if isinstance(cell, date):
        # Without a zone it is drawn as it stands; a bare date would be midnight in UTC.
        return pd.Timestamp(cell).strftime("%Y-%m-%dT%H:%M:%S")
    if cell is pd.NaT or cell is pd.NA or (isinstance(cell, float) and not math.isfinite(cell)):
        return None
    return cell


def names(field: str, domain: Sequence[str]) -> alt.Y:
    """Return names from top to bottom in the order given, cut where they are too long."""
    axis = alt.Axis(
        title=None, labelExpr=NAME, labelLimit=LABEL_WIDTH, ticks=False, domain=False, grid=False
    )
    return alt.Y(f"{field}:N", sort=None, scale=alt.Scale(domain=list(domain)), axis=axis)


def colours(by_name: Mapping[str, str]) -> alt.Scale:
    """Return a scale that gives each name its colour."""
    return alt.Scale(domain=list(by_name), range=list(by_name.values()))


def number_axis(title: str | None, *, grid: bool = True, expression: str = NUMBER) -> alt.Axis:
    """Return an axis of numbers."""
    return alt.Axis(title=title, labelExpr=expression, grid=grid, tickCount=6)


def row_height(rows: int, *, highest: int = 22) -> float:
    """Return how high each of so many rows may be, pixels."""
    return min(highest, TALLEST / max(rows, 1))


def layered(layers: Iterable[alt.Chart], width: float, height: float) -> alt.LayerChart:
    """Return charts over each other, the first one at the bottom; width and height in pixels."""
    chart: alt.LayerChart = alt.LayerChart(layer=list(layers)).properties(
        width=width, height=height
    )
    return chart


def wrapped(text: str, columns: int) -> list[str]:
    """Return a text in lines, in which no number stands apart from its unit."""
    lines = textwrap.wrap(GLUE.sub(NO_BREAK, text), columns)
    return [line.replace(NO_BREAK, " ") for line in lines]


def themed(chart: Drawn, title: str, subtitle: Sequence[str], description: str = "") -> Drawn:
    """Return a chart with our look.

    Parameters
    ----------
    title : the finding, a sentence; it is wrapped
    subtitle : what is measured, in which unit and period; what marks mean; each is wrapped
    description : what a person who cannot see the chart is told; the title where it is left out
    """
    below = [line for text in subtitle for line in wrapped(text, SUBTITLE_COLUMNS)]
    heading = alt.TitleParams(
        text=wrapped(title, TITLE_COLUMNS),
        subtitle=below,
        anchor="start",
        frame="bounds",
        offset=14,
        fontSize=TITLE,
        fontWeight="bold",
        color=INK,
        subtitleFontSize=NORMAL,
        subtitleColor=MUTED,
        subtitlePadding=5,
        lineHeight=19,
        subtitleLineHeight=16,
    )
    told = description or " ".join([title + ".", *subtitle])
    configured: Drawn = (
        chart.properties(title=heading, description=told, background="white", padding=12)
        .configure(font=FONT, aria=False)
        .configure_view(stroke=None)
        .configure_axis(
            labelFontSize=SMALL,
            titleFontSize=NORMAL,
            titleFontWeight="normal",
            labelColor=INK,
            titleColor=MUTED,
            gridColor=GRID,
            gridWidth=0.7,
            domainColor=FAINT,
            tickColor=FAINT,
        )
        .configure_legend(
            orient="top", title=None, labelFontSize=NORMAL, labelLimit=260, labelColor=INK
        )
        .configure_text(fontSize=SMALL, color=INK)
    )
    return configured


def statement(title: str, text: str, subtitle: Sequence[str] = ()) -> alt.Chart:
    """Return a picture in words, for where there is nothing to draw.

    Parameters
    ----------
    title : the finding
    text : why nothing is drawn, a sentence
    """
    lines = wrapped(text, SUBTITLE_COLUMNS - 18)
    chart = (
        alt.Chart(alt.InlineData(values=[{}]))
        .mark_text(align="left", baseline="top", fontSize=NORMAL + 1, lineHeight=18, color=MUTED)
        .encode(x=alt.value(0), y=alt.value(8), text=alt.value(lines))
        .properties(width=WIDTH, height=24 + 18 * len(lines))
    )
    drawn: alt.Chart = themed(chart, title, subtitle, f"{title}. {text}")
    return drawn

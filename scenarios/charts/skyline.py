"""Books of many reps: one thin column for each, the fullest first, without names below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import numpy as np
import pandas as pd

from scenarios.charts.theme import (
    FAINT,
    HEIGHT,
    INK,
    NORMAL,
    NUMBER,
    PALE,
    PERCENT,
    WIDTH,
    colours,
    inline,
    layered,
    number_axis,
    themed,
)
from scenarios.charts.words import name_text, percent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scenarios.charts.context import Context

STAND_OUT = 3
"""How many of the emptiest, and of the fullest, are named."""
SAME = 3
"""Neighbours whose height is the same to so many digits are drawn as one column."""
WIDE_ENOUGH = 0.07
"""The part of the reps from which a group has a label over it."""
STATES = {
    "over": "over the limit",
    "full": "full",
    "above": "above the band",
    "below": "below the band",
}
ROOM = {"limit": "with room", "fair share": "within the band", "": "reps"}
"""What the others are, by what their loads are parts of."""


def skyline(
    frame: pd.DataFrame,
    title: str,
    about: str,
    unit: str,
    context: Context,
    colour_of: Mapping[str, str],
) -> alt.LayerChart:
    """Return the picture.

    Parameters
    ----------
    frame : as `books.books_frame` returns it
    title, about : the finding, and what is measured when
    unit : of the loads
    colour_of : the colour of each state
    """
    is_share = bool(frame["share"].notna().any())
    heights = frame["share"] if is_share else frame["load"]
    known = frame.assign(height=heights)[heights.notna()].reset_index(drop=True)
    columns = _columns(known)
    top = float(columns["height"].max()) * 1.1 or 1.0
    whole = known["of"].iloc[0]
    axis_title = f"part of the {whole}" if is_share else context.unit_title(unit)
    axis = number_axis(axis_title, expression=PERCENT if is_share else NUMBER)
    scale = alt.Scale(domain=[0, max(top, 1.1) if is_share else top], nice=False)
    y = alt.Y("height:Q", scale=scale, axis=axis)
    x = alt.X(
        "left:Q",
        scale=alt.Scale(domain=[0, len(known)], nice=False),
        axis=number_axis("reps, the fullest first", grid=False),
    )
    state = alt.Color("state:N", scale=colours(colour_of), legend=None)
    base = alt.Chart(inline(columns)).encode(x=x, x2="right:Q", y=y)
    # Without a line of the same colour, white seams show between columns.
    city = base.mark_rect(strokeWidth=0.6).encode(
        y2=alt.datum(0), color=state, stroke=alt.Stroke("state:N", scale=colours(colour_of))
    )
    labels = _labels(known)
    words = (
        alt.Chart(inline(labels))
        .mark_text(baseline="bottom", dy=-5, fontSize=NORMAL)
        .encode(x=alt.X("at:Q"), y=alt.Y("height:Q"), text="text:N")
    )
    layers = [*_band(known), city, *_line(is_share, whole), words]
    chart = layered(layers, WIDTH + 80, HEIGHT)
    return themed(chart, title, [about, *_told(frame, known, unit, context)])


def _columns(known: pd.DataFrame) -> pd.DataFrame:
    """Return state, height, left and right of each column; equal neighbours are one."""
    height, state = known["height"].round(SAME), known["state"]
    starts = (height != height.shift()) | (state != state.shift())
    left = np.flatnonzero(starts)
    return pd.DataFrame(
        {
            "state": state.to_numpy()[left],
            "height": known["height"].to_numpy()[left],
            "left": left,
            "right": np.append(left[1:], len(known)),
        }
    )


def _labels(known: pd.DataFrame) -> pd.DataFrame:
    """Return at, height and text over the reps of each state, all at one height."""
    is_share = bool(known["of"].iloc[0])
    high = max(float(known["height"].max()), 1.0 if is_share else 0.0)
    words = STATES | {"room": ROOM[known["of"].iloc[0]]}
    rows = []
    for state, group in known.groupby("state", sort=True):
        if len(group) >= WIDE_ENOUGH * len(known):
            middle = group.index[len(group) // 2]
            text = f"{len(group):,} {words[str(state)]}"
            rows.append((float(middle), high, text))
    return pd.DataFrame(rows, columns=["at", "height", "text"])


def _band(known: pd.DataFrame) -> list[alt.Chart]:
    """Return the band as a range over all columns, where heights are parts of fair shares."""
    if known["of"].iloc[0] != "fair share":
        return []
    middle = (known["low"] + known["high"]) / 2
    ends = pd.DataFrame(
        {"low": [(known["low"] / middle).median()], "high": [(known["high"] / middle).median()]}
    )
    return [alt.Chart(inline(ends)).mark_rect(color=PALE).encode(y="low:Q", y2="high:Q")]


def _line(is_share: bool, whole: str) -> list[alt.Chart]:
    """Return the whole as a line."""
    if not is_share:
        return []
    line = alt.Chart(inline(pd.DataFrame({"height": [1.0]})))
    colour = INK if whole == "limit" else FAINT
    return [line.mark_rule(color=colour, strokeWidth=1.2).encode(y="height:Q")]


def _told(frame: pd.DataFrame, known: pd.DataFrame, unit: str, context: Context) -> list[str]:
    """Return what columns are, and who stands out."""
    told = "Each column is a rep."
    if known["of"].iloc[0] == "limit":
        told += " Black line: the limit."
    elif known["of"].iloc[0]:
        told += " Pale range: the band around the fair share."
    if len(known) < len(frame):
        told += f" {len(frame) - len(known):,} without a limit or fair share are left out."
    lines = [told, f"Emptiest: {_named(known.iloc[: -STAND_OUT - 1 : -1], unit, context)}."]
    beyond = known[known["state"].isin(("over", "above"))].head(STAND_OUT)
    if len(beyond):
        lines.append(f"Fullest: {_named(beyond, unit, context)}.")
    return lines


def _named(reps: pd.DataFrame, unit: str, context: Context) -> str:
    """Return reps by name, with what they hold."""
    told = []
    for row in reps.itertuples():
        part = f", {percent(float(row.share))}" if row.of else ""  # type: ignore[arg-type]
        load = context.told(float(row.load), unit)  # type: ignore[arg-type]
        told.append(f"{name_text(row.rep)} {load}{part}")
    return "; ".join(told)
